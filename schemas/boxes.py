"""The one box convention: xyxy integers in page-image pixels, half-open (x2 and y2 lie outside)."""

from __future__ import annotations

from typing import NamedTuple


class Box(NamedTuple):
    """An axis-aligned rectangle. Frame: the page image, origin top left, unit pixel."""

    x1: int
    y1: int
    x2: int
    y2: int

    @property
    def width(self) -> int:
        return self.x2 - self.x1

    @property
    def height(self) -> int:
        return self.y2 - self.y1

    @property
    def area(self) -> int:
        """Area in square pixels; an inverted box has none."""
        return max(0, self.width) * max(0, self.height)

    @property
    def centre(self) -> tuple[float, float]:
        return (self.x1 + self.x2) / 2, (self.y1 + self.y2) / 2

    def intersection(self, other: Box) -> Box:
        """The common rectangle; it has no area where the two do not meet."""
        return Box(
            max(self.x1, other.x1),
            max(self.y1, other.y1),
            min(self.x2, other.x2),
            min(self.y2, other.y2),
        )

    def hull(self, other: Box) -> Box:
        """The smallest rectangle that holds both."""
        return Box(
            min(self.x1, other.x1),
            min(self.y1, other.y1),
            max(self.x2, other.x2),
            max(self.y2, other.y2),
        )

    def clip(self, width: int, height: int) -> Box:
        """The part of the box that lies on a page image of that size."""
        return self.intersection(Box(0, 0, width, height))

    def shift(self, dx: int, dy: int = 0) -> Box:
        return Box(self.x1 + dx, self.y1 + dy, self.x2 + dx, self.y2 + dy)

    def grow(self, dx: float, dy: float) -> Box:
        """The box with dx pixels added at its left and right, dy above and below."""
        return Box(
            round(self.x1 - dx), round(self.y1 - dy), round(self.x2 + dx), round(self.y2 + dy)
        )

    def iou(self, other: Box) -> float:
        """Intersection over union (the Jaccard index of the two pixel sets), 0 to 1."""
        common = self.intersection(other).area
        union = self.area + other.area - common
        return common / union if union else 0.0

    def share_inside(self, other: Box) -> float:
        """How much of this box lies in the other one, 0 to 1."""
        return self.intersection(other).area / self.area if self.area else 0.0
