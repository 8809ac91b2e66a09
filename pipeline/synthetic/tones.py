"""Screentones: dots at 45 degrees in three pitches, gradients and stripes.

Sheets are made once a process and cropped, with a fixed origin so that the same
place of a page always shows the same dots.
"""

from __future__ import annotations

from functools import lru_cache
from typing import Literal

import numpy as np
from PIL import Image

ToneName = Literal["light", "middle", "dark", "stripes", "bars", "checks", "dots", "weave"]
Fill = int | ToneName
"""A grey from 0 (black) to 255, or the name of a tone."""

_DOTS_AND_RADIUS: dict[str, tuple[int, float]] = {
    "light": (52, 0.24),
    "middle": (60, 0.36),
    "dark": (74, 0.47),
    "dots": (14, 0.26),
}
"""Dots along a sheet's edge (whole, so that sheets join without a seam); radius in pitches."""
_EDGE = 512


@lru_cache(maxsize=16)
def _sheet(name: ToneName) -> Image.Image:
    y, x = np.mgrid[0:_EDGE, 0:_EDGE].astype(np.float32)
    if name in _DOTS_AND_RADIUS:
        dots, radius = _DOTS_AND_RADIUS[name]
        # The lattice turned by 45 degrees: a dot where both turned coordinates are near 0.
        u = ((x + y) * dots / _EDGE + 0.5) % 1 - 0.5
        v = ((x - y) * dots / _EDGE + 0.5) % 1 - 0.5
        white = np.hypot(u, v) > radius
    elif name == "stripes":
        white = ((x + y) % 16) > 5
    elif name == "bars":
        white = (y % 32) > 14
    elif name == "checks":
        white = ((x // 16 + y // 16) % 2) == 0
    else:
        white = ((x % 32) > 5) & ((y % 32) > 5)
    small = Image.fromarray((white * 255).astype(np.uint8))
    big = Image.new("L", (_EDGE * 4, _EDGE * 4))
    for left in range(0, big.width, _EDGE):
        for top in range(0, big.height, _EDGE):
            big.paste(small, (left, top))
    return big


def tone_sheet(name: ToneName, width: int, height: int, origin: tuple[int, int]) -> Image.Image:
    """A width x height piece of a tone whose dots are in step with the canvas origin."""
    sheet = _sheet(name)
    left, top = origin[0] % _EDGE, origin[1] % _EDGE
    while sheet.width < left + width or sheet.height < top + height:
        wider = Image.new("L", (sheet.width * 2, sheet.height * 2))
        for x in (0, sheet.width):
            for y in (0, sheet.height):
                wider.paste(sheet, (x, y))
        sheet = wider
    return sheet.crop((left, top, left + width, top + height))
