from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.manga.reading_order import page_image_order, reading_order
from schemas.boxes import Box
from schemas.pages import Direction

GRID = [Box(0, 0, 90, 90), Box(100, 0, 190, 90), Box(0, 100, 90, 190), Box(100, 100, 190, 190)]

coordinate = st.integers(0, 60)
boxes = st.lists(
    st.builds(
        lambda x, y, w, h: Box(x, y, x + w, y + h),
        coordinate,
        coordinate,
        st.integers(0, 40),
        st.integers(0, 40),
    ),
    max_size=9,
)
directions = st.sampled_from(["rtl", "ltr"])


@given(boxes, directions)
def test_any_input_gives_a_permutation(some: list[Box], direction: Direction) -> None:
    assert sorted(reading_order(some, direction)) == list(range(len(some)))


@given(boxes, directions, st.integers(2, 7), st.integers(-50, 50))
def test_scale_and_place_do_not_matter(
    some: list[Box], direction: Direction, factor: int, shift: int
) -> None:
    moved = [Box(*(factor * value for value in box)).shift(shift, -shift) for box in some]
    assert reading_order(moved, direction) == reading_order(some, direction)


@given(boxes)
def test_a_mirrored_page_is_read_in_the_other_direction(some: list[Box]) -> None:
    mirrored = [Box(-box.x2, box.y1, -box.x1, box.y2) for box in some]
    assert reading_order(mirrored, "rtl") == reading_order(some, "ltr")


@given(boxes, directions, st.integers(0, 100))
def test_the_order_of_the_input_does_not_matter(
    some: list[Box], direction: Direction, turn: int
) -> None:
    cut = turn % (len(some) + 1)
    turned = some[cut:] + some[:cut]
    read = [some[i] for i in reading_order(some, direction)]
    read_turned = [turned[i] for i in reading_order(turned, direction)]
    centres = [(box.centre, box) for box in read]
    # Boxes with one centre keep their given order, so only their centres must agree.
    assert [c for c, _ in centres] == [box.centre for box in read_turned]


@pytest.mark.parametrize(("direction", "expected"), [("ltr", [0, 1, 2, 3]), ("rtl", [1, 0, 3, 2])])
def test_grid(direction: Direction, expected: list[int]) -> None:
    assert reading_order(GRID, direction) == expected


def test_tall_panel_on_the_side_read_first() -> None:
    page = [Box(0, 0, 90, 90), Box(100, 0, 190, 190), Box(0, 100, 90, 190)]
    assert reading_order(page, "rtl") == [1, 0, 2]
    assert reading_order(page, "ltr") == [0, 2, 1]


def test_grid_beside_a_tall_panel_is_read_by_rows() -> None:
    grid = [Box(x, y, x + 90, y + 90) for y in (0, 100, 200) for x in (100, 0)]
    page = [Box(200, 0, 290, 290), *grid]
    assert reading_order(page, "rtl") == [0, 1, 2, 3, 4, 5, 6]
    assert reading_order(page, "ltr") == [2, 1, 4, 3, 6, 5, 0]


def test_tall_panel_that_laps_over_its_slanted_neighbours() -> None:
    page = [
        Box(397, 46, 670, 952),
        Box(0, 0, 480, 263),
        Box(32, 264, 476, 509),
        Box(0, 490, 446, 756),
        Box(22, 711, 464, 977),
    ]
    assert reading_order(page, "rtl") == [0, 1, 2, 3, 4]


def test_slanted_rows_overlap_and_stay_rows() -> None:
    page = [Box(0, 0, 95, 104), Box(100, 0, 190, 90), Box(0, 108, 90, 200), Box(100, 94, 190, 200)]
    assert reading_order(page, "ltr") == [0, 1, 2, 3]


def test_rows_before_columns_in_a_page_turned_a_little() -> None:
    rows, columns = 4, 3
    page = [
        Box(100 * c, 100 * r + 2 * c, 100 * c + 98, 100 * r + 2 * c + 98)
        for r in range(rows)
        for c in range(columns)
    ]
    assert reading_order(page, "ltr") == list(range(rows * columns))


def test_single_strip_of_four() -> None:
    strip = [Box(0, 100 * row, 150, 100 * row + 90) for row in range(4)]
    assert reading_order(strip, "rtl") == [0, 1, 2, 3]


def test_two_strips_of_four_are_read_one_after_the_other() -> None:
    strips = [Box(x, 100 * row, x + 150, 100 * row + 95) for x in (0, 170) for row in range(4)]
    assert reading_order(strips, "rtl") == [4, 5, 6, 7, 0, 1, 2, 3]


def test_a_grid_of_four_rows_is_no_pair_of_strips() -> None:
    grid = [Box(x, 100 * row, x + 150, 100 * row + 90) for x in (0, 160) for row in range(4)]
    assert reading_order(grid, "ltr") == [0, 4, 1, 5, 2, 6, 3, 7]


def test_same_boxes_keep_their_order() -> None:
    assert reading_order([Box(0, 0, 9, 9)] * 3, "rtl") == [0, 1, 2]


DOUBLE = [*GRID, *(box.shift(200) for box in GRID)]


def test_double_page_is_read_one_half_after_the_other() -> None:
    assert page_image_order(DOUBLE, "rtl", 200) == [5, 4, 7, 6, 1, 0, 3, 2]
    assert page_image_order(DOUBLE, "ltr", 200) == [0, 1, 2, 3, 4, 5, 6, 7]
    assert page_image_order(GRID, "rtl", None) == reading_order(GRID, "rtl")


def test_panel_across_both_halves_divides_the_page() -> None:
    page = [Box(0, 0, 190, 90), Box(210, 0, 390, 90), Box(0, 100, 390, 190), Box(0, 200, 190, 290)]
    assert page_image_order(page, "rtl", 200) == [1, 0, 2, 3]
    assert page_image_order(page, "ltr", 200) == [0, 1, 2, 3]


def test_panel_that_only_laps_over_the_fold_stays_in_its_half() -> None:
    page = [Box(10, 0, 210, 190), Box(215, 0, 390, 190)]
    assert page_image_order(page, "rtl", 200) == [1, 0]


@given(boxes, directions, st.integers(0, 100))
def test_any_double_page_gives_a_permutation(
    some: list[Box], direction: Direction, fold: int
) -> None:
    assert sorted(page_image_order(some, direction, fold)) == list(range(len(some)))
