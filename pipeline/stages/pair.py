"""pair: single pages become double-page images. The rule is in `pipeline.manga.pairing`."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from pipeline.core.outcome import Item, Kept
from pipeline.core.stage import Inputs, Scope, Stage
from pipeline.manga.pairing import page_images
from pipeline.stages.tables import PAGE_IMAGES, SCREENED
from schemas.pages import Direction, PageImage
from schemas.profile import PairParams
from schemas.record import Record


class PairRule(Record):
    """How the pages of this series are joined."""

    params: PairParams
    direction: Direction
    joins: bool


def pair(series: str, rule: PairRule) -> Stage:
    """The stage for one series."""

    def list_items(inputs: Inputs) -> list[Item[PageImage]]:
        images = page_images(inputs.rows(SCREENED), rule.direction, rule.params, joins=rule.joins)
        return [Item(image.id, image) for image in images]

    return Stage(
        name="pair",
        version=1,
        scope=Scope.one(series),
        params=rule,
        reads=(SCREENED,),
        writes=(PAGE_IMAGES,),
        list_items=list_items,
        act=_keep,
        batch_size=1000,
    )


def _keep(batch: Sequence[Item[PageImage]]) -> Iterable[Kept]:
    return [Kept(item.key, {PAGE_IMAGES.name: [item.payload]}) for item in batch]
