"""Whole people in the frame of their head (see face.py): about six heads tall, in a few poses."""

from __future__ import annotations

from dataclasses import dataclass

from pipeline.synthetic.body import draw_body
from pipeline.synthetic.cast import CastMember
from pipeline.synthetic.creature import draw_creature
from pipeline.synthetic.face import FACE, draw_face, draw_glasses
from pipeline.synthetic.hair import draw_back_hair, draw_fringe, draw_hair_from_behind
from pipeline.synthetic.pen import Pen, Points, Reach
from pipeline.synthetic.pose import Pose
from pipeline.synthetic.profile import draw_profile
from pipeline.synthetic.tones import Fill


@dataclass(frozen=True, slots=True)
class DrawnFigure:
    """Where a figure was drawn, in canvas pixels: its whole extent, and the face if it shows."""

    reach: Reach
    face: Points | None


def draw_figure(pen: Pen, member: CastMember, clothes: Fill, pose: Pose) -> DrawnFigure:
    """Draw a member of the cast; the pen stands between its eyes, its unit is the head's height."""
    if not member.is_human:
        draw_creature(pen, member, pose)
        return DrawnFigure(pen.reach, None)
    head = pen.at(0.0, 0.0, turn=pose.turn)
    if pose.view == "back":
        draw_body(pen, member, clothes, (pose.arms, pose.view))
        draw_hair_from_behind(head, member)
        return DrawnFigure(pen.reach, None)
    if pose.view == "profile":
        draw_body(pen, member, clothes, (pose.arms, pose.view))
        draw_profile(head, member, pose.look)
        return DrawnFigure(pen.reach, head.map([(-0.1, -0.24), (0.42, 0.44)]))
    draw_back_hair(head, member)
    draw_body(pen, member, clothes, (pose.arms, pose.view))
    draw_face(head, member, pose.look)
    draw_fringe(head, member, pose.look)
    if member.accessory == "glasses":
        draw_glasses(head, pose.look)
    x1, y1, x2, y2 = FACE
    shift = 0.03 * pose.look.yaw
    corners = [(x1 + shift, y1), (x2 + shift, y1), (x2 + shift, y2), (x1 + shift, y2)]
    return DrawnFigure(pen.reach, head.map(corners))
