"""The one box convention: xyxy, half-open, page-image pixels."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from schemas.boxes import Box

boxes = st.builds(
    lambda x, y, w, h: Box(x, y, x + w, y + h),
    *(st.integers(0, 20) for _ in range(4)),
)


def mask(box: Box) -> np.ndarray:
    painted = np.zeros((60, 60), dtype=bool)
    painted[box.y1 : box.y2, box.x1 : box.x2] = True
    return painted


@given(boxes, boxes)
def test_measures_are_those_of_the_pixel_sets(one: Box, other: Box) -> None:
    a, b = mask(one), mask(other)
    assert one.area == a.sum() == one.width * one.height
    assert one.intersection(other).area == (a & b).sum()
    union = (a | b).sum()
    assert one.iou(other) == ((a & b).sum() / union if union else 0)
    assert one.iou(other) == other.iou(one)
    assert one.share_inside(other) == ((a & b).sum() / a.sum() if a.any() else 0)
    assert (mask(one.hull(other)) >= (a | b)).all()


@given(boxes, st.integers(1, 50), st.integers(1, 50))
def test_a_clipped_box_lies_on_the_page(box: Box, width: int, height: int) -> None:
    clipped = box.shift(-10, -10).clip(width, height)
    assert not clipped.area or (
        clipped.x1 >= 0 and clipped.y1 >= 0 and clipped.x2 <= width and clipped.y2 <= height
    )
    assert box.clip(100, 100) == box


def test_an_inverted_box_has_no_area_and_nothing_in_common() -> None:
    inverted = Box(10, 10, 5, 5)
    assert inverted.area == 0
    assert inverted.iou(Box(0, 0, 20, 20)) == 0
    assert inverted.share_inside(Box(0, 0, 20, 20)) == 0


def test_grow_shift_and_centre() -> None:
    box = Box(10, 20, 30, 60)
    assert box.grow(1.4, 2.6) == Box(9, 17, 31, 63)
    assert box.shift(5, -5) == Box(15, 15, 35, 55)
    assert box.centre == (20, 40)
