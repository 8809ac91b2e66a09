"""Bodies below the head, in the frame of the head (see face.py)."""

from __future__ import annotations

from itertools import pairwise

from pipeline.synthetic.cast import CastMember
from pipeline.synthetic.pen import Pen
from pipeline.synthetic.tones import Fill

ARMS = ("down", "wave", "hips", "point", "chest")
FEET_Y = 5.35
"""Where a figure of height 1 stands, in heads below its eyes."""


def draw_body(pen: Pen, member: CastMember, clothes: Fill, held: tuple[str, str]) -> None:
    """Legs, arms and trunk; `held` is how the arms are held and from which view."""
    arms, view = held
    tall = member.height
    wide = (0.5 + 0.5 * tall) * (0.8 if view == "profile" else 1.0)
    if member.skirt:
        _draw_skirt(pen, tall, clothes)
    else:
        _draw_legs(pen, tall, clothes)
    over = []
    for side in (-1, 1):
        # One arm at a time gestures; both hang, or rest on the hips.
        pose = arms if side == 1 or arms == "hips" else "down"
        if pose == "chest" and view != "back":
            over.append(side)
        else:
            _draw_arm(pen, (side, wide), pose, clothes)
    _draw_neck(pen)
    _draw_trunk(pen, wide, clothes, view == "back")
    for side in over:
        _draw_arm(pen, (side, wide), "chest", clothes)


def _draw_neck(pen: Pen) -> None:
    pen.shape([(-0.14, 0.3), (-0.15, 0.56), (0.0, 0.8), (0.15, 0.56), (0.14, 0.3)], 255)
    pen.shape([(-0.13, 0.42), (0.13, 0.42), (0.1, 0.5), (0.0, 0.54), (-0.1, 0.5)], "middle", 0.0)


def _draw_legs(pen: Pen, tall: float, clothes: Fill) -> None:
    hip, feet = 2.35, FEET_Y * tall
    trousers: Fill = "dark" if clothes not in ("dark", "light", 0) else 255
    for side in (-1, 1):
        leg = [(0.02, hip), (0.48, hip - 0.1), (0.42, hip + 1.1), (0.34, feet - 0.2),
               (0.12, feet - 0.2), (0.1, hip + 1.1)]  # fmt: skip
        pen.shape([(side * x, y) for x, y in leg], trousers, curved=False)
        shoe = [(0.09, feet - 0.24), (0.36, feet - 0.24), (0.52, feet - 0.04), (0.1, feet)]
        pen.shape([(side * x, y) for x, y in shoe], 0)


def _draw_skirt(pen: Pen, tall: float, clothes: Fill) -> None:
    """Bare legs in long socks under a pleated skirt."""
    feet = FEET_Y * tall
    knee = 2.4 + 0.55 * (feet - 2.4)
    for side in (-1, 1):
        leg = [(0.06, 2.4), (0.38, 2.4), (0.31, knee), (0.08, knee)]
        pen.shape([(side * x, y) for x, y in leg], 255, 0.9, curved=False)
        sock = [(0.08, knee), (0.31, knee), (0.33, knee + 0.4), (0.26, feet - 0.15),
                (0.1, feet - 0.15), (0.07, knee + 0.4)]  # fmt: skip
        pen.shape([(side * x, y) for x, y in sock], 0 if clothes != 0 else 255, 0.9, curved=False)
        shoe = [(0.07, feet - 0.2), (0.28, feet - 0.2), (0.42, feet - 0.03), (0.08, feet)]
        pen.shape([(side * x, y) for x, y in shoe], 0)
    hem = 2.35 + 0.36 * (feet - 2.35)
    skirt = [(-0.46, 2.2), (0.46, 2.2), (0.74, hem), (0.0, hem + 0.08), (-0.74, hem)]
    fill: Fill = "dark" if clothes not in ("dark", "light", 0) else 255
    pen.shape(skirt, fill, curved=False)
    for share in (-0.6, -0.2, 0.2, 0.6):
        pen.stroke([(0.46 * share, 2.4), (0.72 * share, hem + 0.04)], 0.6, curved=False)


