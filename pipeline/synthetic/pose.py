"""How somebody stands in a scene."""

from __future__ import annotations

from dataclasses import dataclass, field

from pipeline.synthetic.face import Look


@dataclass(frozen=True, slots=True)
class Pose:
    """How somebody is seen: "front", "profile" or "back". `turn` tilts the head, in radians."""

    view: str = "front"
    look: Look = field(default_factory=Look)
    arms: str = "down"
    turn: float = 0.0
