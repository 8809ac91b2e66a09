"""fetch: original bytes into the blob store, verified by decoding them once.

A broken file is kept with its defect: whether it goes on is the screen's decision. A page that
did not come is a result with a reason; a final one is not asked for again.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass

from pipeline.core.blobs import Blobs
from pipeline.core.errors import BadItem
from pipeline.core.hashing import digest_of
from pipeline.core.outcome import Dropped, Failed, Item, Kept, Outcome
from pipeline.core.stage import Inputs, Scope, Stage
from pipeline.manga.pictures import probe
from pipeline.manga.rights import Withheld
from pipeline.ports.protocols import Delivered, Missing, Source
from pipeline.stages.tables import PAGES, PLAN
from schemas.pages import Page, PlannedPage
from schemas.record import Record


class FetchParams(Record):
    """What decides whether a file is decoded at all, and which of two files is asked for."""

    max_pixels: int
    quality: str = ""


@dataclass(frozen=True)
class BlobShelf:
    """Puts pages into the blob store: the file first, whoever writes the row does so after."""

    blobs: Blobs
    max_pixels: int

    def keep(
        self, page: PlannedPage, content: bytes, *, locator: str = "", is_verified: bool = False
    ) -> Page:
        """Stores the bytes, decodes them once, and gives the row."""
        facts = probe(content, self.max_pixels)
        return Page(
            id=page.id,
            series=page.series,
            chapter=page.chapter,
            number=page.number,
            order=page.order,
            sha256=self.blobs.put(content),
            n_bytes=len(content),
            media_type=facts.media_type,
            width=facts.width,
            height=facts.height,
            defect=facts.defect,
            locator=locator or page.locator,
            is_verified=is_verified,
        )

    def adopt(self, page: PlannedPage, sha256: str, *, locator: str = "") -> Page | None:
        """The row for bytes that are here already and are what their name says."""
        try:
            content = self.blobs.get(sha256)
        except BadItem:
            return None
        return self.keep(page, content, locator=locator, is_verified=True)

    def quarantine(self, content: bytes) -> str:
        """Puts bytes aside that no node could explain."""
        return self.blobs.put_aside(content)


@dataclass(frozen=True)
class _Bring:
    source: Source
    shelf: BlobShelf

    def __call__(self, batch: Sequence[Item[PlannedPage]]) -> Iterator[Outcome]:
        return (outcome for outcome in self.stream(batch) if outcome is not None)

    def stream(self, batch: Sequence[Item[PlannedPage]]) -> Iterator[Outcome | None]:
        for answer in self.source.bring([item.payload for item in batch], self.shelf):
            yield None if answer is None else _outcome(answer)


def _outcome(answer: Delivered | Missing) -> Outcome:
    if isinstance(answer, Delivered):
        return Kept(answer.page, {PAGES.name: [answer.row]})
    if answer.is_final:
        return Dropped(answer.page, answer.reason, answer.detail)
    return Failed(answer.page, answer.reason, answer.detail)


def fetch(
    series: str,
    source: Source,
    blobs: Blobs,
    params: FetchParams,
    taken_down: Collection[str] = (),
) -> Stage:
    """The stage for one series. `taken_down` names chapters that must not be asked for now."""

    def list_items(inputs: Inputs) -> list[Item[PlannedPage]]:
        return [Item(page.id, page) for page in inputs.rows(PLAN)]

    def reopen(page: str, reason: str) -> bool:
        return reason == Withheld.TAKEN_DOWN and page.split("/")[1] not in taken_down

    bring = _Bring(source, BlobShelf(blobs, params.max_pixels))
    return Stage(
        name="fetch",
        version=2,
        scope=Scope.one(series),
        params=params,
        reads=(PLAN,),
        writes=(PAGES,),
        list_items=list_items,
        act=bring,
        stream=bring.stream if source.brings_many else None,
        reopen=reopen,
        inputs={"tombstones": digest_of(sorted(taken_down))} if taken_down else {},
    )
