"""identify: proposals over the whole series of who is who. People decide; these only propose."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from pipeline.core.blobs import Blobs
from pipeline.core.outcome import Item, Kept
from pipeline.core.stage import Inputs, Scope, Stage
from pipeline.manga.clustering import propose
from pipeline.manga.crop_features import crop_feature
from pipeline.manga.pictures import decode, join
from pipeline.stages.tables import CHARACTERS, FEATURES, IDENTITIES, PAGE_IMAGES
from schemas.detections import Character
from schemas.identities import CropFeature, Identity
from schemas.ids import identity_id
from schemas.pages import PageImage
from schemas.profile import IdentifyParams
from schemas.record import Record


class FeatureParams(Record):
    """The feature has no parameters: another feature is another version of the stage."""


class PageCharacters(Record):
    """A page image and the characters on it."""

    image: PageImage
    characters: tuple[Character, ...]


@dataclass(frozen=True)
class _Featurise:
    blobs: Blobs

    def __call__(self, batch: Sequence[Item[PageCharacters]]) -> Iterator[Kept]:
        for item in batch:
            yield Kept(item.key, {FEATURES.name: self._features(item.payload)})

    def _features(self, page: PageCharacters) -> list[CropFeature]:
        image = page.image
        pixels = decode(self.blobs.get(image.left_sha256))
        if image.is_double:
            pixels = join(pixels, decode(self.blobs.get(image.right_sha256)))
        return [
            CropFeature(
                id=character.id,
                series=character.series,
                panel=character.panel,
                feature=tuple(
                    round(float(value), 6)
                    for value in crop_feature(pixels, character.box, character.face)
                ),
            )
            for character in page.characters
        ]


@dataclass(frozen=True)
class _Propose:
    series: str
    params: IdentifyParams

    def __call__(self, kept: Sequence[Kept]) -> Iterator[Kept]:
        crops = [crop for each in kept for crop in each.of(FEATURES)]
        clusters = propose(crops, self.params.max_distance)
        sizes = Counter(clusters.values())
        for each in kept:
            rows = [
                Identity(
                    id=crop.id,
                    series=self.series,
                    identity=identity_id(self.series, clusters[crop.id]),
                    status="proposed",
                    cluster_size=sizes[clusters[crop.id]],
                )
                for crop in each.of(FEATURES)
            ]
            yield Kept(each.key, {**each.rows, IDENTITIES.name: rows})


def identify(series: str, blobs: Blobs, params: IdentifyParams) -> Stage:
    """The stage for one series: an item is a page image with at least one character."""
    return Stage(
        name="identify",
        version=1,
        scope=Scope.one(series),
        params=FeatureParams(),
        decision=params,
        reads=(PAGE_IMAGES, CHARACTERS),
        writes=(FEATURES, IDENTITIES),
        list_items=_list_items,
        act=_Featurise(blobs),
        settle=_Propose(series, params),
    )


def _list_items(inputs: Inputs) -> list[Item[Any]]:
    by_image: dict[str, list[Character]] = {}
    for character in inputs.rows(CHARACTERS):
        by_image.setdefault(character.page_image, []).append(character)
    return [
        Item(image.id, PageCharacters(image=image, characters=tuple(by_image[image.id])))
        for image in inputs.rows(PAGE_IMAGES)
        if image.id in by_image
    ]
