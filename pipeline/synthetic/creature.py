"""The one in the cast that is no human: a round animal with long ears. It has no human face."""

from __future__ import annotations

from pipeline.synthetic.cast import CastMember
from pipeline.synthetic.pen import Pen
from pipeline.synthetic.pose import Pose


def draw_creature(pen: Pen, member: CastMember, pose: Pose) -> None:
    """Ears, body, paws and a muzzle; the frame is that of a head (body 1.3 high)."""
    fur = member.hair_fill
    line = 0 if fur != 0 else 255
    pen.shape([(0.4, 0.5), (0.75, 0.55), (0.95, 0.2), (0.8, 0.0), (0.85, 0.35), (0.6, 0.7)], fur)
    for side in (-1, 1):
        ear = [(0.12, -0.3), (0.16, -0.75), (0.3, -1.05), (0.42, -0.75), (0.38, -0.25)]
        pen.shape([(side * x, y) for x, y in ear], fur)
        pen.shape([(side * (0.22 + 0.5 * (x - 0.22)), y * 0.85) for x, y in ear], "light", 0.5)
    pen.shape([(0.0, -0.48), (0.4, -0.36), (0.54, 0.0), (0.5, 0.42), (0.52, 0.74), (0.3, 0.86),
               (0.0, 0.88), (-0.3, 0.86), (-0.52, 0.74), (-0.5, 0.42), (-0.54, 0.0),
               (-0.4, -0.36)], fur)  # fmt: skip
    for side in (-1, 1):
        pen.shape([(side * 0.12, 0.8), (side * 0.26, 0.72), (side * 0.42, 0.8), (side * 0.4, 0.92),
                   (side * 0.14, 0.92)], fur)  # fmt: skip
    if pose.view == "back":
        pen.oval((0.0, 0.66), (0.12, 0.1), 255)
        return
    pen.shape([(0.0, 0.3), (0.3, 0.45), (0.28, 0.74), (0.0, 0.82), (-0.28, 0.74), (-0.3, 0.45)],
              255, 0.6)  # fmt: skip
    pen.shape([(0.0, -0.02), (0.24, 0.06), (0.2, 0.24), (0.0, 0.28), (-0.2, 0.24), (-0.24, 0.06)],
              255, 0.7)  # fmt: skip
    for side in (-1, 1):
        pen.oval((side * 0.27, -0.1), (0.05, 0.06), 255)
        pen.oval((side * 0.27, -0.1), (0.036, 0.046), 0)
        for y in (0.1, 0.18):
            pen.stroke([(side * 0.28, y), (side * 0.62, y * 1.3 - 0.03)], 0.5, line, curved=False)
    pen.oval((0.0, 0.05), (0.07, 0.045), 0)
    pen.brush([(-0.12, 0.16), (-0.05, 0.2), (0.0, 0.13), (0.05, 0.2), (0.12, 0.16)], 1.0)
