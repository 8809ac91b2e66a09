"""Places behind the people: a room, a street, a park. Frame: page pixels, clipped by the panel."""

from __future__ import annotations

from random import Random

from pipeline.synthetic.balloon import Rect
from pipeline.synthetic.effects import (
    draw_focus_lines,
    draw_gradient,
    draw_hatching,
    draw_speed_lines,
)
from pipeline.synthetic.pen import Pen
from pipeline.synthetic.tones import Fill


def draw_backdrop(
    pen: Pen, kind: str, rect: Rect, centre: tuple[float, float], dice: Random
) -> None:
    """Draw a place or a mood over the whole of a panel; `centre` is where the eye should go."""
    x1, y1, x2, y2 = rect
    whole = [(x1, y1), (x2, y1), (x2, y2), (x1, y2)]
    if kind == "tone":
        pen.shape(whole, dice.choice(("light", "middle", "light")), 0.0, curved=False)
    elif kind == "focus":
        draw_focus_lines(pen, rect, centre, dice)
    elif kind == "speed":
        draw_speed_lines(pen, rect, dice)
    elif kind == "gradient":
        draw_gradient(pen, rect, dice)
    elif kind == "hatching":
        draw_hatching(pen, rect, dice)
    elif kind == "room":
        _draw_room(pen, rect, dice)
    elif kind == "street":
        _draw_street(pen, rect, dice)
    elif kind == "park":
        _draw_park(pen, rect, dice)


def _box(pen: Pen, rect: Rect, fill: Fill | None = 255, weight: float = 0.6) -> None:
    x1, y1, x2, y2 = rect
    pen.shape([(x1, y1), (x2, y1), (x2, y2), (x1, y2)], fill, weight, curved=False)


def _draw_room(pen: Pen, rect: Rect, dice: Random) -> None:
    x1, y1, x2, y2 = rect
    wide, high = x2 - x1, y2 - y1
    floor = y1 + dice.uniform(0.76, 0.84) * high
    _box(pen, (x1 - 5, floor, x2 + 5, y2 + 5), dice.choice((255, "light", "light")))
    pen.stroke([(x1, floor - 0.03 * high), (x2, floor - 0.03 * high)], 0.5, curved=False)
    left = x1 + dice.uniform(0.05, 0.5) * wide
    w, h = min(0.4 * wide, 0.5 * high), 0.4 * high
    top = y1 + dice.uniform(0.1, 0.2) * high
    _draw_window(pen, (left, top, left + w, top + h), dice)
    shelf_x = x1 + (0.72 if left < x1 + 0.25 * wide else 0.02) * wide
    _draw_shelf(pen, (shelf_x, y1 + 0.3 * high, shelf_x + 0.24 * wide, floor), dice)


def _draw_window(pen: Pen, rect: Rect, dice: Random) -> None:
    x1, y1, x2, y2 = rect
    _box(pen, (x1 - 4, y1 - 4, x2 + 4, y2 + 4), 255, 0.8)
    _box(pen, rect, dice.choice((255, 255, "light", "dark")))
    middle, bar = (x1 + x2) / 2, (y1 + y2) / 2
    for ends in (((middle, y1), (middle, y2)), ((x1, bar), (x2, bar))):
        pen.stroke(ends, 1.6, 255, curved=False)
        pen.stroke(ends, 0.5, curved=False)
    fold = 0.26 * (x2 - x1)
    for side, x in ((1, x1 - 8), (-1, x2 + 8)):
        inner, waist = x + side * fold, 0.6 * y2 + 0.4 * y1
        curtain = [(x, y1 - 8), (inner, y1 - 8), (x + side * fold * 0.7, waist),
                   (x + side * fold * 0.9, y2 + 10), (x, y2 + 10)]  # fmt: skip
        pen.shape(curtain, 255, 0.6, curved=False)
        pen.stroke([(x + side * fold * 0.4, y1 - 8), (x + side * fold * 0.35, y2 + 10)], 0.4)


def _draw_shelf(pen: Pen, rect: Rect, dice: Random) -> None:
    x1, y1, x2, y2 = rect
    _box(pen, rect, 255, 0.8)
    rows = 3
    for row in range(rows):
        base = y1 + (y2 - y1) * (row + 1) / rows
        pen.stroke([(x1, base), (x2, base)], 0.7, curved=False)
        x = x1 + 3
        while x < x2 - 8:
            thick, tall = dice.uniform(4, 9), (y2 - y1) / rows * dice.uniform(0.5, 0.8)
            if dice.random() < 0.85:
                fill: Fill = dice.choice((255, 255, "light", "dark", 0))
                _box(pen, (x, base - tall, min(x + thick, x2 - 2), base), fill, 0.5)
            x += thick + 1


