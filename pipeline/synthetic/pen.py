"""A pen that draws smooth shapes on a grey canvas in a frame of its own.

Pages are drawn at `FINE` times their size and reduced at the end: Pillow's own
lines have hard edges. A pen maps local units (a head is 1 high, say) to canvas
pixels and remembers how far it reached, so truth boxes come from the very points
that were drawn.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw

from pipeline.synthetic.tones import Fill, tone_sheet

FINE = 2
"""Canvas pixels per page pixel."""

Points = Sequence[tuple[float, float]]


@lru_cache(maxsize=8)
def _spline_weights(steps: int) -> NDArray[np.float64]:
    """Weights of a uniform Catmull-Rom spline (Catmull and Rom 1974): steps x 4."""
    t = np.arange(steps) / steps
    return 0.5 * np.stack(
        [-t + 2 * t**2 - t**3, 2 - 5 * t**2 + 3 * t**3, t + 4 * t**2 - 3 * t**3, -(t**2) + t**3],
        axis=1,
    )


def smooth(points: Points, closed: bool, steps: int = 5) -> list[tuple[float, float]]:
    """A curve through all points, `steps` pieces between each two."""
    p = np.asarray(points, dtype=float)
    if closed:
        quads = np.stack([np.roll(p, 1, 0), p, np.roll(p, -1, 0), np.roll(p, -2, 0)])
    else:
        q = np.vstack([2 * p[0] - p[1], p, 2 * p[-1] - p[-2]])
        quads = np.stack([q[:-3], q[1:-2], q[2:-1], q[3:]])
    curve = np.einsum("sk,knd->nsd", _spline_weights(steps), quads).reshape(-1, 2)
    rows = [(float(x), float(y)) for x, y in curve]
    return rows if closed else [*rows, (float(p[-1, 0]), float(p[-1, 1]))]


def oval(cx: float, cy: float, rx: float, ry: float, sides: int = 24) -> list[tuple[float, float]]:
    """Points on an ellipse, clockwise from its right end."""
    turn = 2 * math.pi / sides
    return [(cx + rx * math.cos(i * turn), cy + ry * math.sin(i * turn)) for i in range(sides)]


@dataclass
class Reach:
    """The extent of all points drawn so far, in canvas pixels."""

    x1: float = math.inf
    y1: float = math.inf
    x2: float = -math.inf
    y2: float = -math.inf

    def add(self, points: Points) -> None:
        xs = [x for x, _ in points]
        ys = [y for _, y in points]
        self.x1, self.x2 = min(self.x1, *xs), max(self.x2, *xs)
        self.y1, self.y2 = min(self.y1, *ys), max(self.y2, *ys)


@dataclass(frozen=True)
class Pen:
    """Draws on `canvas` (mode L); without one it only measures, since truth needs no ink.

    Local (x, y) is mirrored, turned by `turn` radians, scaled by `size` (canvas pixels per
    local unit) and moved to (x, y) of the canvas. `hair` is the width of a line of weight 1
    in canvas pixels.
    """

    canvas: Image.Image | None
    x: float = 0.0
    y: float = 0.0
    size: float = float(FINE)
    turn: float = 0.0
    mirror: bool = False
    hair: float = 2.0 * FINE
    reach: Reach = field(default_factory=Reach)

    def at(self, x: float, y: float, size: float = 1.0, turn: float = 0.0) -> Pen:
        """A pen whose origin is this one's (x, y) and whose unit is `size` of this one's."""
        (cx, cy), *_ = self.map([(x, y)])
        return replace(self, x=cx, y=cy, size=self.size * size, turn=self.turn + turn)

    def map(self, points: Points) -> list[tuple[float, float]]:
        """Local points in canvas pixels."""
        c, s = math.cos(self.turn) * self.size, math.sin(self.turn) * self.size
        sign = -1.0 if self.mirror else 1.0
        return [(self.x + sign * (px * c - py * s), self.y + px * s + py * c) for px, py in points]

    def shape(
        self,
        points: Points,
        fill: Fill | None = 255,
        weight: float = 1.0,
        curved: bool = True,
    ) -> None:
        """A closed shape, filled with grey or a tone, outlined in black (weight 0: no line)."""
        around = self.map(smooth(points, closed=True) if curved else points)
        self.reach.add(around)
        if self.canvas is None:
            return
        if fill is not None:
            fill_polygon(self.canvas, around, fill)
        if weight:
            width = max(1, round(self.hair * weight))
            joint = None if curved else "curve"
            ends = [*around, around[0], around[1]]
            ImageDraw.Draw(self.canvas).line(ends, fill=0, width=width, joint=joint)

    def oval(self, centre: tuple[float, float], radii: tuple[float, float], fill: Fill = 0) -> None:
        """A filled ellipse without a line."""
        around = self.map(oval(*centre, *radii, sides=20))
        self.reach.add(around)
        if self.canvas is not None:
            fill_polygon(self.canvas, around, fill)

    def stroke(
        self, points: Points, weight: float = 1.0, grey: int = 0, curved: bool = True
    ) -> None:
        """An open line of even width."""
        along = self.map(smooth(points, closed=False) if curved else points)
        self.reach.add(along)
        width = max(1, round(self.hair * weight))
        if self.canvas is not None:
            ImageDraw.Draw(self.canvas).line(along, fill=grey, width=width)

    def brush(self, points: Points, weight: float, grey: int = 0) -> None:
        """A curve that swells in its middle and ends in points, as a nib draws it."""
        along = np.asarray(self.map(smooth(points, closed=False)))
        step = np.gradient(along, axis=0)
        length = np.maximum(np.hypot(step[:, 0], step[:, 1]), 1e-6)
        normal = np.stack([-step[:, 1] / length, step[:, 0] / length], axis=1)
        swell = np.sin(np.linspace(0.12, math.pi - 0.12, len(along))) * self.hair * weight / 2
        side = normal * swell[:, None]
        around = [(float(x), float(y)) for x, y in np.vstack([along + side, (along - side)[::-1]])]
        self.reach.add(around)
        if self.canvas is not None:
            ImageDraw.Draw(self.canvas).polygon(around, fill=grey)


def fill_polygon(canvas: Image.Image, around: Points, fill: Fill) -> None:
    """Fill a polygon of canvas pixels with a grey or with the dots of a tone."""
    if isinstance(fill, int):
        ImageDraw.Draw(canvas).polygon(list(around), fill=fill)
        return
    x1 = max(0, math.floor(min(x for x, _ in around)))
    y1 = max(0, math.floor(min(y for _, y in around)))
    x2 = min(canvas.width, math.ceil(max(x for x, _ in around)) + 1)
    y2 = min(canvas.height, math.ceil(max(y for _, y in around)) + 1)
    if x2 <= x1 or y2 <= y1:
        return
    mask = Image.new("1", (x2 - x1, y2 - y1))
    ImageDraw.Draw(mask).polygon([(x - x1, y - y1) for x, y in around], fill=1)
    canvas.paste(tone_sheet(fill, x2 - x1, y2 - y1, (x1, y1)), (x1, y1), mask)
