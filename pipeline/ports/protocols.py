"""The seams to the outside world: what stages need of sources, detectors and captioners.

Stages know these protocols only; `pipeline.wiring` chooses the concrete port.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Protocol

from schemas.detections import Detection
from schemas.mangadex import ListedChapter, SeriesFacts
from schemas.pages import ChapterCredit, Direction, Page, PageImage, PlannedPage
from schemas.pixels import Pixels


@dataclass(frozen=True, slots=True)
class PagePicture:
    """The pixels of a page image: its page, or its left and right page."""

    page_image: PageImage
    left: Pixels
    right: Pixels | None = None

    @property
    def direction(self) -> Direction:
        return self.page_image.direction


@dataclass(frozen=True, slots=True)
class Delivered:
    """A page that is in the blob store, and its row."""

    page: str
    row: Page


@dataclass(frozen=True, slots=True)
class Missing:
    """A planned page that did not come. A final one is not asked for again."""

    page: str
    reason: str
    detail: str = ""
    is_final: bool = False


class Shelf(Protocol):
    """Where a source puts what it brings. Called from several threads at once."""

    def keep(
        self, page: PlannedPage, content: bytes, *, locator: str = "", is_verified: bool = False
    ) -> Page:
        """Stores and decodes the bytes, and gives the page's row. `locator` replaces the plan's.

        Raises StopRun errors of the disk.
        """
        ...

    def adopt(self, page: PlannedPage, sha256: str, *, locator: str = "") -> Page | None:
        """The row for bytes that lie in the store already, checked; None if they do not."""
        ...

    def quarantine(self, content: bytes) -> str:
        """Puts bytes that are not to be trusted aside for a person, and gives their sha256."""
        ...


class Source(Protocol):
    """Where the pages of one series come from."""

    @property
    def brings_many(self) -> bool:
        """Whether `bring` works on all of the pages at once and answers in any order."""
        ...

    def plan(self) -> Sequence[PlannedPage]:
        """The pages in reading order, capped as the manifest asks. No picture is opened, and
        nothing is asked of the network."""
        ...

    def credits(self) -> Sequence[ChapterCredit]:
        """Who has to be named, a row a chapter; none where the manifest's attribution is all."""
        ...

    def bring(
        self, pages: Sequence[PlannedPage], shelf: Shelf
    ) -> Iterator[Delivered | Missing | None]:
        """Brings pages into the store: one answer a page, None as a sign of life in between.

        Closing the iterator ends the work; what is on its way may still reach the shelf.
        Raises StopRun where no page can be brought any more.
        """
        ...


class Catalogue(Protocol):
    """What a site says of its series. Every call may take seconds. It raises Retryable where this
    one call had no good answer, and StopRun errors where no other would have one: Unreachable,
    ServerTrouble, RateLimited, Banned, HumanNeeded, ProxyInTheWay, Interrupted."""

    def series(self, manga: str) -> SeriesFacts:
        """Raises SeriesGone if there is none of that id."""
        ...

    def search(self, title: str) -> Sequence[SeriesFacts]:
        """The best matches first, at most ten."""
        ...

    def discover(self, wish: Wish) -> Iterator[SeriesFacts]:
        """Every series that fits, the most followed first; asks for more as it is read."""
        ...

    def chapters(self, manga: str, language: str) -> Sequence[ListedChapter]:
        """Every upload in that language, whatever its state. Raises SeriesGone."""
        ...

    def chapter(self, chapter: str) -> ListedChapter | None:
        """One upload as it is now; None if it is gone."""
        ...


@dataclass(frozen=True, slots=True)
class Wish:
    """What a discovery looks for. `language`: readable in it; `since`: not older than."""

    language: str
    since: int | None
    original_languages: tuple[str, ...]
    ratings: tuple[str, ...]
    refused_tags: tuple[str, ...]


__all__ = [
    "Catalogue",
    "Delivered",
    "Detector",
    "DetectorSpec",
    "Missing",
    "PagePicture",
    "Pixels",
    "Shelf",
    "Source",
    "Wish",
]


class DetectorSpec(Protocol):
    """How to open a detector: small, hashable, picklable, so that it can travel to a worker."""

    def __call__(self) -> Detector:
        """Loads the detector. Raises MissingPart if a part of it is not there."""
        ...

    def __hash__(self) -> int: ...


class Detector(Protocol):
    """Finds panels, characters and dialogs on one page image. Not thread-safe; long-lived."""

    name: str

    def detect(self, picture: PagePicture) -> Detection:
        """Boxes in page-image pixels, unordered. Raises BadItem where the picture defeats it."""
        ...
