"""detect: panels, characters and dialogs of every page image, by the detector of the profile."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache

import cv2

from pipeline.core.blobs import Blobs
from pipeline.core.errors import BadItem
from pipeline.core.outcome import Item, Kept
from pipeline.core.stage import Inputs, Scope, Stage
from pipeline.manga.annotate import Annotations, annotate, mark_uncertain
from pipeline.manga.pictures import decode
from pipeline.ports.protocols import Detector, DetectorSpec, PagePicture
from pipeline.stages.tables import CHARACTERS, DIALOGS, PAGE_IMAGES, PANELS
from schemas.pages import PageImage
from schemas.profile import DetectParams
from schemas.receipts import ModelPin
from schemas.record import Record


class DetectChoice(Record):
    """Which detector looks, and whether for faces too."""

    detector: str
    faces: bool


class UncertaintyLimit(Record):
    """The confidence below which a panel is marked."""

    uncertain_below: float


@dataclass(frozen=True)
class _Detect:
    spec: DetectorSpec
    blobs: Blobs

    def __call__(self, batch: Sequence[Item[PageImage]]) -> Iterator[Kept]:
        for item in batch:
            found = self._annotations(item.payload)
            yield Kept(
                item.key,
                {
                    PANELS.name: found.panels,
                    CHARACTERS.name: found.characters,
                    DIALOGS.name: found.dialogs,
                },
            )

    def _annotations(self, image: PageImage) -> Annotations:
        detector = opened(self.spec)
        try:
            detection = detector.detect(page_picture(image, self.blobs))
        except (cv2.error, MemoryError) as error:
            raise BadItem(f"{image.id}: the detector gave up: {error}") from error
        return annotate(detection, image, detector.name)


@dataclass(frozen=True)
class _MarkUncertain:
    """Confidence is the detector's word; what counts as uncertain is ours."""

    below: float

    def __call__(self, kept: Sequence[Kept]) -> Iterator[Kept]:
        for each in kept:
            panels = mark_uncertain(each.of(PANELS), self.below)
            yield Kept(each.key, {**each.rows, PANELS.name: panels})


@cache
def opened(spec: DetectorSpec) -> Detector:
    """The detector of that spec: opened once a process and kept."""
    return spec()


def page_picture(image: PageImage, blobs: Blobs) -> PagePicture:
    """The pixels of a page image. Raises BadItem if a blob is gone or damaged."""
    left = decode(blobs.get(image.left_sha256))
    right = decode(blobs.get(image.right_sha256)) if image.is_double else None
    return PagePicture(image, left, right)


def detect(
    series: str,
    spec: DetectorSpec,
    models: tuple[ModelPin, ...],
    blobs: Blobs,
    params: DetectParams,
) -> Stage:
    """The stage for one series."""

    def list_items(inputs: Inputs) -> list[Item[PageImage]]:
        return [Item(image.id, image) for image in inputs.rows(PAGE_IMAGES)]

    return Stage(
        name="detect",
        version=1,
        scope=Scope.one(series),
        params=DetectChoice(detector=params.detector, faces=params.faces),
        decision=UncertaintyLimit(uncertain_below=params.uncertain_below),
        reads=(PAGE_IMAGES,),
        writes=(PANELS, CHARACTERS, DIALOGS),
        list_items=list_items,
        act=_Detect(spec, blobs),
        settle=_MarkUncertain(params.uncertain_below),
        models=models,
        in_processes=True,
    )
