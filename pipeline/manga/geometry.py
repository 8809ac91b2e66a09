"""Plane geometry on boxes and convex polygons: overlap tables, half-plane cuts, hulls.

Frame: page-image pixels, origin top left, y down. A polygon is an (n, 2) array of corners
in drawing order; a half-plane is what lies where `normal . point <= offset`.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from schemas.boxes import Box

Points = NDArray[np.float64]


def iou_table(rows: Sequence[Box], columns: Sequence[Box]) -> NDArray[np.float64]:
    """Intersection over union of every pair; shape (len(rows), len(columns)), 0 to 1."""
    return np.array([[a.iou(b) for b in columns] for a in rows], dtype=np.float64).reshape(
        len(rows), len(columns)
    )


def box_polygon(box: Box) -> Points:
    """The four corners of a box, clockwise on screen from the top left."""
    return np.array(
        [(box.x1, box.y1), (box.x2, box.y1), (box.x2, box.y2), (box.x1, box.y2)],
        dtype=np.float64,
    )


def polygon_box(polygon: Points) -> Box:
    """The smallest whole-pixel box that holds the polygon. Raises ValueError if it is empty."""
    if len(polygon) == 0:
        raise ValueError("an empty polygon has no box")
    low, high = np.floor(polygon.min(axis=0)), np.ceil(polygon.max(axis=0))
    return Box(int(low[0]), int(low[1]), int(high[0]), int(high[1]))


def polygon_area(polygon: Points) -> float:
    """Area in square pixels by the shoelace formula; 0 for fewer than three corners."""
    if len(polygon) < 3:
        return 0.0
    x, y = polygon[:, 0], polygon[:, 1]
    return float(abs(np.dot(x, np.roll(y, -1)) - np.dot(y, np.roll(x, -1))) / 2)


def clip_to_half_plane(polygon: Points, normal: Points, offset: float) -> Points:
    """The part of a convex polygon where `normal . point <= offset`; (0, 2) if there is none.

    One step of the Sutherland-Hodgman algorithm (1974).
    """
    kept: list[Points] = []
    heights = polygon @ normal - offset
    for here, there, h0, h1 in zip(
        polygon, np.roll(polygon, -1, axis=0), heights, np.roll(heights, -1), strict=True
    ):
        if h0 <= 0:
            kept.append(here)
        if (h0 < 0 < h1) or (h1 < 0 < h0):
            kept.append(here + (there - here) * (h0 / (h0 - h1)))
    return np.array(kept, dtype=np.float64).reshape(-1, 2)


def cut_polygon(polygon: Points, normal: Points, offset: float) -> tuple[Points, Points]:
    """Both parts of a convex polygon, below and above the line `normal . point = offset`."""
    return (
        clip_to_half_plane(polygon, normal, offset),
        clip_to_half_plane(polygon, -normal, -offset),
    )


def chord(polygon: Points, normal: Points, offset: float) -> tuple[float, float] | None:
    """Where the line `normal . point = offset` runs inside a convex polygon.

    Returns the interval along the direction (-normal_y, normal_x), measured from the point
    of the line nearest to the origin; None where the line misses the polygon.
    """
    along = np.array((-normal[1], normal[0]))
    heights = polygon @ normal - offset
    places = polygon @ along
    crossings: list[float] = []
    for h0, h1, p0, p1 in zip(
        heights, np.roll(heights, -1), places, np.roll(places, -1), strict=True
    ):
        if h0 == 0:
            crossings.append(float(p0))
        if (h0 < 0 < h1) or (h1 < 0 < h0):
            crossings.append(float(p0 + (p1 - p0) * (h0 / (h0 - h1))))
    if len(crossings) < 2:
        return None
    return min(crossings), max(crossings)


def drop_nested(boxes: Sequence[Box], share: float = 0.9) -> list[int]:
    """Indices, in the given order, of the boxes that do not lie (by `share`) in a larger one."""
    kept: list[int] = []
    for index in sorted(range(len(boxes)), key=lambda i: (-boxes[i].area, i)):
        if all(boxes[index].share_inside(boxes[other]) < share for other in kept):
            kept.append(index)
    return sorted(kept)
