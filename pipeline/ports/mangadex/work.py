"""What a series wants to have downloaded. Light to import: nothing of the network is in it."""

from __future__ import annotations

from dataclasses import dataclass

from pipeline.ports.mangadex.memory import ChapterMemory
from pipeline.ports.protocols import Delivered, Missing
from schemas.pages import PlannedPage

Answer = Delivered | Missing


@dataclass(frozen=True)
class ChapterWork:
    """The open pages of one upload. `n_pages` is how many it had when it was planned."""

    upload: str
    n_pages: int
    pages: tuple[PlannedPage, ...]
    is_taken_down: bool = False

    @property
    def stamp(self) -> str:
        """That of the plan: another one means that the chapter was planned anew."""
        return self.pages[0].stamp


@dataclass(frozen=True)
class SeriesWork:
    """The open pages of one series, chapters in the order of the plan, and the series' log."""

    chapters: tuple[ChapterWork, ...]
    memory: ChapterMemory
