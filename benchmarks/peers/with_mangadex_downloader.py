"""mangadex-downloader on one series: its own command, its HTTPS hosts led to the emulator.

It has no option for another API. Its look for a newer version of itself, which asks a site
outside, is left out: that is time it does not have to spend here.
"""

from __future__ import annotations

import argparse
import contextlib
import json
import os
import sys
import time
from typing import Any
from urllib.parse import urlsplit, urlunsplit

BEGAN = time.perf_counter()


def main() -> None:
    parser = argparse.ArgumentParser()
    for name in ("api", "report", "manga", "into"):
        parser.add_argument(f"--{name}", required=True)
    asked = parser.parse_args()
    os.environ["MANGADEXDL_CONFIG_ENABLED"] = "0"
    from mangadex_downloader import cli

    lead_hosts(asked.api, asked.report)
    cli.check_update = lambda: None
    options = ["--save-as", "raw", "--progress-bar-layout", "none", "--language", "en"]
    url = f"https://mangadex.org/title/{asked.manga}"
    code: object = None
    ready = time.perf_counter()
    with contextlib.redirect_stdout(sys.stderr):
        try:
            cli.main([url, "--path", asked.into, *options])
        except SystemExit as ending:
            code = ending.code
    ended = time.perf_counter()
    print(json.dumps({"imports_s": ready - BEGAN, "download_s": ended - ready, "code": code}))


def lead_hosts(api: str, report: str) -> None:
    """Sends what is meant for the real hosts to the emulator's."""
    from mangadex_downloader.network import Net
    from requests.adapters import HTTPAdapter

    class Led(HTTPAdapter):
        def __init__(self, base: str) -> None:
            super().__init__()
            self.scheme, self.host = urlsplit(base)[:2]

        def send(self, request: Any, *args: Any, **kwargs: Any) -> Any:
            parts = urlsplit(request.url)._replace(scheme=self.scheme, netloc=self.host)
            request.url = urlunsplit(parts)
            return super().send(request, *args, **kwargs)

    for host, base in (
        ("api.mangadex.org", api),
        ("uploads.mangadex.org", api),
        ("api.mangadex.network", report),
    ):
        Net.mangadex.mount(f"https://{host}", Led(base))


if __name__ == "__main__":
    main()
