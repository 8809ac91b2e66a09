"""One clean frontal face, on which a face detector proves that it works at all."""

from __future__ import annotations

from PIL import Image

from pipeline.synthetic.cast import CastMember
from pipeline.synthetic.face import Look
from pipeline.synthetic.figure import draw_figure
from pipeline.synthetic.pen import FINE, Pen
from pipeline.synthetic.pose import Pose

_SIDE = 256


def known_face() -> Image.Image:
    """A 256 x 256 RGB picture of one face: about 110 pixels wide, in the middle."""
    canvas = Image.new("L", (_SIDE * FINE, _SIDE * FINE), 255)
    pen = Pen(canvas, 0.5 * canvas.width, 0.48 * canvas.height, 148.0 * FINE, hair=2.2 * FINE)
    member = CastMember(
        identity="known-face", hair="bob", hair_fill="middle", accessory="none", brows="arched",
        eyes="round", jaw="round", clothes=("stripes",), height=1.0, weight=1.0,
    )  # fmt: skip
    draw_figure(pen, member, "stripes", Pose(look=Look(0.0, "smile")))
    return canvas.reduce(FINE).convert("RGB")
