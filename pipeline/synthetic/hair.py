"""Ten hair styles: what hangs behind the head, and the fringe over the brow. Frame: the head's."""

from __future__ import annotations

import math

from pipeline.synthetic.cast import CastMember
from pipeline.synthetic.face import Look
from pipeline.synthetic.pen import Pen, smooth
from pipeline.synthetic.tones import Fill

_SKULL = [(-0.44, 0.0), (-0.45, -0.22), (-0.36, -0.46), (-0.16, -0.6), (0.0, -0.62),
          (0.16, -0.6), (0.36, -0.46), (0.45, -0.22), (0.44, 0.0)]  # fmt: skip

_BACKS = {
    "short": [(0.40, 0.16), (0.2, 0.26), (-0.2, 0.26), (-0.40, 0.16)],
    "swept": [(0.42, 0.12), (0.2, 0.28), (-0.2, 0.28), (-0.42, 0.12)],
    "spiky": [(0.40, 0.16), (0.2, 0.26), (-0.2, 0.26), (-0.40, 0.16)],
    "buns": [(0.42, 0.2), (0.2, 0.3), (-0.2, 0.3), (-0.42, 0.2)],
    "ponytail": [(0.40, 0.16), (0.2, 0.26), (-0.2, 0.26), (-0.40, 0.16)],
    "twintails": [(0.40, 0.16), (0.2, 0.26), (-0.2, 0.26), (-0.40, 0.16)],
    "bob": [(0.5, 0.22), (0.46, 0.46), (0.2, 0.42), (-0.2, 0.42), (-0.46, 0.46), (-0.5, 0.22)],
    "long": [(0.5, 0.3), (0.54, 0.75), (0.5, 1.12), (0.2, 1.05), (-0.2, 1.05), (-0.5, 1.12),
             (-0.54, 0.75), (-0.5, 0.3)],
    "waves": [(0.55, 0.2), (0.47, 0.42), (0.62, 0.62), (0.48, 0.86), (0.2, 0.8), (-0.2, 0.8),
              (-0.48, 0.86), (-0.62, 0.62), (-0.47, 0.42), (-0.55, 0.2)],
}  # fmt: skip


def draw_back_hair(pen: Pen, member: CastMember) -> None:
    """All hair that the head hides in part."""
    fill = member.hair_fill
    if member.hair == "curly":
        for i in range(14):
            angle = math.pi * (0.82 + 1.36 * i / 13)
            x, y = 0.43 * math.cos(angle), -0.1 + 0.46 * math.sin(angle)
            _ball(pen, (x, y), 0.145, fill)
        pen.shape([*_SKULL, *_BACKS["short"]], fill, 0.0)
        return
    if member.hair == "twintails":
        for side in (-1, 1):
            tail = [(0.36, -0.36), (0.58, -0.44), (0.76, -0.2), (0.8, 0.3), (0.68, 0.78),
                    (0.6, 0.45), (0.52, 0.1)]  # fmt: skip
            pen.shape([(side * x, y) for x, y in tail], fill)
    elif member.hair == "ponytail":
        pen.shape([(0.1, -0.56), (0.42, -0.74), (0.72, -0.5), (0.8, 0.0), (0.7, 0.46), (0.6, 0.1),
                   (0.5, -0.2), (0.3, -0.4)], fill)  # fmt: skip
    elif member.hair == "buns":
        for side in (-1, 1):
            _ball(pen, (side * 0.36, -0.58), 0.19, fill)
    elif member.hair == "spiky":
        pen.shape(_SPIKES, fill, curved=False)
    weight = 0.0 if member.hair == "spiky" else 1.0
    pen.shape([*_SKULL, *_BACKS[member.hair]], fill, weight)


def _ball(pen: Pen, centre: tuple[float, float], radius: float, fill: Fill) -> None:
    x, y = centre
    eighths = [i * math.pi / 4 for i in range(8)]
    pen.shape([(x + radius * math.cos(a), y + radius * math.sin(a)) for a in eighths], fill)


_SPIKES = [(-0.42, 0.14), (-0.6, 0.12), (-0.47, -0.06), (-0.7, -0.14), (-0.46, -0.26),
           (-0.66, -0.5), (-0.34, -0.46), (-0.42, -0.78), (-0.12, -0.58), (-0.02, -0.86),
           (0.12, -0.6), (0.38, -0.82), (0.33, -0.48), (0.64, -0.56), (0.45, -0.26),
           (0.7, -0.2), (0.47, -0.06), (0.6, 0.1), (0.42, 0.14)]  # fmt: skip


