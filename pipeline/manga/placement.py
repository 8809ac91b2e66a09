"""Which panel holds a box, and how: inside one, spanning several, or outside of all."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from schemas.boxes import Box
from schemas.detections import Placement

_MOSTLY: Final = 0.9
"""A box with this share in one panel lies inside it: balloons lap over borders a little."""

_SOME: Final = 0.2
"""A box with less than this share in every panel lies outside."""


def place(box: Box, panels: Sequence[Box]) -> tuple[int | None, Placement]:
    """The index of the panel that holds most of the box, and how the box lies.

    "inside": at least 90 % of it lies in that panel, or the rest of it lies in no panel.
    "spans": at least 20 % of it lies in a second panel that is not just laid over the first.
    "outside": no panel holds 20 % of it; the index is then None. Ties go to the first panel.
    A box without area is placed by its centre pixel.
    """
    seen = box if box.area else Box(box.x1, box.y1, box.x1 + 1, box.y1 + 1)
    shares = [seen.share_inside(panel) for panel in panels]
    if not shares or max(shares) < _SOME:
        return None, "outside"
    best = shares.index(max(shares))
    if shares[best] >= _MOSTLY:
        return best, "inside"
    beyond = (
        _share_beyond(seen, panel, panels[best])
        for index, panel in enumerate(panels)
        if index != best
    )
    return best, "spans" if any(share >= _SOME for share in beyond) else "inside"


def _share_beyond(box: Box, panel: Box, main: Box) -> float:
    """How much of the box lies in `panel` but not in `main`, 0 to 1."""
    common = box.intersection(panel)
    if not common.area:
        return 0.0
    return (common.area - common.intersection(main).area) / box.area
