"""How a page is cut into panels: recursive guillotine cuts, in reading order.

Frame: page pixels. A cut divides a convex polygon by a line, the gutter, which may slant.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from random import Random

from pipeline.synthetic.spec import SeriesSpec

Point = tuple[float, float]
Polygon = tuple[Point, ...]


@dataclass(frozen=True, slots=True)
class Frame:
    """A panel to be drawn: its polygon, and its border in page pixels (0: borderless).

    A frame `on_top` is drawn over its neighbours.
    """

    polygon: Polygon
    border: float = 2.5
    on_top: bool = False

    @property
    def bounds(self) -> tuple[float, float, float, float]:
        xs = [x for x, _ in self.polygon]
        ys = [y for _, y in self.polygon]
        return min(xs), min(ys), max(xs), max(ys)


@dataclass(frozen=True, slots=True)
class Layout:
    """The panels of a page in reading order, its flags, and the grey between the panels."""

    frames: tuple[Frame, ...]
    flags: tuple[str, ...] = ()
    paper: int = 255


# Per hardness 0 to 3: how likely a page has a slanted cut, and the largest slant in degrees.
_SLANT = ((0.0, 0.0), (0.2, 5.0), (0.45, 9.0), (0.7, 12.0))


@dataclass(frozen=True, slots=True)
class Cutter:
    """Cuts for one page: its width and slant in pixels and degrees.

    A standing cut needs a part at least half of `unit` (pixels) wide.
    """

    dice: Random
    rtl: bool
    width: float
    slant: float
    unit: float

    def split(self, polygon: Polygon, n: int, upright: bool | None = None) -> list[Polygon]:
        """`n` panels in reading order; `upright` forces the first cut to stand (or to lie)."""
        if n == 1:
            return [polygon]
        x1, y1, x2, y2 = Frame(polygon).bounds
        wide, high = x2 - x1, y2 - y1
        stands = upright if upright is not None else wide > high * self.dice.uniform(0.85, 1.3)
        if stands and wide < 0.52 * self.unit and high > 0.3 * self.unit:
            stands = False
        # A standing cut leaves one side whole: two stacks side by side would have no clear order.
        first = self.dice.choice((1, n - 1)) if stands else self._first_of(n)
        share = first / n if n > 2 else 0.5
        share = min(0.68, max(0.32, share + self.dice.uniform(-0.09, 0.09)))
        one, two = self.cut(polygon, stands, share)
        return [*self.split(one, first), *self.split(two, n - first)]

    def _first_of(self, n: int) -> int:
        return max(1, min(n - 1, n // 2 + self.dice.choice((-1, 0, 0, 1)) * (n > 3)))

    def cut(self, polygon: Polygon, stands: bool, share: float) -> tuple[Polygon, Polygon]:
        """The part read first and the part read next, with a gutter between them."""
        x1, y1, x2, y2 = Frame(polygon).bounds
        gutter = self.width * (self.dice.uniform(0.010, 0.018) if stands
                               else self.dice.uniform(0.014, 0.025))  # fmt: skip
        tilt = math.radians(self.dice.uniform(-self.slant, self.slant))
        if stands:
            share = 1 - share if self.rtl else share
            through, normal = (
                (x1 + share * (x2 - x1), (y1 + y2) / 2),
                (math.cos(tilt), math.sin(tilt)),
            )
        else:
            # A lying cut is wide, so a smaller slant moves its ends as far.
            tilt *= 0.6
            through, normal = (
                ((x1 + x2) / 2, y1 + share * (y2 - y1)),
                (math.sin(tilt), math.cos(tilt)),
            )
        before = _half(polygon, through, normal, gutter / 2)
        after = _half(polygon, through, (-normal[0], -normal[1]), gutter / 2)
        return (after, before) if stands and self.rtl else (before, after)


def _half(polygon: Polygon, through: Point, normal: Point, back: float) -> Polygon:
    """The part of a convex polygon at least `back` behind a line (Sutherland and Hodgman 1974)."""

    def depth(p: Point) -> float:
        return (p[0] - through[0]) * normal[0] + (p[1] - through[1]) * normal[1] + back

    kept: list[Point] = []
    for p, q in zip(polygon, (*polygon[1:], polygon[0]), strict=True):
        a, b = depth(p), depth(q)
        if a <= 0:
            kept.append(p)
        if a * b < 0:
            t = a / (a - b)
            kept.append((p[0] + t * (q[0] - p[0]), p[1] + t * (q[1] - p[1])))
    return tuple(kept)


def layout_of(spec: SeriesSpec, width: int, height: int, *page: object) -> Layout:
    """The layout of one page of that size; the same for the same spec and page."""
    dice = spec.dice("layout", *page)
    margin_x, margin_y = width * dice.uniform(0.045, 0.06), height * dice.uniform(0.035, 0.05)
    area: Polygon = (
        (margin_x, margin_y),
        (width - margin_x, margin_y),
        (width - margin_x, height - margin_y),
        (margin_x, height - margin_y),
    )
    chance, slant = _SLANT[spec.hardness]
    slants = dice.random() < chance
    per_page = width / spec.page_width
    cutter = Cutter(
        dice, spec.direction == "rtl", spec.page_width, slant if slants else 0.0, spec.page_width
    )
    n = round(dice.choices((2, 3, 4, 5, 6, 7), (1, 3, 6, 7, 5, 2))[0] * per_page)
    # Now and then a tall panel stands where the eye starts, so that rows do not give the order.
    tall = dice.random() < 0.25 and n >= 3
    polygons = _with_tall_panel(cutter, area, n) if tall else cutter.split(area, n, per_page > 1)
    frames = tuple(Frame(polygon, dice.choice((2.0, 2.5, 3.0))) for polygon in polygons)
    flags = (*(("slant",) if slants else ()), *(("tall",) if tall else ()))
    return Layout(frames, flags)


def _with_tall_panel(cutter: Cutter, area: Polygon, n: int) -> list[Polygon]:
    share = cutter.dice.uniform(0.34, 0.42)
    one, two = cutter.cut(area, True, share)
    return [one, *cutter.split(two, n - 1, upright=False)]
