"""gallery-dl on one series: its own command; an option of its own names the API.

The configuration of this user is left out, and so is its pause between requests, which only the
real site needs.
"""

from __future__ import annotations

import argparse
import json
import sys
import time

BEGAN = time.perf_counter()


def main() -> None:
    parser = argparse.ArgumentParser()
    for name in ("api", "report", "manga", "into"):
        parser.add_argument(f"--{name}", required=True)
    asked = parser.parse_args()
    from gallery_dl import main as gallery_dl

    sys.argv = [
        "gallery-dl",
        *("--config-ignore", "--quiet"),
        *("--option", f"extractor.mangadex.api-server={asked.api}"),
        *("--option", "extractor.mangadex.sleep-request=0"),
        *("--directory", asked.into),
        f"https://mangadex.org/title/{asked.manga}",
    ]
    ready = time.perf_counter()
    code = gallery_dl()
    ended = time.perf_counter()
    print(json.dumps({"imports_s": ready - BEGAN, "download_s": ended - ready, "code": code}))


if __name__ == "__main__":
    main()
