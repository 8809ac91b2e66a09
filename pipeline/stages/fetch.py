"""fetch: original bytes into the blob store, verified by decoding them once.

A broken file is kept with its defect: whether it goes on is the screen's decision.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from pipeline.core.blobs import Blobs
from pipeline.core.outcome import Item, Kept
from pipeline.core.stage import Inputs, Scope, Stage
from pipeline.manga.pictures import probe
from pipeline.ports.protocols import Source
from pipeline.stages.tables import PAGES, PLAN
from schemas.pages import Page, PlannedPage
from schemas.record import Record


class FetchParams(Record):
    """What decides whether a file is decoded at all."""

    max_pixels: int


@dataclass(frozen=True)
class _Fetch:
    source: Source
    blobs: Blobs
    max_pixels: int

    def __call__(self, batch: Sequence[Item[PlannedPage]]) -> Iterator[Kept]:
        for item in batch:
            yield Kept(item.key, {PAGES.name: [self._page(item.payload)]})

    def _page(self, planned: PlannedPage) -> Page:
        content = self.source.read(planned)
        facts = probe(content, self.max_pixels)
        return Page(
            id=planned.id,
            series=planned.series,
            chapter=planned.chapter,
            number=planned.number,
            order=planned.order,
            sha256=self.blobs.put(content),
            n_bytes=len(content),
            media_type=facts.media_type,
            width=facts.width,
            height=facts.height,
            defect=facts.defect,
            locator=planned.locator,
        )


def fetch(series: str, source: Source, blobs: Blobs, params: FetchParams) -> Stage:
    """The stage for one series."""

    def list_items(inputs: Inputs) -> list[Item[PlannedPage]]:
        return [Item(page.id, page) for page in inputs.rows(PLAN)]

    return Stage(
        name="fetch",
        version=1,
        scope=Scope.one(series),
        params=params,
        reads=(PLAN,),
        writes=(PAGES,),
        list_items=list_items,
        act=_Fetch(source, blobs, params.max_pixels),
    )
