"""From a face to the character: whole bodies cannot be had, so a face grows to a bust. Pure."""

from __future__ import annotations

from typing import Final

from schemas.boxes import Box

SOURCE: Final = "face-expansion"
"""What `FoundCharacter.source` says of a box that was grown from a face, not seen."""

WIDTH: Final = 1.6
"""Bust width in face widths."""

ABOVE: Final = 0.3
"""Hair above the face, in face heights."""

BELOW: Final = 0.6
"""Neck and shoulders under the face, in face heights."""


def grow_to_figure(face: Box, panel: Box | None, page_size: tuple[int, int]) -> Box:
    """Head and shoulders around a face: 1.6 times as wide, up to 1.9 times as high.

    Clipped to the panel (if any) and to the page of (width, height) pixels, but never smaller
    than the face itself: a face that leans out of its panel keeps its box.
    """
    side = (WIDTH - 1) / 2 * face.width
    figure = Box(
        round(face.x1 - side),
        round(face.y1 - ABOVE * face.height),
        round(face.x2 + side),
        round(face.y2 + BELOW * face.height),
    )
    if panel is not None:
        figure = figure.intersection(panel).hull(face)
    return figure.clip(*page_size)


def panel_around(face: Box, panels: list[Box]) -> Box | None:
    """The panel that holds most of the face; the smaller of two that hold it alike."""
    holding = [panel for panel in panels if face.share_inside(panel) >= 0.5]
    return max(holding, key=lambda panel: (face.share_inside(panel), -panel.area), default=None)
