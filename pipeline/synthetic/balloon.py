"""Outlines of balloons. Frame: page pixels; every outline is a closed polygon."""

from __future__ import annotations

import math
from dataclasses import dataclass
from random import Random

Point = tuple[float, float]
Rect = tuple[float, float, float, float]

SHAPES = ("ellipse", "spiky", "cloud", "box", "none")
_SIDES = 48


@dataclass(frozen=True, slots=True)
class Balloon:
    """A balloon's body around a block of text: shape, centre and radii (half axes)."""

    shape: str
    cx: float
    cy: float
    rx: float
    ry: float

    @property
    def rect(self) -> Rect:
        return self.cx - self.rx, self.cy - self.ry, self.cx + self.rx, self.cy + self.ry


def radii_for(shape: str, wide: float, high: float, pad: float) -> tuple[float, float]:
    """Half axes of a balloon that holds a block of text of that size."""
    if shape in ("box", "none"):
        return wide / 2 + pad, high / 2 + pad
    # A superellipse of exponent 2.6 holds the rectangle's corners from 2 ** (1 / 2.6) on; text
    # blocks have ragged corners, so a little less looks right.
    roomy = {"ellipse": 1.22, "cloud": 1.36, "spiky": 1.5}[shape]
    return wide / 2 * roomy + pad, high / 2 * roomy + pad


def outline(balloon: Balloon, dice: Random, tip: Point | None = None) -> list[Point]:
    """The outline, drawn out to a tail that ends at `tip` if there is one."""
    if balloon.shape in ("box", "none"):
        x1, y1, x2, y2 = balloon.rect
        return [(x1, y1), (x2, y1), (x2, y2), (x1, y2)]
    around = [_edge(balloon, i, dice) for i in range(_SIDES)]
    return around if tip is None or balloon.shape == "cloud" else _with_tail(balloon, around, tip)


def _edge(balloon: Balloon, index: int, dice: Random) -> Point:
    angle = 2 * math.pi * index / _SIDES
    c, s = math.cos(angle), math.sin(angle)
    radius = (abs(c) ** 2.6 + abs(s) ** 2.6) ** (-1 / 2.6)
    if balloon.shape == "spiky":
        radius = (c * c + s * s) ** 0.5 * (dice.uniform(0.96, 1.0) if index % 3 == 0 else 0.8)
    elif balloon.shape == "cloud":
        radius = 0.9 + 0.1 * abs(math.sin(angle * 5))
    return balloon.cx + balloon.rx * radius * c, balloon.cy + balloon.ry * radius * s


def _with_tail(balloon: Balloon, around: list[Point], tip: Point) -> list[Point]:
    """The points nearest to the tail's direction give way to its tip."""
    towards = math.atan2((tip[1] - balloon.cy) / balloon.ry, (tip[0] - balloon.cx) / balloon.rx)
    at = round(towards / (2 * math.pi) * _SIDES) % _SIDES
    half = 1 if balloon.shape == "spiky" else 2
    turned = [around[(at + half + i) % _SIDES] for i in range(_SIDES - 2 * half + 1)]
    return [*turned, tip]


def bubbles(balloon: Balloon, tip: Point) -> list[tuple[Point, float]]:
    """The small bubbles that lead from a thought to its thinker: centres and radii."""
    dx, dy = tip[0] - balloon.cx, tip[1] - balloon.cy
    start = 1 / max(1e-6, math.hypot(dx / balloon.rx, dy / balloon.ry))
    places = ((start + 0.12, 0.11), (start + 0.3, 0.07))
    size = min(balloon.rx, balloon.ry)
    return [((balloon.cx + dx * t, balloon.cy + dy * t), size * r) for t, r in places if t < 1]


def tail_tip(balloon: Balloon, mouth: Point, keep_off: float, longest: float) -> Point | None:
    """Where a tail towards a mouth ends: `keep_off` before it, at most `longest` from the edge.

    None where the balloon already reaches so far.
    """
    dx, dy = mouth[0] - balloon.cx, mouth[1] - balloon.cy
    far = math.hypot(dx, dy)
    edge = far / max(1e-6, math.hypot(dx / balloon.rx, dy / balloon.ry))
    reach = min(far - keep_off, edge + longest)
    if reach < edge + 4:
        return None
    return balloon.cx + dx / far * reach, balloon.cy + dy / far * reach
