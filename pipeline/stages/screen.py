"""screen: drops what is no page of the story or no whole picture, each with a reason.

Measures are taken once a page and journalled; limits are applied to them in `settle`, so
trying other limits opens no picture again.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Literal

from pydantic import Field

from pipeline.core.blobs import Blobs
from pipeline.core.outcome import Dropped, Item, Kept
from pipeline.core.stage import Inputs, Scope, Stage
from pipeline.manga.pictures import decode
from pipeline.manga.rights import Withheld
from pipeline.manga.screening import (
    DropReason,
    boilerplate,
    duplicates,
    measure,
    reason_to_drop,
)
from pipeline.stages.tables import PAGES, SCREENED
from schemas.pages import Defect, Page, ScreenedPage
from schemas.profile import ScreenParams
from schemas.record import Record


class MeasureParams(Record):
    """The measures have none: another way of measuring is another version of the stage."""


class ScreenDecision(Record):
    """The limits, what the series says about colour, and the chapters that must not be used."""

    limits: ScreenParams
    colour: Literal["drop", "keep"]
    withheld: dict[str, Withheld] = Field(default={}, description="chapter -> why")


@dataclass(frozen=True)
class _Measure:
    blobs: Blobs

    def __call__(self, batch: Sequence[Item[Page]]) -> Iterator[Kept | Dropped]:
        for item in batch:
            page = item.payload
            if page.defect is not Defect.NONE:
                yield Dropped(item.key, page.defect.value, _about(page))
            else:
                yield Kept(item.key, {SCREENED.name: [self._screened(page)]})

    def _screened(self, page: Page) -> ScreenedPage:
        measures = measure(decode(self.blobs.get(page.sha256)))
        return ScreenedPage(
            id=page.id,
            series=page.series,
            chapter=page.chapter,
            number=page.number,
            order=page.order,
            sha256=page.sha256,
            width=page.width,
            height=page.height,
            chroma=measures.chroma,
            ink=measures.ink,
            dhash=measures.dhash,
        )


@dataclass(frozen=True)
class _Decide:
    decision: ScreenDecision

    def __call__(self, kept: Sequence[Kept]) -> Iterator[Kept | Dropped]:
        limits = self.decision.limits
        keeps_colour = self.decision.colour == "keep"
        pages = {page.id: page for each in kept for page in each.of(SCREENED)}
        losses: dict[str, tuple[DropReason, str]] = {
            page.id: loss
            for page in pages.values()
            if (loss := reason_to_drop(page, limits, keeps_colour=keeps_colour))
        }
        losses |= boilerplate(list(pages.values()), limits.boilerplate_chapters)
        losses |= self._withheld(pages.values())
        alone = [page for page in pages.values() if page.id not in losses]
        for page, (reason, original) in duplicates(alone, limits.near_duplicate_bits).items():
            losses[page] = (reason, f"repeats {original}")
        for each in kept:
            yield Dropped(each.key, *losses[each.key]) if each.key in losses else each

    def _withheld(self, pages: Iterable[ScreenedPage]) -> dict[str, tuple[DropReason, str]]:
        """A chapter that was taken down or deleted is out, whatever its pages look like."""
        withheld = self.decision.withheld
        return {
            page.id: (DropReason(withheld[page.chapter].value), f"chapter {page.chapter}")
            for page in pages
            if page.chapter in withheld
        }


def screen(series: str, blobs: Blobs, decision: ScreenDecision) -> Stage:
    """The stage for one series."""

    def list_items(inputs: Inputs) -> list[Item[Page]]:
        return [Item(page.id, page) for page in inputs.rows(PAGES)]

    return Stage(
        name="screen",
        version=1,
        scope=Scope.one(series),
        params=MeasureParams(),
        decision=decision,
        reads=(PAGES,),
        writes=(SCREENED,),
        list_items=list_items,
        act=_Measure(blobs),
        settle=_Decide(decision),
    )


def _about(page: Page) -> str:
    return f"{page.locator}: {page.width} x {page.height} {page.media_type}"
