"""At which size a page is looked at: lettering and faces have a size relative to their page."""

from __future__ import annotations

from math import sqrt
from typing import Final

_TALLEST: Final = 1.5
"""Pages are up to 1.5 times as high as wide; what is higher is a strip of several."""

_MAX_PIXELS: Final = 8_000_000
"""No picture is enlarged past this many pixels, whatever its shape."""


def page_height(height: int, width: int) -> float:
    """The height of one page in a picture of height x width pixels.

    A double page is as high as its pages; a vertical strip counts as pages one below the other.
    """
    return min(float(height), _TALLEST * width)


def working_scale(height: int, width: int, wanted_height: int, at_most: float) -> float:
    """The factor that brings the page height to `wanted_height` pixels, but not over `at_most`."""
    scale = min(at_most, wanted_height / page_height(height, width))
    return min(scale, max(1.0, sqrt(_MAX_PIXELS / (height * width)))) if scale > 1 else scale
