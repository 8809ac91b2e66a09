"""In which order panels (or balloons) are read: split into rows, each row into columns, and so on.

Manga pages are nearly always cut like that ("guillotine" layouts), so the recursion finds
the order that a reader follows. Borders lap over each other and slant, so two boxes count
as one after the other as soon as they overlap by less than a tolerance, which grows only
where no clean split exists.
"""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from itertools import pairwise
from typing import Final, Literal

from schemas.boxes import Box
from schemas.pages import Direction

Axis = Literal["x", "y"]

_SLACK: Final = 6
"""Percent of its own extent that a box may overlap the next one and still follow it cleanly."""

_STEPS: Final = 30
"""Levels of tolerance tried where no clean split exists, up to where only centres are left."""

_FOR_ROWS: Final = Fraction(1, 40)
_FOR_COLUMNS: Final = Fraction(1, 60)
"""What a level adds for rows and for columns, as shares of the longest side: rows come first
as long as columns do not take much less."""

_STRIP: Final = 4
"""Panels in each column of a 4-koma page."""

_SPANNING: Final = 0.2
"""A box with this share of its width in both halves of a double page belongs to neither."""


def reading_order(boxes: Sequence[Box], direction: Direction) -> list[int]:
    """Indices of `boxes` in reading order; a permutation for any input.

    Rows go top to bottom, columns in a row by `direction`. Two or more columns of at least
    four stacked boxes each, further apart than the boxes in them, are 4-koma strips and are
    read one strip after the other. Boxes with the same centre keep their given order.
    Time is O(n^2 log n) at most, for n boxes.
    """
    return _ordered(boxes, list(range(len(boxes))), direction)


def page_image_order(boxes: Sequence[Box], direction: Direction, split_x: int | None) -> list[int]:
    """Reading order on a page image; the right page of a double one starts at x = `split_x`.

    The half that is read first (the right one for "rtl") comes first. A box that spans both
    halves is read across: after all that lies above its centre, before all that lies below.
    `split_x` None means a single page.
    """
    if split_x is None:
        return reading_order(boxes, direction)
    spanning = sorted(
        (index for index, box in enumerate(boxes) if _spans(box, split_x)),
        key=lambda index: boxes[index].y1 + boxes[index].y2,
    )
    order: list[int] = []
    for level in range(len(spanning) + 1):
        band = [
            index
            for index in range(len(boxes))
            if index not in spanning and _level(boxes, index, spanning) == level
        ]
        right = [i for i in band if boxes[i].x1 + boxes[i].x2 >= 2 * split_x]
        left = [i for i in band if i not in right]
        for half in (right, left) if direction == "rtl" else (left, right):
            order += _ordered(boxes, half, direction)
        order += spanning[level : level + 1]
    return order


def _spans(box: Box, split_x: int) -> bool:
    if not box.x1 < split_x < box.x2:
        return False
    return min(split_x - box.x1, box.x2 - split_x) >= _SPANNING * box.width


def _level(boxes: Sequence[Box], index: int, spanning: Sequence[int]) -> int:
    """How many of the boxes that span both halves lie above this one."""
    middle = boxes[index].y1 + boxes[index].y2
    return sum(boxes[other].y1 + boxes[other].y2 <= middle for other in spanning)


def _ordered(boxes: Sequence[Box], indices: list[int], direction: Direction) -> list[int]:
    if len(indices) < 2:
        return indices
    groups = _split(boxes, indices, direction)
    if len(groups) == 1:
        return sorted(indices)
    return [index for group in groups for index in _ordered(boxes, group, direction)]


def _split(boxes: Sequence[Box], indices: list[int], direction: Direction) -> list[list[int]]:
    """The split that the smallest tolerance allows, its parts in reading order.

    Tolerance first is a share of each box. Beyond that it is a length, equal for all: a row
    split that cuts deep into a tall panel gives way to a column split that cuts little.
    """
    longest = max(max(abs(boxes[i].width), abs(boxes[i].height)) for i in indices)
    for level in range(_STEPS + 1):
        rows = _groups(boxes, indices, "y", longest * level * _FOR_ROWS)
        columns = _groups(boxes, indices, "x", longest * level * _FOR_COLUMNS)
        if direction == "rtl":
            columns.reverse()
        if len(columns) > 1 and _are_strips(boxes, columns):
            return columns
        if len(rows) > 1:
            return rows
        if len(columns) > 1:
            return _rejoined(boxes, columns)
    return [indices]


def _rejoined(boxes: Sequence[Box], columns: list[list[int]]) -> list[list[int]]:
    """Columns, with neighbours that share rows together again.

    A tall panel beside a grid keeps its rows from being seen. Once it stands alone, the grid
    is a grid and is read by rows.
    """
    if len(columns) < 3:
        return columns
    groups: list[list[int]] = []
    start = 0
    while start < len(columns):
        stop = len(columns) if start else len(columns) - 1
        while stop > start + 1 and not _share_rows(boxes, columns[start:stop]):
            stop -= 1
        groups.append([index for column in columns[start:stop] for index in column])
        start = stop
    return groups


def _share_rows(boxes: Sequence[Box], columns: Sequence[Sequence[int]]) -> bool:
    if min(len(column) for column in columns) < 2:
        return False
    together = [index for column in columns for index in column]
    return len(_groups(boxes, together, "y", Fraction(0))) > 1


def _interval(box: Box, axis: Axis, room: Fraction) -> tuple[Fraction, Fraction]:
    """The extent of a box less `room` pixels, or its slack, at both ends; at least its centre.

    Fractions keep it exact, so that no rounding breaks a tie.
    """
    ends = (box.x1, box.x2) if axis == "x" else (box.y1, box.y2)
    low, high = min(ends), max(ends)
    slack = Fraction(_SLACK * (high - low), 100)
    cut = min(max(slack, room), Fraction(high - low, 2))
    return low + cut, high - cut


def _groups(
    boxes: Sequence[Box], indices: Sequence[int], axis: Axis, room: Fraction
) -> list[list[int]]:
    """Chains of boxes whose trimmed intervals overlap, in rising order along the axis.

    Points that coincide (boxes trimmed to their centres) overlap; intervals that only touch
    do not.
    """
    spans = sorted((*_interval(boxes[index], axis, room), index) for index in indices)
    groups: list[list[int]] = []
    start = reach = Fraction(0)
    for low, high, index in spans:
        if groups and (low < reach or start == reach == low == high):
            groups[-1].append(index)
            reach = max(reach, high)
        else:
            groups.append([index])
            start, reach = low, high
    return groups


def _are_strips(boxes: Sequence[Box], columns: Sequence[Sequence[int]]) -> bool:
    """Whether the columns are 4-koma strips: stacks, closer in themselves than to each other."""
    stacks = [_groups(boxes, column, "y", Fraction(0)) for column in columns]
    if any(len(stack) < _STRIP or any(len(row) > 1 for row in stack) for stack in stacks):
        return False
    within = [
        boxes[below[0]].y1 - boxes[above[0]].y2
        for stack in stacks
        for above, below in pairwise(stack)
    ]
    by_x = sorted(columns, key=lambda column: min(boxes[i].x1 for i in column))
    between = [
        min(boxes[i].x1 for i in second) - max(boxes[i].x2 for i in first)
        for first, second in pairwise(by_x)
    ]
    return min(between) > 1.5 * max(0, *within)
