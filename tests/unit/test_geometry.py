from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.manga.geometry import (
    box_polygon,
    chord,
    cut_polygon,
    drop_nested,
    iou_table,
    polygon_area,
    polygon_box,
)
from schemas.boxes import Box

coordinate = st.integers(-200, 200)
boxes = st.builds(
    lambda x, y, w, h: Box(x, y, x + w, y + h),
    coordinate,
    coordinate,
    st.integers(1, 200),
    st.integers(1, 200),
)
angles = st.floats(0, 6.28)


@given(boxes, boxes)
def test_iou_is_symmetric_and_between_none_and_all(a: Box, b: Box) -> None:
    assert 0 <= a.iou(b) <= 1
    assert a.iou(b) == b.iou(a)
    assert a.iou(a) == 1
    assert a.iou(b) <= min(a.area, b.area) / max(a.area, b.area)


@given(st.lists(boxes, max_size=4), st.lists(boxes, max_size=4))
def test_iou_table_has_a_row_for_each_first_box(rows: list[Box], columns: list[Box]) -> None:
    table = iou_table(rows, columns)
    assert table.shape == (len(rows), len(columns))
    for i, row in enumerate(rows):
        for j, column in enumerate(columns):
            assert table[i, j] == row.iou(column)


@given(boxes)
def test_a_box_and_its_polygon_are_the_same(box: Box) -> None:
    assert polygon_box(box_polygon(box)) == box
    assert polygon_area(box_polygon(box)) == box.area


@given(boxes, angles, st.floats(-300, 300))
def test_both_sides_of_a_cut_make_the_whole(box: Box, angle: float, offset: float) -> None:
    normal = np.array((np.cos(angle), np.sin(angle)))
    below, above = cut_polygon(box_polygon(box), normal, offset)
    assert polygon_area(below) + polygon_area(above) == pytest.approx(box.area, rel=1e-6)
    assert (below @ normal <= offset + 1e-6).all()
    assert (above @ normal >= offset - 1e-6).all()


def test_chord_is_measured_along_the_line() -> None:
    square = box_polygon(Box(10, 20, 50, 60))
    assert chord(square, np.array((1.0, 0.0)), 30.0) == (20.0, 60.0)
    assert chord(square, np.array((0.0, 1.0)), 30.0) == (-50.0, -10.0)
    assert chord(square, np.array((1.0, 0.0)), 70.0) is None


def test_an_empty_polygon_has_no_box_and_no_area() -> None:
    nothing = np.zeros((0, 2))
    assert polygon_area(nothing) == 0
    with pytest.raises(ValueError, match="empty"):
        polygon_box(nothing)


def test_nested_boxes_are_dropped_and_twins_kept_once() -> None:
    outer, inner, beside = Box(0, 0, 100, 100), Box(10, 10, 40, 40), Box(90, 0, 190, 100)
    assert drop_nested([inner, outer, beside, outer]) == [1, 2]