def _draw_trunk(pen: Pen, wide: float, clothes: Fill, is_back: bool) -> None:
    """The trunk covers where the arms begin; lines only where cloth ends or folds."""
    half = [(0.13, 0.5), (0.3, 0.63), (0.46 * wide, 0.7), (0.53 * wide, 1.05), (0.47 * wide, 1.6),
            (0.47 * wide, 1.95), (0.56 * wide, 2.45)]  # fmt: skip
    pen.shape([*half, *[(-x, y) for x, y in reversed(half)]], clothes, 0.0, curved=False)
    for side in (-1, 1):
        right = [(side * x, y) for x, y in half]
        pen.stroke(right[:3])
        pen.stroke(right[3:])
    pen.stroke([(-0.56 * wide, 2.45), (0.0, 2.5), (0.56 * wide, 2.45)])
    lines = 255 if clothes == 0 else 0
    if is_back:
        pen.shape([(-0.18, 0.52), (0.18, 0.52), (0.24, 0.64), (0.0, 0.7), (-0.24, 0.64)], 255, 0.9)
        return
    pen.shape([(-0.12, 0.5), (0.12, 0.5), (0.0, 0.86)], 255, 0.8, curved=False)
    for side in (-1, 1):
        collar = [(side * 0.13, 0.47), (side * 0.29, 0.66), (side * 0.15, 0.9), (0.0, 0.85)]
        pen.shape(collar, 255, 0.9, curved=False)
    pen.stroke([(0.0, 0.88), (0.012, 1.6), (0.0, 2.46)], 0.7, lines)
    for y in (1.15, 1.6, 2.05):
        pen.oval((0.06, y), (0.032, 0.032), lines)


# Root inside the trunk, shoulder, elbow, wrist, hand; in heads, for a body of width 1.
_JOINTS = {
    "down": ((0.36, 0.86), (0.6, 0.93), (0.71, 1.55), (0.68, 2.15), (0.68, 2.3)),
    "wave": ((0.36, 0.86), (0.6, 0.93), (1.0, 1.3), (1.14, 0.6), (1.17, 0.42)),
    "hips": ((0.36, 0.86), (0.6, 0.93), (1.02, 1.55), (0.64, 1.98), (0.54, 2.06)),
    "point": ((0.36, 0.86), (0.6, 0.9), (1.1, 1.05), (1.55, 0.9), (1.72, 0.84)),
    "chest": ((0.5, 0.9), (0.64, 1.05), (0.76, 1.6), (0.3, 1.55), (0.16, 1.5)),
}
_HALF_WIDTHS = (0.17, 0.19, 0.15, 0.125)


def _draw_arm(pen: Pen, where: tuple[int, float], pose: str, clothes: Fill) -> None:
    side, wide = where
    *joints, (hx, hy) = ((side * x * wide, y) for x, y in _JOINTS[pose])
    pen.shape([(hx + side * dx, hy + dy) for dx, dy in _HAND], 255, 0.9)
    pen.shape(_sleeve(joints), clothes)


_HAND = ((-0.12, 0.02), (-0.1, -0.13), (0.05, -0.14), (0.12, -0.03), (0.09, 0.14), (-0.06, 0.15))


def _sleeve(joints: list[tuple[float, float]]) -> list[tuple[float, float]]:
    """A tube around the joints that grows thinner towards the wrist."""
    legs = [(qx - px, qy - py) for (px, py), (qx, qy) in pairwise(joints)]
    one_side, other = [], []
    for index, ((x, y), half) in enumerate(zip(joints, _HALF_WIDTHS, strict=True)):
        ax, ay = legs[max(0, index - 1)]
        bx, by = legs[min(index, len(legs) - 1)]
        dx, dy = ax + bx, ay + by
        length = max(1e-6, (dx * dx + dy * dy) ** 0.5)
        nx, ny = half * dy / length, -half * dx / length
        one_side.append((x + nx, y + ny))
        other.append((x - nx, y - ny))
    # The wrist's corners twice, so that the curve ends the cuff straight.
    return [*one_side, one_side[-1], other[-1], *reversed(other)]
