"""The project's own drawn series as a source: every page is drawn when it is read."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property

from pipeline.ports.one_by_one import bring_each
from pipeline.ports.protocols import Delivered, Missing, Shelf
from pipeline.synthetic.series import SyntheticSeries
from pipeline.synthetic.spec import SeriesSpec
from schemas.ids import page_id
from schemas.pages import ChapterCredit, PlannedPage
from schemas.series import SeriesEntry, SyntheticSource
from schemas.truth import TruthPage


@dataclass(frozen=True)
class DrawnSource:
    """One synthetic series, at most `page_cap` of its pages."""

    spec: SeriesSpec
    page_cap: int
    brings_many: bool = False

    @cached_property
    def _series(self) -> SyntheticSeries:
        return SyntheticSeries(self.spec)

    def plan(self) -> Sequence[PlannedPage]:
        """All pages; nothing is drawn for it."""
        keys = self._series.page_keys()[: self.page_cap]
        return [
            PlannedPage(
                id=page_id(self.spec.slug, chapter, number),
                series=self.spec.slug,
                chapter=chapter,
                chapter_title=chapter,
                number=number,
                order=order,
                locator=f"{chapter}/{number}",
                stamp=self._series.digest(chapter, number),
            )
            for order, (chapter, number) in enumerate(keys)
        ]

    def credits(self) -> Sequence[ChapterCredit]:
        """None: the manifest's attribution names everybody."""
        return ()

    def bring(
        self, pages: Sequence[PlannedPage], shelf: Shelf
    ) -> Iterator[Delivered | Missing | None]:
        """One page after another."""
        return bring_each(self.read, pages, shelf)

    def read(self, page: PlannedPage) -> bytes:
        """The drawn page, as the bytes of a picture file."""
        return self._series.draw(page.chapter, page.number).png_or_jpeg

    def truth(self, page: str) -> TruthPage:
        """What was drawn on the page of that id."""
        _, chapter, number = page.split("/")
        return self._series.truth(chapter, int(number.removeprefix("p")))


def spec_of(entry: SeriesEntry, source: SyntheticSource) -> SeriesSpec:
    """The drawing order for a series of the manifest."""
    return SeriesSpec(
        slug=entry.slug,
        seed=source.seed,
        chapters=source.chapters,
        pages_per_chapter=source.pages_per_chapter,
        direction=entry.direction,
        language=entry.language,
        hardness=source.hardness,
        page_width=source.page_width,
        page_height=source.page_height,
        specials=source.specials,
    )
