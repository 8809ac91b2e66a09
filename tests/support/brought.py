"""One run of the downloader against the emulated site, in virtual time, and what it left behind."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from pipeline.ports.mangadex.stats import Stats
from pipeline.ports.mangadex.work import ChapterWork
from tests.support.downloads import Collected, MemoryShelf, Rig, chapter_work, rigged
from tests.support.mangadex import Corpus, Fault, Rules, regular
from tests.support.virtual_time import run_virtual

ONE = regular(1, 1, 5)
CHAPTER = ONE.chapters[0]
HASHES = [picture.sha256 for picture in CHAPTER.pictures]


@dataclass
class Seen:
    """What a run left behind."""

    answers: Collected
    rig: Rig
    stats: Stats
    seconds: float

    @property
    def site(self) -> Any:
        return self.rig.emulator.stats

    @property
    def hashes(self) -> dict[int, str]:
        return {int(page[-3:]): row.sha256 for page, row in self.answers.rows.items()}

    @property
    def log(self) -> list[dict[str, Any]]:
        return [json.loads(line) for line in self.rig.log.read_text().splitlines()]


def brought(
    folder: Path,
    faults: Sequence[Fault] = (),
    *,
    corpus: Corpus = ONE,
    rules: Rules | None = None,
    shelf: MemoryShelf | None = None,
    **params: Any,
) -> Seen:
    """All chapters of the corpus' first series, brought in virtual time."""

    async def run() -> Seen:
        clock = asyncio.get_running_loop().time
        async with rigged(corpus, folder, rules=rules, faults=faults, **params) as rig:
            rig.shelf = shelf or rig.shelf
            chapters = [chapter_work(each, at) for at, each in enumerate(corpus.series[0].chapters)]
            began = clock()
            answers = await rig.bring(chapters)
            seconds = clock() - began
            await rig.downloader.close()
            return Seen(answers, rig, rig.downloader.stats(clock()), seconds)

    return run_virtual(run())


def all_of(corpus: Corpus) -> list[ChapterWork]:
    return [chapter_work(each, at) for at, each in enumerate(corpus.chapters)]


def is_whole(seen: Seen) -> bool:
    """All five pages, none corrupt, none shifted."""
    return seen.hashes == dict(enumerate(HASHES, 1))


def first_node(folder: Path) -> str:
    """The image host at which the pages of the one chapter are to be had first."""
    trace = brought(folder / "probe").site.trace
    return str(next(host for _, host, _, _ in trace if host.startswith(("node", "uploads"))))


def hidden_names() -> Corpus:
    """The one chapter, its file names without a hash."""
    chapter = replace(CHAPTER, hides_hashes=True)
    return Corpus((replace(ONE.series[0], chapters=(chapter,)),))
