"""The seams to the outside world: what stages need of sources, detectors and captioners.

Stages know these protocols only; `pipeline.wiring` chooses the concrete port.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from schemas.detections import Detection
from schemas.pages import Direction, PageImage, PlannedPage

Pixels = NDArray[np.uint8]
"""RGB picture: height x width x 3, 0 to 255."""


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


class Detector(Protocol):
    """Finds panels, characters and dialogs on one page image. Not thread-safe; long-lived."""

    name: str

    def detect(self, picture: PagePicture) -> Detection:
        """Boxes in page-image pixels, unordered. Raises BadItem where the picture defeats it."""
        ...
