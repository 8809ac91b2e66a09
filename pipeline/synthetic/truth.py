"""Turns what was drawn into ground truth, and keeps it true when a page is tilted."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Any, TypeVar

from schemas.boxes import Box
from schemas.pages import Direction
from schemas.record import Boxed
from schemas.truth import Point, TruthCharacter, TruthDialog, TruthPage, TruthPanel

Part = TypeVar("Part", bound=Boxed)


@dataclass(slots=True)
class TruthDraft:
    """Truth of a page in the making. Frame: page pixels, before the page is tilted."""

    width: int
    height: int
    direction: Direction
    panels: list[TruthPanel] = field(default_factory=list)
    dialogs: list[TruthDialog] = field(default_factory=list)
    characters: list[TruthCharacter] = field(default_factory=list)
    flags: list[str] = field(default_factory=list)

    def box(self, points: Iterable[Point]) -> Box:
        """The smallest box around points that lies on the page."""
        return box_around(points).clip(self.width, self.height)

    def finished(self, page: str, degrees: float) -> TruthPage:
        """The truth of a page that was turned by `degrees` counter-clockwise about its centre."""
        turn = _turning(self.width, self.height, degrees)
        size = (self.width, self.height)
        return TruthPage(
            page=page,
            width=self.width,
            height=self.height,
            direction=self.direction,
            panels=tuple(_turned(panel, turn, size) for panel in self.panels),
            dialogs=tuple(_turned(dialog, turn, size) for dialog in self.dialogs),
            characters=tuple(_turned(character, turn, size) for character in self.characters),
            transcript="\n".join(d.text for d in self.dialogs if d.kind != "sign"),
            flags=tuple(dict.fromkeys(self.flags)),
        )


def box_around(points: Iterable[Point]) -> Box:
    """The smallest box of whole pixels around points."""
    xs, ys = zip(*points, strict=True)
    return Box(round(min(xs)), round(min(ys)), round(max(xs)), round(max(ys)))


def corners(box: tuple[float, float, float, float]) -> list[Point]:
    """The corners of a box, clockwise from the top left."""
    x1, y1, x2, y2 = box
    return [(x1, y1), (x2, y1), (x2, y2), (x1, y2)]


def _turning(width: int, height: int, degrees: float) -> Callable[[Point], Point]:
    """Where Pillow's Image.rotate (without expand) puts a point of the page."""
    angle = math.radians(degrees)
    c, s, cx, cy = math.cos(angle), math.sin(angle), width / 2, height / 2

    def turn(point: Point) -> Point:
        dx, dy = point[0] - cx, point[1] - cy
        return cx + dx * c + dy * s, cy - dx * s + dy * c

    return turn if degrees else lambda point: point


def _turned(part: Part, turn: Callable[[Point], Point], size: tuple[int, int]) -> Part:
    """A part with its boxes and polygon turned with the page and cut off at its edges."""
    polygon = getattr(part, "polygon", ())
    whole = polygon if isinstance(part, TruthPanel) and polygon else corners(part.box)
    box = box_around(map(turn, whole)).clip(*size)
    changes: dict[str, Any] = {"x1": box.x1, "y1": box.y1, "x2": box.x2, "y2": box.y2}
    if polygon:
        changes["polygon"] = tuple(_on_page(turn(point), size) for point in polygon)
    for name in ("text_box", "face"):
        inner = getattr(part, name, None)
        if inner is not None:
            changes[name] = tuple(box_around(map(turn, corners(inner))).clip(*size))
    return part.model_copy(update=changes)


def scaled(truth: TruthPage, share: float) -> TruthPage:
    """The truth of a page whose picture was resized by `share`."""
    size = (round(truth.width * share), round(truth.height * share))

    def shrink(point: Point) -> Point:
        return point[0] * share, point[1] * share

    parts = {
        name: tuple(_turned(part, shrink, size) for part in getattr(truth, name))
        for name in ("panels", "dialogs", "characters")
    }
    return truth.model_copy(update={"width": size[0], "height": size[1], **parts})


def _on_page(point: Point, size: tuple[int, int]) -> Point:
    x, y = min(max(point[0], 0.0), size[0]), min(max(point[1], 0.0), size[1])
    return round(x, 1), round(y, 1)
