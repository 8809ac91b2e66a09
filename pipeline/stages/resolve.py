"""resolve: which pages there are to take and whom to credit, before anything is fetched."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from pipeline.core.hashing import digest_of
from pipeline.core.outcome import Item, Kept
from pipeline.core.stage import Inputs, Scope, Stage
from pipeline.ports.protocols import Source
from pipeline.stages.tables import CREDITS, PLAN
from schemas.pages import ChapterCredit, PlannedPage
from schemas.record import Record

Listed = tuple[PlannedPage] | tuple[PlannedPage, ChapterCredit]
"""A page; the first one of a chapter brings the chapter's credit along."""


class ResolveParams(Record):
    """The cap is applied by the source, so it changes the listing and needs no place here."""


def resolve(series: str, source: Source) -> Stage:
    """The stage for one series. Asks the source for its listing at once.

    Raises NothingToRead, UnsafeArchive or NotPlanned, as the source does.
    """
    plan, credits = source.plan(), source.credits()

    def list_items(_: Inputs) -> list[Item[Listed]]:
        return [Item(listed[0].id, listed) for listed in _with_credits(plan, credits)]

    return Stage(
        name="resolve",
        version=2,
        scope=Scope.one(series),
        params=ResolveParams(),
        reads=(),
        writes=(PLAN, CREDITS),
        list_items=list_items,
        act=_keep,
        inputs={"listing": digest_of([*plan, *credits])},
        batch_size=1000,
    )


def _with_credits(
    plan: Sequence[PlannedPage], credits: Sequence[ChapterCredit]
) -> Iterator[Listed]:
    waiting = {credit.chapter: credit for credit in credits}
    for page in plan:
        credit = waiting.pop(page.chapter, None)
        yield (page, credit) if credit else (page,)


def _keep(batch: Sequence[Item[Listed]]) -> Iterable[Kept]:
    return [
        Kept(
            item.key,
            {PLAN.name: [item.payload[0]], CREDITS.name: list(item.payload[1:])},
        )
        for item in batch
    ]