def _draw_street(pen: Pen, rect: Rect, dice: Random) -> None:
    x1, y1, x2, y2 = rect
    wide, high = x2 - x1, y2 - y1
    ground = y1 + 0.82 * high
    if dice.random() < 0.4:
        _box(pen, (x1, y1, x2, y1 + 0.4 * high), "light", 0.0)
    x = x1 - dice.uniform(0, 0.1) * wide
    while x < x2:
        w = dice.uniform(0.3, 0.5) * high
        roof = y1 + dice.uniform(0.06, 0.36) * high
        _draw_building(pen, (x, roof, x + w, ground), dice)
        x += w + dice.choice((0.0, 0.0, 0.06 * high))
    _box(pen, (x1 - 5, ground, x2 + 5, y2 + 5), 255)
    kerb = ground + 0.05 * high
    pen.stroke([(x1, kerb), (x2, kerb)], 0.5, curved=False)
    pole = x1 + dice.uniform(0.1, 0.9) * wide
    _box(pen, (pole - 0.012 * high, y1 - 4, pole + 0.012 * high, kerb), 255)
    for sag in (0.08, 0.12):
        wire = [(x1, y1 + sag * high), (pole, y1 + 0.05 * high), (x2, y1 + (sag + 0.03) * high)]
        pen.stroke(wire, 0.4)


def _draw_building(pen: Pen, rect: Rect, dice: Random) -> None:
    x1, y1, x2, y2 = rect
    _box(pen, rect, dice.choice((255, 255, 255, "light")), 0.7)
    _box(pen, (x1 - 2, y1 - 3, x2 + 2, y1 + 3), 255, 0.6)
    columns, rows = dice.choice((2, 3)), dice.choice((3, 4))
    fill: Fill = dice.choice((255, "middle", 0, "dark"))
    step_x, step_y = (x2 - x1) / columns, (y2 - y1) / (rows + 0.5)
    for column in range(columns):
        for row in range(rows):
            left, top = x1 + (column + 0.22) * step_x, y1 + (row + 0.3) * step_y
            _box(pen, (left, top, left + 0.56 * step_x, top + 0.55 * step_y), fill, 0.5)


def _draw_park(pen: Pen, rect: Rect, dice: Random) -> None:
    x1, y1, x2, y2 = rect
    wide, high = x2 - x1, y2 - y1
    for _ in range(2):
        cx, cy = x1 + dice.random() * wide, y1 + dice.uniform(0.12, 0.3) * high
        _draw_puff(pen, (cx, cy), (0.16 * high, 0.055 * high), 255)
    hill = y1 + 0.66 * high
    ridge = [(x1 - 20, hill), (x1 + 0.25 * wide, hill - 0.1 * high), (x1 + 0.6 * wide, hill),
             (x1 + 0.85 * wide, hill - 0.07 * high), (x2 + 20, hill), (x2 + 20, y2 + 40),
             (x1 - 20, y2 + 40)]  # fmt: skip
    pen.shape(ridge, dice.choice(("light", 255)), 0.7)
    x = x1 + dice.uniform(0.0, 0.2) * wide
    while x < x2:
        _draw_tree(pen, (x, y1 + dice.uniform(0.74, 0.8) * high), 0.34 * high, dice)
        x += dice.uniform(0.3, 0.6) * high
    pen.shape([(x1 - 30, y1 + 0.8 * high), (x1 + 0.5 * wide, y1 + 0.78 * high),
               (x2 + 30, y1 + 0.81 * high), (x2 + 30, y2 + 40), (x1 - 30, y2 + 40)],
              255, 0.7)  # fmt: skip
    for _ in range(9):
        gx, gy = x1 + dice.random() * wide, y1 + dice.uniform(0.84, 0.97) * high
        pen.stroke([(gx - 3, gy - 6), (gx, gy), (gx + 4, gy - 7)], 0.5, curved=False)


def _draw_tree(pen: Pen, foot: tuple[float, float], tall: float, dice: Random) -> None:
    x, y = foot
    pen.shape([(x - 0.05 * tall, y + 0.2 * tall), (x - 0.04 * tall, y - 0.5 * tall),
               (x + 0.04 * tall, y - 0.5 * tall), (x + 0.06 * tall, y + 0.2 * tall)],
              255, 0.6, curved=False)  # fmt: skip
    fill: Fill = dice.choice((255, "middle", "light"))
    _draw_puff(pen, (x, y - 0.62 * tall), (0.32 * tall, 0.4 * tall), fill)


def _draw_puff(
    pen: Pen, centre: tuple[float, float], radii: tuple[float, float], fill: Fill
) -> None:
    """A lobed outline: a cloud, or the crown of a tree."""
    turn = ((1.0, 0.0), (0.8, 0.55), (0.62, 0.62), (0.2, 1.0), (0.0, 0.86), (-0.3, 0.98),
            (-0.55, 0.66), (-0.86, 0.5), (-0.84, 0.1), (-0.95, -0.3), (-0.6, -0.55),
            (-0.4, -0.95), (0.0, -0.84), (0.35, -1.0), (0.55, -0.66), (0.9, -0.5))  # fmt: skip
    pen.shape([(centre[0] + radii[0] * a, centre[1] + radii[1] * b) for a, b in turn], fill, 0.6)
