"""What is drawn in a part of a page: its box, and the bands of bare paper across it."""

from __future__ import annotations

import itertools
from typing import Final

import cv2
import numpy as np

from pipeline.manga.geometry import Points, clip_to_half_plane, cut_polygon
from pipeline.ports.classical.panels_sheet import Mask, Sheet
from pipeline.ports.classical.segments import Line
from schemas.boxes import Box

_SMALLEST_AREA: Final = 0.012
"""Panels are larger than this share of the page ..."""

_SMALLEST_SIDE: Final = 0.06
"""... and both their sides longer than this share of its longer side."""

_INK: Final = 3
"""Rows and columns with fewer pixels of ink are empty: a border alone makes this much."""

_BAND: Final = 0.004
_FLANK: Final = 0.04
_FULL: Final = 0.9
"""A band of paper at least this thick separates panels if the drawings on both sides reach,
within this distance of it, over this share of its length. Shares of the longer side."""


def is_too_small(sheet: Sheet, box: Box) -> bool:
    """Whether a box (sheet pixels) is smaller than panels are."""
    return (
        box.area < _SMALLEST_AREA * sheet.width * sheet.height
        or min(box.width, box.height) < _SMALLEST_SIDE * sheet.side
    )


def content_box(sheet: Sheet, part: Points) -> Box | None:
    """The box of all that is drawn in a convex part, in sheet pixels; None if it is empty."""
    found = _ink_in(sheet, part)
    if found is None:
        return None
    ink, x, y = found
    thin = max(2, round(_BAND * sheet.side))
    rows = _extent(ink.sum(axis=1) >= _INK, thin)
    columns = _extent(ink.sum(axis=0) >= _INK, thin)
    if rows is None or columns is None:
        return None
    return Box(x + columns[0], y + rows[0], x + columns[1], y + rows[1])


def _extent(filled: Mask, thin: int) -> tuple[int, int] | None:
    """First and last (half-open) filled place, less a thin rest at either end.

    A cut does not always run in the middle of a gutter: a few pixels of the neighbour's
    border may lie on this side of it, across bare paper.
    """
    places = np.flatnonzero(filled)
    if not places.size:
        return None
    gaps = np.flatnonzero(np.diff(places) > thin)
    first, last = 0, places.size - 1
    if gaps.size and gaps[0] < thin:
        first = int(gaps[0]) + 1
    if gaps.size and gaps[-1] >= places.size - 1 - thin and gaps[-1] >= first:
        last = int(gaps[-1])
    return int(places[first]), int(places[last]) + 1


def trimmed(part: Points, box: Box) -> Points:
    """The part without what lies outside of a box."""
    for normal, offset in (
        ((-1.0, 0.0), -box.x1),
        ((1.0, 0.0), box.x2),
        ((0.0, -1.0), -box.y1),
        ((0.0, 1.0), box.y2),
    ):
        part = clip_to_half_plane(part, np.array(normal), offset)
    return part


def bare_bands(sheet: Sheet, part: Points) -> list[tuple[Line, tuple[Points, Points]]]:
    """Straight cuts along bands of bare paper between drawings that reach all along them.

    Gutters between panels without borders are such bands. The paper around a figure is
    not: drawings do not reach along it.
    """
    found = _ink_in(sheet, part)
    if found is None:
        return []
    ink, x, y = found
    cuts = []
    for runs_across, turned, shift in ((True, ink, y), (False, ink.T, x)):
        normal = np.array((0.0, 1.0) if runs_across else (1.0, 0.0))
        for middle in _bands(turned, sheet.side):
            line = Line(normal, float(shift + middle), 0.0, runs_across)
            pieces = cut_polygon(part, line.normal, line.offset)
            boxes = [content_box(sheet, piece) for piece in pieces]
            if not any(box is None or is_too_small(sheet, box) for box in boxes):
                cuts.append((line, pieces))
    return cuts


def _bands(ink: Mask, side: int) -> list[float]:
    """Middle rows of the bare bands in a mask whose first and last rows have ink."""
    thickest = max(3, round(_BAND * side))
    depth = max(2, round(_FLANK * side))
    filled = np.flatnonzero(ink.sum(axis=1) > 0.005 * ink.shape[1])
    middles = []
    for above, below in itertools.pairwise(filled):
        if below - above <= thickest:
            continue
        flanks = ink[max(0, above + 1 - depth) : above + 1], ink[below : below + depth]
        if min(_spread(flank) for flank in flanks) >= _FULL:
            middles.append((above + below + 1) / 2)
    return middles


def _spread(flank: Mask) -> float:
    """How much of the width lies between the first and the last column with ink."""
    columns = np.flatnonzero(flank.any(axis=0))
    return float(columns[-1] - columns[0] + 1) / flank.shape[1] if columns.size else 0.0


def _ink_in(sheet: Sheet, part: Points) -> tuple[Mask, int, int] | None:
    """The ink in a part, as a mask of its box, and the box's top left corner."""
    if len(part) < 3:
        return None
    low = np.floor(part.min(axis=0)).astype(int).clip(0)
    high = np.ceil(part.max(axis=0)).astype(int)
    ink = ~sheet.paper[low[1] : high[1], low[0] : high[0]]
    if not ink.size:
        return None
    inside = np.zeros(ink.shape, dtype=np.uint8)
    cv2.fillConvexPoly(inside, (part - low).round().astype(np.int32), 1)
    return np.asarray(ink & (inside > 0)), int(low[0]), int(low[1])
