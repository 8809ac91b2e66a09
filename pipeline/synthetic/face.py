"""Heads in the big-eyed style, frontal to three quarters, in the frame of the head.

Frame: origin between the eyes, y down, unit = height of the head (skull to chin).
The skull's top lies at y = -0.56, the chin at y = +0.44.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

from pipeline.synthetic.cast import CastMember
from pipeline.synthetic.pen import Pen

MOODS = ("calm", "smile", "shout", "sad", "angry", "laugh")

FACE = (-0.38, -0.25, 0.38, 0.44)
"""The face proper in the head's frame: brow to chin, cheek to cheek."""


@dataclass(frozen=True, slots=True)
class Look:
    """How a head is held: `yaw` -1 to 1 (a quarter turn to the side), and its mood."""

    yaw: float = 0.0
    mood: str = "calm"


_JAWS = {
    "round": ((0.385, -0.10), (0.375, 0.10), (0.30, 0.27), (0.16, 0.40), (0.0, 0.44)),
    "pointed": ((0.375, -0.10), (0.365, 0.08), (0.28, 0.25), (0.12, 0.39), (0.0, 0.445)),
    "broad": ((0.39, -0.10), (0.385, 0.12), (0.33, 0.28), (0.19, 0.41), (0.0, 0.44)),
}


def draw_face(pen: Pen, member: CastMember, look: Look) -> None:
    """Skin, ears, eyes, nose and mouth; hair comes before and after it."""
    half = _JAWS[member.jaw]
    shift = 0.05 * look.yaw
    right = [(x + shift * (0.3 + max(0.0, y)), y) for x, y in half]
    left = [(-x + shift * (0.3 + max(0.0, y)), y) for x, y in reversed(half[:-1])]
    for side in (-1, 1):
        ear = [(0.37, -0.02), (0.43, -0.06), (0.45, 0.02), (0.42, 0.12), (0.37, 0.14)]
        pen.shape([(side * x - shift, y) for x, y in ear], weight=0.8)
    pen.shape([(0.30, -0.36), *right, *left, (-0.30, -0.36), (0.0, -0.45)])
    for side in (-1, 1):
        _eye(pen, member, look, side)
        _brow(pen, member, look, side)
    nose = 0.10 * look.yaw
    pen.stroke([(nose, 0.165), (nose + 0.022, 0.2), (nose - 0.012, 0.212)], 0.6)
    _mouth(pen, look)
    if member.accessory == "scar":
        pen.brush([(0.24, 0.13), (0.17, 0.2), (0.13, 0.3)], 1.2)
        for y in (0.17, 0.23):
            pen.stroke([(0.15, y - 0.02), (0.22, y + 0.03)], 0.6)


_EYE_SIZE = {"round": (0.098, 0.108), "tall": (0.088, 0.125), "sharp": (0.104, 0.088)}


def _eye_centre(look: Look, side: int) -> tuple[float, float]:
    return side * 0.19 + 0.075 * look.yaw, 0.04


