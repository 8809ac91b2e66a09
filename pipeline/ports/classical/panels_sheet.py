"""A page made ready for the panel finder: shrunk, dark on light, with its paper and its lines."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import cv2
import numpy as np
from numpy.typing import NDArray

from pipeline.ports.classical.segments import Floats, straight_segments
from pipeline.ports.protocols import Pixels
from schemas.boxes import Box

_LONG_SIDE: Final = 960
"""Pages are shrunk to this longer side: gutters keep some pixels, screentone blurs to grey."""

_RIM: Final = 0.01
"""Width of the page rim, as a share of the longer side, that tells a black page."""

_BLACK: Final = 64
"""Median grey of the rim below which the gutters are taken to be black."""

_PAPER: Final = 99
"""Percentile of grey that is paper: not the highest, as paper has a few whiter specks, but
high, as on a page that bleeds all around only narrow gutters show paper."""

_PAPER_DEPTH: Final = 32
"""Grey levels below the paper's own at which ink begins."""

Mask = NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class Sheet:
    """One page at working size; masks are height x width. `scale` is page pixels per sheet pixel.

    `paper` is what has the paper's tone, anywhere; `segments` are straight strokes (n, 4)
    outside of lettering.
    """

    paper: Mask
    segments: Floats
    scale: float

    @property
    def height(self) -> int:
        return int(self.paper.shape[0])

    @property
    def width(self) -> int:
        return int(self.paper.shape[1])

    @property
    def side(self) -> int:
        """The longer side, the measure of all lengths."""
        return max(self.height, self.width)


def read_sheet(pixels: Pixels, text_boxes: Sequence[Box] = ()) -> Sheet:
    """Shrinks an RGB page (H x W x 3), turns a black one to white, finds paper and strokes."""
    grey = np.asarray(cv2.cvtColor(np.ascontiguousarray(pixels), cv2.COLOR_RGB2GRAY), np.uint8)
    scale = max(1.0, max(grey.shape) / _LONG_SIDE)
    if scale > 1:
        size = (max(1, round(grey.shape[1] / scale)), max(1, round(grey.shape[0] / scale)))
        grey = np.asarray(cv2.resize(grey, size, interpolation=cv2.INTER_AREA), np.uint8)
    if _is_black(grey):
        grey = np.asarray(255 - grey, np.uint8)
    segments = _outside(straight_segments(grey), text_boxes, scale)
    # Specks of a scan would close gutters; the median takes them away and keeps borders.
    smooth = np.asarray(cv2.medianBlur(grey, 3), np.uint8)
    paper = np.asarray(smooth > float(np.percentile(smooth, _PAPER)) - _PAPER_DEPTH)
    return Sheet(paper, segments, scale)


def _is_black(grey: NDArray[np.uint8]) -> bool:
    depth = max(1, round(_RIM * max(grey.shape)))
    rim = np.ones(grey.shape, dtype=bool)
    rim[depth:-depth, depth:-depth] = False
    return float(np.median(grey[rim])) < _BLACK


def _outside(segments: Floats, text_boxes: Sequence[Box], scale: float) -> Floats:
    """The segments whose middle lies in no text box: columns of lettering look like lines."""
    middle = (segments[:, :2] + segments[:, 2:]) / 2 * scale
    kept = np.ones(len(segments), dtype=bool)
    for box in text_boxes:
        inside = (middle >= (box.x1, box.y1)) & (middle < (box.x2, box.y2))
        kept &= ~inside.all(axis=1)
    return np.asarray(segments[kept], dtype=np.float64)
