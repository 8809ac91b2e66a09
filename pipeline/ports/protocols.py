"""The seams to the outside world: what stages need of sources, detectors and captioners.

Stages know these protocols only; `pipeline.wiring` chooses the concrete port.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from schemas.detections import Detection
from schemas.pages import Direction, PageImage, PlannedPage
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


class Source(Protocol):
    """Where pages come from. Listing is cheap and needs no picture to be read."""

    def plan(self) -> Sequence[PlannedPage]:
        """The pages of one series in reading order, capped as the manifest asks."""
        ...

    def read(self, page: PlannedPage) -> bytes:
        """The original bytes of a planned page. Raises BadItem or Retryable."""
        ...


__all__ = ["Detector", "DetectorSpec", "PagePicture", "Pixels", "Source"]


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