def _eye(pen: Pen, member: CastMember, look: Look, side: int) -> None:
    cx, cy = _eye_centre(look, side)
    rx, ry = _EYE_SIZE[member.eyes]
    # The far eye is seen at an angle and looks narrower.
    rx *= 1 - 0.22 * max(0.0, look.yaw * side)
    if look.mood == "laugh":
        pen.brush([(cx - rx, cy + 0.03), (cx, cy - 0.045), (cx + rx, cy + 0.03)], 2.0)
        return
    slant = 0.025 if member.eyes == "sharp" else 0.0
    outer, inner = cx + side * rx, cx - side * rx
    white = [
        (outer, cy - ry * 0.15 - slant),
        (cx + side * rx * 0.55, cy - ry * 0.88 - slant),
        (cx - side * rx * 0.45, cy - ry * 0.86),
        (inner, cy + ry * 0.05),
        (cx - side * rx * 0.55, cy + ry * 0.86),
        (cx + side * rx * 0.5, cy + ry * 0.9),
    ]
    pen.shape(white, 255, 0.0)
    look_x = cx + 0.012 * look.yaw
    iris = (rx * 0.66, ry * 0.88)
    pen.oval((look_x, cy), iris, 0)
    pen.oval((look_x, cy + ry * 0.2), (iris[0] * 0.78, iris[1] * 0.62), 120)
    pen.oval((look_x, cy + ry * 0.02), (iris[0] * 0.45, iris[1] * 0.5), 0)
    pen.oval((look_x - rx * 0.22, cy - ry * 0.4), (rx * 0.26, ry * 0.26), 255)
    pen.oval((look_x + rx * 0.25, cy + ry * 0.5), (rx * 0.13, ry * 0.13), 255)
    lid = [
        (outer + side * 0.02, cy + ry * 0.1 - slant),
        (outer - side * 0.01, cy - ry * 0.5 - slant),
        (cx + side * rx * 0.2, cy - ry * 1.02 - slant / 2),
        (cx - side * rx * 0.6, cy - ry * 0.85),
        (inner - side * 0.005, cy - ry * 0.2),
    ]
    pen.brush(lid, max(1.4, 0.038 * pen.size / pen.hair))
    pen.brush(
        [(outer - side * 0.01, cy + ry * 0.5), (cx, cy + ry * 1.02), (inner, cy + ry * 0.7)], 0.7
    )


def _brow(pen: Pen, member: CastMember, look: Look, side: int) -> None:
    cx, _ = _eye_centre(look, side)
    rise = {"angry": -0.06, "shout": -0.03, "sad": 0.05}.get(look.mood, 0.0)
    bend = {"arched": 0.03, "flat": 0.008, "thick": 0.018}[member.brows]
    weight = (0.03 if member.brows == "thick" else 0.017) * pen.size / pen.hair
    y = -0.135
    ends = [
        (cx + side * 0.10, y + 0.01 + rise * 0.3),
        (cx, y - bend),
        (cx - side * 0.09, y + 0.01 - rise),
    ]
    pen.brush(ends, max(0.8, weight))


def _mouth(pen: Pen, look: Look) -> None:
    x, y = 0.085 * look.yaw, 0.305
    if look.mood == "shout":
        pen.shape([(x - 0.10, y - 0.035), (x + 0.10, y - 0.035), (x + 0.05, y + 0.07),
                   (x - 0.05, y + 0.07)], 60, 0.8)  # fmt: skip
        pen.shape([(x - 0.07, y - 0.025), (x + 0.07, y - 0.025), (x, y - 0.012)], 255, 0.0)
    elif look.mood == "laugh":
        pen.shape([(x - 0.09, y - 0.03), (x, y - 0.02), (x + 0.09, y - 0.03), (x, y + 0.06)],
                  90, 0.8)  # fmt: skip
    elif look.mood == "smile":
        pen.brush([(x - 0.075, y - 0.012), (x, y + 0.022), (x + 0.075, y - 0.012)], 1.0)
    elif look.mood in ("sad", "angry"):
        pen.brush([(x - 0.06, y + 0.018), (x, y - 0.006), (x + 0.06, y + 0.018)], 1.0)
    else:
        pen.brush([(x - 0.05, y), (x, y + 0.006), (x + 0.05, y)], 1.0)


def draw_glasses(pen: Pen, look: Look) -> None:
    """Round rims over the eyes."""
    for side in (-1, 1):
        cx, cy = _eye_centre(look, side)
        rim = [(cx + 0.135 * math.cos(a), cy + 0.01 + 0.125 * math.sin(a)) for a in _EIGHTHS]
        pen.shape(rim, None, 0.8)
    x = 0.075 * look.yaw
    pen.stroke([(x - 0.06, 0.03), (x, 0.015), (x + 0.06, 0.03)], 0.8)


_EIGHTHS = tuple(i * math.pi / 4 for i in range(8))
