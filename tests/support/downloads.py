"""A downloader against the emulated site, in one event loop, with everything in memory."""

from __future__ import annotations

import asyncio
import hashlib
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeVar

from pipeline.manga.pictures import probe
from pipeline.ports.mangadex.api import Api, new_http
from pipeline.ports.mangadex.downloader import Downloader
from pipeline.ports.mangadex.limits import MemorySlots
from pipeline.ports.mangadex.memory import ChapterMemory
from pipeline.ports.mangadex.work import Answer, ChapterWork, SeriesWork
from pipeline.ports.protocols import Delivered, Missing
from schemas.ids import page_id
from schemas.pages import Page, PlannedPage
from schemas.profile import MangaDexParams
from tests.support.mangadex import Chapter, Corpus, Emulator, Fault, Rules, emulated, unlimited
from tests.support.virtual_time import loop_wall

T = TypeVar("T")


@dataclass
class MemoryShelf:
    """Blobs by sha256. `full_after`: so many pages and the disk is full, by the error given."""

    blobs: dict[str, bytes] = field(default_factory=dict)
    quarantined: dict[str, bytes] = field(default_factory=dict)
    full_after: int | None = None
    error: Exception = field(default_factory=lambda: OSError("full"))

    def keep(
        self, page: PlannedPage, content: bytes, *, locator: str = "", is_verified: bool = False
    ) -> Page:
        if self.full_after is not None and len(self.blobs) >= self.full_after:
            raise self.error
        sha256 = hashlib.sha256(content).hexdigest()
        self.blobs[sha256] = content
        facts = probe(content, 50_000_000)
        return Page(
            id=page.id,
            series=page.series,
            chapter=page.chapter,
            number=page.number,
            order=page.order,
            sha256=sha256,
            n_bytes=len(content),
            media_type=facts.media_type,
            width=facts.width,
            height=facts.height,
            defect=facts.defect,
            locator=locator or page.locator,
            is_verified=is_verified,
        )

    def adopt(self, page: PlannedPage, sha256: str, *, locator: str = "") -> Page | None:
        if sha256 not in self.blobs:
            return None
        return self.keep(page, self.blobs[sha256], locator=locator, is_verified=True)

    def quarantine(self, content: bytes) -> str:
        sha256 = hashlib.sha256(content).hexdigest()
        self.quarantined[sha256] = content
        return sha256


@dataclass
class Collected:
    """Answers by page, each page at most once."""

    by_page: dict[str, Answer] = field(default_factory=dict)
    seconds: dict[str, float] = field(default_factory=dict)

    def put(self, answer: Answer) -> None:
        assert answer.page not in self.by_page, f"{answer.page} was answered twice"
        self.by_page[answer.page] = answer
        self.seconds[answer.page] = asyncio.get_running_loop().time()

    async def room(self) -> None:
        return

    @property
    def rows(self) -> dict[str, Page]:
        return {page: a.row for page, a in self.by_page.items() if isinstance(a, Delivered)}

    @property
    def missing(self) -> dict[str, Missing]:
        return {page: a for page, a in self.by_page.items() if isinstance(a, Missing)}

    @property
    def reasons(self) -> dict[int, str]:
        """Page number -> reason, for tests of one chapter."""
        return {int(page[-3:]): missing.reason for page, missing in self.missing.items()}


class InLoop:
    """Blocking work done where it is asked for, so that the virtual clock waits for it."""

    def __call__(self, work: Callable[[], T]) -> Awaitable[T]:
        async def done() -> T:
            return work()

        return done()


def chapter_work(chapter: Chapter, at: int = 0, stamp: str = "s1", **other: Any) -> ChapterWork:
    """All pages of an upload, as a plan names them."""
    name = f"c{at + 1:04d}"
    pages = tuple(
        PlannedPage(
            id=page_id("haruko", name, n),
            series="haruko",
            chapter=name,
            chapter_title=name,
            number=n,
            order=at * 1000 + n,
            locator=f"{chapter.id}/{n}",
            stamp=stamp,
        )
        for n in range(1, chapter.pages + 1)
    )
    return ChapterWork(chapter.id, len(pages), pages, **other)


def loopback_params(emulator: Emulator, **other: Any) -> MangaDexParams:
    """Settings for the emulated site, without limits of our own unless said."""
    return MangaDexParams.model_validate(
        {
            "api_url": emulator.api_url,
            "report_url": emulator.report_url,
            "allow_loopback": True,
            "api_interval_s": 0,
            "at_home_interval_s": 0,
            **other,
        }
    )


@dataclass
class Rig:
    """Emulator and downloader on the running loop."""

    emulator: Emulator
    downloader: Downloader
    api: Api
    log: Path
    shelf: MemoryShelf = field(default_factory=MemoryShelf)

    def memory(self) -> ChapterMemory:
        memory = ChapterMemory(self.log, loop_wall())
        memory.open()
        return memory

    async def bring(
        self, chapters: Sequence[ChapterWork], answers: Collected | None = None
    ) -> Collected:
        answers = answers or Collected()
        work = SeriesWork(tuple(chapters), self.memory())
        await self.downloader.bring(work, self.shelf, answers)
        return answers


@asynccontextmanager
async def rigged(
    corpus: Corpus,
    folder: Path,
    *,
    rules: Rules | None = None,
    faults: Iterable[Fault] = (),
    **params: Any,
) -> AsyncIterator[Rig]:
    """The emulated site and a downloader that knows it; no limits unless `rules` has some."""
    async with emulated(corpus, rules=rules or unlimited(), faults=faults) as emulator:
        settings = loopback_params(emulator, **params)
        wall = loop_wall()
        async with new_http(settings) as http:
            api = Api(settings, http, MemorySlots(wall), wall)
            downloader = Downloader(settings, http, api, InLoop())
            try:
                yield Rig(emulator, downloader, api, folder / "log.jsonl")
            finally:
                await downloader.close()