_FRINGES = {
    "short": [(0.43, 0.02), (0.33, -0.2), (0.22, -0.12), (0.12, -0.24), (0.0, -0.12),
              (-0.12, -0.24), (-0.22, -0.12), (-0.33, -0.2), (-0.43, 0.02)],
    "swept": [(0.44, 0.06), (0.37, -0.18), (0.22, -0.32), (0.02, -0.28), (-0.2, -0.16),
              (-0.33, -0.08), (-0.44, 0.08)],
    "spiky": [(0.43, 0.04), (0.35, -0.24), (0.2, -0.08), (0.12, -0.28), (-0.04, -0.08),
              (-0.14, -0.28), (-0.28, -0.08), (-0.36, -0.22), (-0.43, 0.04)],
    "bob": [(0.47, 0.3), (0.375, 0.1), (0.34, -0.19), (0.17, -0.16), (0.0, -0.17),
            (-0.17, -0.16), (-0.34, -0.19), (-0.375, 0.1), (-0.47, 0.3)],
    "long": [(0.46, 0.42), (0.375, 0.1), (0.3, -0.2), (0.1, -0.36), (0.0, -0.44),
             (-0.1, -0.36), (-0.3, -0.2), (-0.375, 0.1), (-0.46, 0.42)],
}  # fmt: skip
_FRINGE_OF = {
    "twintails": "short", "ponytail": "swept", "buns": "bob", "curly": "short", "waves": "long",
}  # fmt: skip


def draw_fringe(pen: Pen, member: CastMember, look: Look) -> None:
    """The hair in front, its shine or strands, and what is worn on it."""
    fringe = _FRINGES[_FRINGE_OF.get(member.hair, member.hair)]
    shift = 0.05 * look.yaw
    edge = [(x + shift * (0.5 - abs(x)), y) for x, y in fringe]
    curved = member.hair in ("long", "swept", "ponytail", "waves")
    lower = smooth(edge, closed=False) if curved else edge
    crown = smooth(_SKULL, closed=False)
    if member.hair in ("spiky", "curly"):
        # The crown's line would show between the spikes or curls and the fringe.
        pen.shape([*crown, *lower], member.hair_fill, 0.0, curved=False)
        pen.stroke(lower, curved=False)
    else:
        pen.shape([*crown, *lower], member.hair_fill, curved=False)
    if member.hair_fill == 0:
        pen.brush([(-0.3, -0.36), (-0.16, -0.45), (0.0, -0.47)], 2.2, 255)
        pen.brush([(0.1, -0.465), (0.2, -0.44), (0.28, -0.39)], 1.6, 255)
    else:
        for x in (-0.2, 0.02, 0.22):
            pen.brush([(x * 0.4, -0.56), (x * 0.85, -0.42), (x + shift, -0.27)], 0.8)
    _draw_headwear(pen, member)


def _draw_headwear(pen: Pen, member: CastMember) -> None:
    if member.accessory == "bow":
        for side in (-1, 1):
            wing = [(0.3, -0.5), (0.3 + side * 0.2, -0.64), (0.3 + side * 0.22, -0.4)]
            pen.shape(wing, "dots" if member.hair_fill == 0 else 0, curved=False)
        pen.oval((0.3, -0.5), (0.055, 0.055), 255)
    elif member.accessory == "hat":
        pen.shape([(-0.46, -0.32), (-0.44, -0.62), (-0.2, -0.82), (0.2, -0.82), (0.44, -0.62),
                   (0.46, -0.32), (0.0, -0.4)], "weave")  # fmt: skip
        pen.shape([(-0.5, -0.28), (-0.2, -0.4), (0.2, -0.4), (0.5, -0.28), (0.62, -0.2),
                   (0.2, -0.3), (-0.2, -0.3), (-0.6, -0.22)], 255)  # fmt: skip


def draw_hair_from_behind(pen: Pen, member: CastMember) -> None:
    """The back of a head: the hair covers all of it."""
    for side in (-1, 1):
        pen.shape([(side * 0.4, -0.06), (side * 0.47, 0.0), (side * 0.42, 0.12)], 255, 0.8)
    draw_back_hair(pen, member)
    shine = 255 if member.hair_fill == 0 else 0
    for x in (-0.26, -0.09, 0.09, 0.26):
        pen.brush([(x * 0.3, -0.5), (x * 0.9, -0.25), (x, 0.1)], 0.8, shine)
    _draw_headwear(pen, member)
