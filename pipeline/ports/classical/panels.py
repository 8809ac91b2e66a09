"""Finds panels on a page by cutting it, again and again, where borders and gutters run.

Contours fail where art, a balloon or hair crosses a gutter, or a panel bleeds: the page
becomes one blob. But most of each border still stands. So the page is cut along the line
that has most to show for it (`panels_cuts`), each part likewise, until no cut is likely.
Nearly all manga pages can be taken apart like that.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from pipeline.manga.geometry import Points, box_polygon, drop_nested, polygon_area
from pipeline.ports.classical.panels_content import bare_bands, content_box, is_too_small, trimmed
from pipeline.ports.classical.panels_cuts import FITTED, Cut, Weights, cuts_along
from pipeline.ports.classical.panels_sheet import Sheet, read_sheet
from pipeline.ports.classical.panels_strips import Strip, drawn_strokes, strip_along
from pipeline.ports.classical.segments import distinct, lines_through
from pipeline.ports.protocols import Pixels
from schemas.boxes import Box
from schemas.detections import FoundPanel

_LIKELY: Final = 0.5
"""Cuts less likely than this are not made."""

_LARGE: Final = 0.5
_LIKELY_IF_LARGE: Final = 0.3
"""Parts larger than this share of the page are seldom one panel: there less is enough."""

_BARE_BAND: Final = 0.75
"""Likelihood of a cut along bare paper: it cuts nothing, but may run through one panel."""

_MOST_LINES: Final = 120
"""The heaviest lines of a page that are tried."""

_TOO_LARGE: Final = 0.6
"""A single box larger than this share of the page is more often a page left uncut."""

_UNSURE: Final = 0.4
"""Confidence of such a box."""


@dataclass(frozen=True, slots=True)
class _Part:
    """A convex part of the sheet; `confidence` is the likelihood of its least likely cut."""

    polygon: Points
    confidence: float


@dataclass(frozen=True, slots=True)
class _Cutter:
    """The page with what its cuts are looked for along, and judged by."""

    sheet: Sheet
    strips: Sequence[Strip]
    weights: Weights


def find_panels(
    pixels: Pixels, text_boxes: Sequence[Box] = (), *, weights: Weights = FITTED
) -> tuple[FoundPanel, ...]:
    """The panels of one single page, in no order; boxes in its own pixels.

    `pixels` is RGB, H x W x 3. `text_boxes` are optional boxes around lettering (page
    pixels): columns of letters look like straight lines, and are left out where known.

    Confidence is the likelihood of the least likely cut that made the panel, and below 0.5
    where one box takes most of the page and so may hold several panels. `weights` judge the cuts.
    """
    sheet = read_sheet(pixels, text_boxes)
    cutter = _Cutter(sheet, strips_of(sheet), weights)
    page = _Part(box_polygon(Box(0, 0, sheet.width, sheet.height)), 1.0)
    found = [
        (box, part.confidence)
        for part in _divided(cutter, page)
        if (box := content_box(sheet, part.polygon)) and not is_too_small(sheet, box)
    ]
    kept = drop_nested([box for box, _ in found])
    return tuple(_panel(sheet, pixels, *found[index]) for index in kept)


def strips_of(sheet: Sheet) -> list[Strip]:
    """The surroundings of the lines that are tried for cuts."""
    strokes = drawn_strokes(sheet)
    lines = lines_through(sheet.segments, sheet.side)
    tried = distinct(lines, sheet.height, sheet.width, _MOST_LINES)
    return [strip_along(sheet, line, strokes) for line in tried]


def _divided(cutter: _Cutter, part: _Part) -> list[_Part]:
    """The part cut up until no cut is likely."""
    box = content_box(cutter.sheet, part.polygon)
    if box is None or is_too_small(cutter.sheet, box):
        return []
    polygon = trimmed(part.polygon, box)
    cut = _best_cut(cutter, polygon)
    if cut is None:
        return [_Part(polygon, part.confidence)]
    return [
        leaf
        for piece in cut.parts
        for leaf in _divided(cutter, _Part(piece, min(part.confidence, cut.likelihood)))
    ]


def _best_cut(cutter: _Cutter, polygon: Points) -> Cut | None:
    """The most likely cut through a part, None where none is likely."""
    sheet, weights = cutter.sheet, cutter.weights
    is_large = polygon_area(polygon) > _LARGE * sheet.width * sheet.height
    enough = _LIKELY_IF_LARGE if is_large else _LIKELY
    tried = cuts_along(sheet, cutter.strips, polygon, weights)
    cuts = [cut for cut in tried if cut.likelihood >= enough]
    cuts += [Cut(line, _BARE_BAND, parts) for line, parts in bare_bands(sheet, polygon)]
    return max(cuts, key=lambda cut: cut.likelihood, default=None)


def _panel(sheet: Sheet, pixels: Pixels, box: Box, confidence: float) -> FoundPanel:
    height, width = pixels.shape[:2]
    x1, y1, x2, y2 = (round(value * sheet.scale) for value in box)
    is_most = box.area > _TOO_LARGE * sheet.width * sheet.height
    return FoundPanel(
        Box(x1, y1, x2, y2).clip(width, height), min(confidence, _UNSURE) if is_most else confidence
    )
