"""hondana on one series: the chapters of the feed one after another, by its `Chapter.download`.

It is a library, so this loop is ours; whatever it raises ends it, as for a caller who does no more
than its documentation shows.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import time
from pathlib import Path

BEGAN = time.perf_counter()


async def download(manga: str, into: Path) -> None:
    import hondana

    async with hondana.Client() as client:
        feed = await client.manga_feed(manga, limit=None, translated_language=["en"])
        for chapter in feed.chapters:
            await chapter.download(into / f"c{chapter.chapter}")


def main() -> None:
    parser = argparse.ArgumentParser()
    for name in ("api", "report", "manga", "into"):
        parser.add_argument(f"--{name}", required=True)
    asked = parser.parse_args()
    from hondana.utils import Route

    Route.API_BASE_URL = asked.api
    ready = time.perf_counter()
    asyncio.run(download(asked.manga, Path(asked.into)))
    ended = time.perf_counter()
    print(json.dumps({"imports_s": ready - BEGAN, "download_s": ended - ready}))


if __name__ == "__main__":
    main()
