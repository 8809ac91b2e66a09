"""resolve: which pages there are to take, frozen before anything is fetched."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from pipeline.core.hashing import digest_of
from pipeline.core.outcome import Item, Kept
from pipeline.core.stage import Inputs, Scope, Stage
from pipeline.ports.protocols import Source
from pipeline.stages.tables import PLAN
from schemas.pages import PlannedPage
from schemas.record import Record


class ResolveParams(Record):
    """The cap is applied by the source, so it changes the listing and needs no place here."""


def resolve(series: str, source: Source) -> Stage:
    """The stage for one series. Asks the source for its listing at once.

    Raises NothingToRead or UnsafeArchive, as the source does.
    """
    plan = source.plan()

    def list_items(_: Inputs) -> list[Item[PlannedPage]]:
        return [Item(page.id, page) for page in plan]

    return Stage(
        name="resolve",
        version=1,
        scope=Scope.one(series),
        params=ResolveParams(),
        reads=(),
        writes=(PLAN,),
        list_items=list_items,
        act=_keep,
        inputs={"listing": digest_of(list(plan))},
        batch_size=1000,
    )


def _keep(batch: Sequence[Item[PlannedPage]]) -> Iterable[Kept]:
    return [Kept(item.key, {PLAN.name: [item.payload]}) for item in batch]
