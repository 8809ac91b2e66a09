from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.manga.placement import place
from schemas.boxes import Box
from schemas.detections import Placement

LEFT, RIGHT = Box(0, 0, 100, 100), Box(110, 0, 210, 100)


@pytest.mark.parametrize(
    ("box", "expected"),
    [
        (Box(10, 10, 40, 40), (0, "inside")),
        (Box(120, 10, 150, 40), (1, "inside")),
        (Box(60, 10, 200, 40), (1, "spans")),
        (Box(60, 10, 112, 40), (0, "inside")),
        (Box(-40, 10, 30, 40), (0, "inside")),
        (Box(101, 10, 109, 40), (None, "outside")),
        (Box(0, 110, 210, 150), (None, "outside")),
        (Box(50, 50, 50, 50), (0, "inside")),
    ],
)
def test_place(box: Box, expected: tuple[int | None, Placement]) -> None:
    assert place(box, [LEFT, RIGHT]) == expected


def test_without_panels_all_is_outside() -> None:
    assert place(Box(0, 0, 10, 10), []) == (None, "outside")


def test_an_inset_does_not_make_a_box_span() -> None:
    page, inset = Box(0, 0, 200, 200), Box(100, 100, 180, 180)
    assert place(Box(90, 90, 190, 190), [page, inset]) == (0, "inside")


side = st.integers(1, 50)
boxes = st.builds(
    lambda x, y, w, h: Box(x, y, x + w, y + h), st.integers(0, 99), st.integers(0, 99), side, side
)


@given(boxes, st.lists(boxes, max_size=5))
def test_the_panel_named_holds_the_most(box: Box, panels: list[Box]) -> None:
    index, placement = place(box, panels)
    assert (index is None) == (placement == "outside")
    if index is not None:
        assert box.share_inside(panels[index]) == max(box.share_inside(p) for p in panels)
