"""One series on MangaDex as a source of pages: a frozen plan, and a session to bring it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from pipeline.manga.page_plan import chapter_credits, planned_pages
from pipeline.ports.mangadex.memory import ChapterMemory
from pipeline.ports.mangadex.session import MangaDexSession
from pipeline.ports.mangadex.work import ChapterWork, SeriesWork
from pipeline.ports.protocols import Delivered, Missing, Shelf
from schemas.mangadex import FrozenPlan, PlannedChapter
from schemas.pages import ChapterCredit, PlannedPage


@dataclass(frozen=True)
class MangaDexSource:
    """The pages of one frozen plan. `taken_down` holds ids of series, chapters and groups."""

    series: str
    frozen: FrozenPlan
    session: MangaDexSession
    log_path: Path
    taken_down: frozenset[str] = frozenset()

    brings_many = True

    def plan(self) -> Sequence[PlannedPage]:
        """The plan as it was frozen; nothing is asked of the network."""
        return planned_pages(self.frozen)

    def credits(self) -> Sequence[ChapterCredit]:
        return chapter_credits(self.frozen)

    def bring(
        self, pages: Sequence[PlannedPage], shelf: Shelf
    ) -> Iterator[Delivered | Missing | None]:
        """Downloads the pages, chapters in the order of the plan. Raises StopRun."""
        return self.session.bring(self._work(pages), shelf)

    def _work(self, pages: Sequence[PlannedPage]) -> SeriesWork:
        by_chapter: dict[str, list[PlannedPage]] = {}
        for page in pages:
            by_chapter.setdefault(page.chapter, []).append(page)
        chapters = tuple(
            ChapterWork(
                upload=each.upload.id,
                n_pages=each.upload.pages,
                pages=tuple(by_chapter[each.chapter]),
                is_taken_down=self._is_taken_down(each),
            )
            for each in self.frozen.chapters
            if each.chapter in by_chapter
        )
        return SeriesWork(chapters, ChapterMemory(self.log_path))

    def _is_taken_down(self, chapter: PlannedChapter) -> bool:
        groups = {group.id for group in chapter.upload.groups}
        ids = {self.frozen.terms.manga, chapter.upload.id, *groups}
        return not self.taken_down.isdisjoint(ids)
