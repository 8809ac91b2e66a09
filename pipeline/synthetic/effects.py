"""Lines and tones that carry mood: focus and speed lines, hatching, gradients.

Frame: page pixels.
"""

from __future__ import annotations

import math
from random import Random

from pipeline.synthetic.balloon import Rect
from pipeline.synthetic.pen import Pen
from pipeline.synthetic.tones import ToneName


def draw_focus_lines(pen: Pen, rect: Rect, centre: tuple[float, float], dice: Random) -> None:
    """Wedges from the border towards a point, as for a shock."""
    x1, y1, x2, y2 = rect
    far = math.hypot(x2 - x1, y2 - y1)
    clear = 0.36 * min(x2 - x1, y2 - y1)
    for index in range(84):
        angle = 2 * math.pi * (index + dice.uniform(-0.3, 0.3)) / 84
        start = clear * dice.uniform(1.0, 1.7)
        half = dice.uniform(0.004, 0.013)
        tip = _polar(centre, start, angle)
        ends = _polar(centre, far, angle - half), _polar(centre, far, angle + half)
        pen.shape([tip, *ends], 0, 0.0, curved=False)


def _polar(centre: tuple[float, float], radius: float, angle: float) -> tuple[float, float]:
    return centre[0] + radius * math.cos(angle), centre[1] + radius * math.sin(angle)


def draw_speed_lines(pen: Pen, rect: Rect, dice: Random) -> None:
    """Level wedges from one side, as for a rush."""
    x1, y1, x2, y2 = rect
    sign, from_x = (1, x1 - 20) if dice.random() < 0.5 else (-1, x2 + 20)
    count = max(10, round((y2 - y1) / 7))
    for index in range(count):
        y = y1 + (y2 - y1) * (index + dice.random()) / count
        length = sign * (x2 - x1) * dice.uniform(0.25, 0.9)
        half = dice.uniform(0.3, 1.1)
        wedge = [(from_x, y - half), (from_x + length, y), (from_x, y + half)]
        pen.shape(wedge, 0, 0.0, curved=False)


def draw_hatching(pen: Pen, rect: Rect, dice: Random) -> None:
    """Crossed thin lines that thin out from one upper corner."""
    x1, y1, x2, y2 = rect
    reach = 0.55 * min(x2 - x1, y2 - y1)
    sign, corner = (1, x1) if dice.random() < 0.5 else (-1, x2)
    for index in range(round(reach / 5)):
        along = reach * dice.uniform(0.75, 1.1) - index * 1.5
        y = y1 + index * 5
        pen.stroke([(corner, y), (corner + sign * along, y + 0.35 * along)], 0.4, curved=False)
        x = corner + sign * index * 5
        pen.stroke([(x, y1), (x + sign * 0.35 * along, y1 + along)], 0.4, curved=False)


def draw_gradient(pen: Pen, rect: Rect, dice: Random) -> None:
    """Three bands of tone that grow lighter downwards (or upwards)."""
    x1, y1, x2, y2 = rect
    tones: tuple[ToneName, ...] = ("dark", "middle", "light")
    edges = [0.0, 0.16, 0.34, 0.58]
    turned = dice.random() < 0.4
    for tone, start, end in zip(tones, edges, edges[1:], strict=False):
        top, bottom = y1 + start * (y2 - y1), y1 + end * (y2 - y1)
        if turned:
            top, bottom = y2 - end * (y2 - y1), y2 - start * (y2 - y1)
        pen.shape([(x1, top), (x2, top), (x2, bottom), (x1, bottom)], tone, 0.0, curved=False)
