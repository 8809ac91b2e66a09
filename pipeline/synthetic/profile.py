"""A head from the side, looking right. Frame: the head's (see face.py)."""

from __future__ import annotations

from pipeline.synthetic.cast import CastMember
from pipeline.synthetic.face import Look
from pipeline.synthetic.pen import Pen

_LINE = [(0.30, -0.3), (0.36, -0.12), (0.345, 0.02), (0.40, 0.14), (0.44, 0.2), (0.37, 0.235),
         (0.375, 0.28), (0.35, 0.31), (0.36, 0.35), (0.32, 0.44), (0.2, 0.45), (0.02, 0.32),
         (-0.1, 0.1), (-0.1, -0.3)]  # fmt: skip

_MASS = {
    "short": [(-0.44, 0.0), (-0.3, 0.24), (-0.14, 0.26)],
    "spiky": [(-0.56, 0.0), (-0.4, 0.06), (-0.42, 0.28), (-0.14, 0.26)],
    "bob": [(-0.5, 0.1), (-0.46, 0.46), (-0.06, 0.42), (0.0, 0.1)],
    "long": [(-0.52, 0.3), (-0.56, 1.0), (-0.2, 1.1), (-0.12, 0.4)],
}
_MASS_OF = {
    "swept": "short", "curly": "bob", "buns": "short", "waves": "long", "twintails": "short",
    "ponytail": "short",
}  # fmt: skip


def draw_profile(pen: Pen, member: CastMember, look: Look) -> None:
    """Face line, one eye, an ear, and the hair as one mass with a fringe."""
    pen.shape(_LINE, 255)
    _draw_eye(pen, look)
    if look.mood in ("shout", "laugh"):
        pen.shape([(0.36, 0.28), (0.25, 0.28), (0.3, 0.36)], 60, 0.8)
    else:
        pen.stroke([(0.36, 0.3), (0.27, 0.31)], 0.8, curved=False)
    _draw_tails(pen, member)
    mass = _MASS[_MASS_OF.get(member.hair, member.hair)]
    skull = [(0.3, -0.1), (0.37, -0.16), (0.38, -0.3), (0.32, -0.46), (0.18, -0.58), (0.0, -0.62),
             (-0.28, -0.54), (-0.44, -0.3)]  # fmt: skip
    fringe = [(-0.1, 0.16), (-0.05, -0.02), (0.06, -0.16), (0.2, -0.14)]
    pen.shape([*skull, *mass, *fringe], member.hair_fill)
    pen.shape([(-0.1, 0.0), (-0.02, -0.06), (0.02, 0.04), (-0.05, 0.16)], 255, 0.8)
    if member.accessory == "glasses":
        pen.shape([(0.2, -0.06), (0.36, -0.06), (0.36, 0.14), (0.2, 0.14)], None, 0.8)
        pen.stroke([(0.2, 0.02), (-0.03, 0.0)], 0.8, curved=False)


def _draw_eye(pen: Pen, look: Look) -> None:
    if look.mood == "laugh":
        pen.brush([(0.18, 0.06), (0.25, 0.0), (0.32, 0.06)], 1.8)
    else:
        pen.oval((0.27, 0.05), (0.045, 0.1), 0)
        pen.oval((0.275, 0.08), (0.028, 0.05), 120)
        pen.oval((0.285, 0.01), (0.02, 0.03), 255)
        pen.brush([(0.17, -0.01), (0.24, -0.065), (0.33, -0.05)], 2.2)
    pen.brush([(0.16, -0.13), (0.24, -0.16), (0.33, -0.13)], 1.4)


def _draw_tails(pen: Pen, member: CastMember) -> None:
    if member.hair in ("ponytail", "twintails"):
        pen.shape([(-0.3, -0.46), (-0.62, -0.5), (-0.8, -0.1), (-0.7, 0.5), (-0.56, 0.05),
                   (-0.4, -0.2)], member.hair_fill)  # fmt: skip
    elif member.hair == "buns":
        pen.shape([(-0.3, -0.7), (-0.1, -0.8), (0.0, -0.62), (-0.14, -0.46), (-0.32, -0.5)],
                  member.hair_fill)  # fmt: skip
    if member.accessory == "bow":
        pen.shape([(-0.4, -0.4), (-0.6, -0.56), (-0.5, -0.22)], 0, curved=False)
