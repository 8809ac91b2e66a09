"""From the lettering to the balloon around it. Pure functions on grey pixels.

A balloon is the connected paper-coloured region that surrounds the text. It is believed only
while its box is 1 to 7 times the text box: a larger one has leaked through a gap into a panel.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final

import cv2
import numpy as np
from numpy.typing import NDArray

from schemas.boxes import Box

Grey = NDArray[np.uint8]
"""Grey picture: height x width, 0 black to 255 white."""

MAX_GROWTH: Final = 7.0
"""A region whose box is more than this many text boxes large is not the text's balloon."""

MAX_UNCLEAR_GROWTH: Final = 5.0
"""The same for a region of ragged outline, which more often is a wall or a shirt."""

PAPER_FROM: Final = 200
"""Grey level from which a pixel counts as paper."""

_SEALS: Final = (0, 1, 2, 3)
"""Gaps in the outline are closed by thickening the ink by so many pixels (at 1000 px height)."""


_SMOOTH: Final = 0.93
"""Share of its convex hull that an oval or boxed balloon fills; a drawing's gaps fill less."""

_ROUND: Final = 0.7
"""Share of its own box that it fills: an ellipse fills 0.785."""


@dataclass(frozen=True, slots=True)
class Balloon:
    """A paper-coloured region around lettering. `is_clear`: an unbroken oval or box."""

    box: Box
    is_clear: bool


@dataclass(frozen=True, slots=True)
class _Regions:
    """Connected paper regions: a label a pixel, and one row of OpenCV statistics a label."""

    labels: NDArray[np.int32]
    stats: NDArray[np.int32]
    seal: int


class BalloonFinder:
    """Finds the balloons around text boxes of one picture; labels it once for all of them."""

    def __init__(self, grey: Grey) -> None:
        self._grey = grey
        self._regions: dict[tuple[bool, int], _Regions] = {}

    def find(self, text_box: Box) -> Balloon | None:
        """The balloon around a text box; None where no region can be believed."""
        height, width = self._grey.shape
        inside = text_box.clip(width, height)
        if inside.area == 0:
            return None
        is_light = _is_on_light(self._grey, inside)
        # Ink is about as thick as the page is large: a seal of n pixels is meant at 1000 high.
        unit = max(1.0, height / 1000)
        for seal in _SEALS:
            regions = self._label(is_light, round(seal * unit))
            label = _surrounding(regions, inside)
            if label is None:
                continue
            balloon = Balloon(_region_box(regions, label).hull(inside), _is_clear(regions, label))
            limit = MAX_GROWTH if balloon.is_clear else MAX_UNCLEAR_GROWTH
            if balloon.box.area <= limit * inside.area:
                return balloon
        return None

    def _label(self, is_light: bool, seal: int) -> _Regions:
        key = (is_light, seal)
        if key not in self._regions:
            self._regions[key] = _label_regions(self._grey, is_light, seal)
        return self._regions[key]


def grow_balloon(grey: Grey, text_box: Box) -> Box:
    """The box of the balloon around one text box; the text box where there is none."""
    balloon = BalloonFinder(grey).find(text_box)
    return balloon.box if balloon is not None else text_box


def _is_on_light(grey: Grey, box: Box) -> bool:
    """Whether the lettering is dark on light: most of a text box is ground, not ink."""
    return bool(np.median(grey[box.y1 : box.y2, box.x1 : box.x2]) >= 128)


def _label_regions(grey: Grey, is_light: bool, seal: int) -> _Regions:
    paper = grey >= PAPER_FROM if is_light else grey <= 255 - PAPER_FROM
    mask: NDArray[Any] = paper.astype(np.uint8)
    if seal:
        mask = cv2.erode(mask, np.ones((2 * seal + 1, 2 * seal + 1), np.uint8))
    _, labels, stats, _ = cv2.connectedComponentsWithStats(mask, connectivity=4)
    return _Regions(np.asarray(labels, np.int32), np.asarray(stats, np.int32), seal)


def _surrounding(regions: _Regions, text_box: Box) -> int | None:
    """The label of the region that most of the text box's paper belongs to."""
    crop = regions.labels[text_box.y1 : text_box.y2, text_box.x1 : text_box.x2]
    counts = np.bincount(crop.ravel())
    counts[0] = 0
    return int(counts.argmax()) if counts.any() else None


def _region_box(regions: _Regions, label: int) -> Box:
    """The region's box, with what the seal took from its rim given back."""
    x, y, width, height, _ = regions.stats[label].tolist()
    page_height, page_width = regions.labels.shape
    box = Box(x, y, x + width, y + height).grow(regions.seal, regions.seal)
    return box.clip(page_width, page_height)


def _is_clear(regions: _Regions, label: int) -> bool:
    """Whether the region's outline, lettering filled in, is smooth and round or boxed."""
    x, y, width, height, _ = regions.stats[label].tolist()
    mask = (regions.labels[y : y + height, x : x + width] == label).astype(np.uint8)
    outlines, _ = cv2.findContours(mask, cv2.RETR_EXTERNAL, cv2.CHAIN_APPROX_NONE)
    outline = max(outlines, key=cv2.contourArea)
    area = cv2.contourArea(outline)
    hull = cv2.contourArea(cv2.convexHull(outline))
    return bool(hull > 0 and area >= _SMOOTH * hull and area >= _ROUND * width * height)
