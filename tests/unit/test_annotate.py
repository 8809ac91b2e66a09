"""From findings to rows: clipped, ordered, placed in panels, the same for findings in any order."""

from __future__ import annotations

from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from pipeline.manga.annotate import Annotations, annotate
from schemas.boxes import Box
from schemas.detections import Detection, FoundCharacter, FoundDialog, FoundPanel
from schemas.ids import character_id, dialog_id, panel_id
from schemas.pages import PageImage

IMAGE = PageImage(
    id="ink/c0001/p001-002",
    series="ink",
    chapter="c0001",
    order=0,
    left_page="ink/c0001/p002",
    right_page="ink/c0001/p001",
    left_sha256="a" * 64,
    right_sha256="b" * 64,
    x_offset=100,
    width=200,
    height=150,
    is_spread=False,
    direction="rtl",
)


def rows(**found: Any) -> Annotations:
    return annotate(Detection(**found), IMAGE, "oracle", uncertain_below=0.5)


def character(box: Box, face: Box | None = None, confidence: float = 0.9) -> FoundCharacter:
    return FoundCharacter(box, face, confidence, "face")


def dialog(box: Box, text_box: Box, text: str = "") -> FoundDialog:
    return FoundDialog(box, text_box, text, 0.9, "vertical")


RIGHT, LEFT = Box(105, 5, 195, 145), Box(5, 5, 95, 145)
PANELS = (FoundPanel(LEFT, 0.4), FoundPanel(RIGHT, 0.5))


def test_panels_are_numbered_in_reading_order_and_the_unsure_ones_marked() -> None:
    found = rows(panels=PANELS).panels
    assert [panel.box for panel in found] == [RIGHT, LEFT]
    assert [panel.id for panel in found] == [panel_id(IMAGE.id, 0), panel_id(IMAGE.id, 1)]
    assert [(panel.order, panel.is_uncertain) for panel in found] == [(0, False), (1, True)]
    assert {panel.detector for panel in found} == {"oracle"}


def test_boxes_are_clipped_to_the_page_image_and_what_lies_beside_it_is_left_out() -> None:
    out, over = Box(300, 0, 400, 50), Box(-20, -30, 50, 400)
    found = rows(
        panels=[FoundPanel(over, 1), FoundPanel(out, 1)],
        characters=[character(over, face=Box(-10, 5, 20, 30)), character(out)],
        dialogs=[dialog(over, over), dialog(out, out)],
    )
    clipped = Box(0, 0, 50, 150)
    assert [panel.box for panel in found.panels] == [clipped]
    assert [each.box for each in found.characters] == [clipped]
    assert [each.box for each in found.dialogs] == [clipped]
    assert found.characters[0].face == Box(0, 5, 20, 30)
    assert found.dialogs[0].text_box == clipped


def test_a_face_or_lettering_beside_the_page_is_none() -> None:
    away = Box(500, 500, 510, 510)
    found = rows(
        characters=[character(LEFT, face=away), character(RIGHT)], dialogs=[dialog(LEFT, away)]
    )
    assert [each.face for each in found.characters] == [None, None]
    assert found.dialogs[0].text_box == LEFT


def test_parts_are_placed_and_numbered_panel_after_panel() -> None:
    in_left, in_right, nowhere = Box(10, 10, 30, 30), Box(110, 80, 130, 95), Box(97, 0, 103, 4)
    across = Box(60, 40, 140, 60)
    found = rows(
        panels=PANELS,
        dialogs=[dialog(box, box) for box in (nowhere, in_left, across, in_right)],
    ).dialogs
    right, left = panel_id(IMAGE.id, 0), panel_id(IMAGE.id, 1)
    assert [(each.order, each.id) for each in found] == [
        (n, dialog_id(IMAGE.id, n)) for n in range(4)
    ]
    assert {each.box: (each.panel, each.placement) for each in found} == {
        in_left: (left, "inside"),
        in_right: (right, "inside"),
        across: (right, "spans"),
        nowhere: ("", "outside"),
    }
    assert found[-1].box == nowhere
    assert [each.panel for each in found] == sorted(
        (each.panel for each in found), key=lambda panel: panel or "~"
    )


def test_a_page_without_panels() -> None:
    found = rows(characters=[character(LEFT)], dialogs=[dialog(RIGHT, RIGHT)])
    assert found.panels == ()
    assert (found.characters[0].panel, found.characters[0].placement) == ("", "outside")
    assert found.characters[0].id == character_id(IMAGE.id, 0)


boxes = st.builds(
    lambda x, y, w, h: Box(x, y, x + w, y + h),
    st.integers(-20, 210),
    st.integers(-20, 160),
    st.integers(0, 90),
    st.integers(0, 90),
)
shares = st.floats(0, 1)
few = st.sampled_from([Box(5, 5, 60, 60), Box(5, 5, 60, 60), Box(10, 10, 55, 55)])
anywhere = st.one_of(boxes, few)
detections = st.builds(
    Detection,
    st.lists(st.builds(FoundPanel, anywhere, shares), max_size=6).map(tuple),
    st.lists(
        st.builds(FoundCharacter, anywhere, st.none() | anywhere, shares, st.just("face")),
        max_size=6,
    ).map(tuple),
    st.lists(
        st.builds(
            FoundDialog, anywhere, anywhere, st.text("ab", max_size=2), shares, st.just("vertical")
        ),
        max_size=6,
    ).map(tuple),
)


@given(detections, st.randoms(use_true_random=False))
def test_the_same_findings_in_any_order_give_the_same_rows(detection: Detection, dice: Any) -> None:
    found = annotate(detection, IMAGE, "oracle", 0.5)
    parts = [list(p) for p in (detection.panels, detection.characters, detection.dialogs)]
    for part in parts:
        dice.shuffle(part)
    assert annotate(Detection(*map(tuple, parts)), IMAGE, "oracle", 0.5) == found


@given(detections)
def test_rows_lie_on_the_page_and_refer_to_its_panels(detection: Detection) -> None:
    found = annotate(detection, IMAGE, "oracle", 0.5)
    page = Box(0, 0, IMAGE.width, IMAGE.height)
    panels = {panel.id for panel in found.panels}
    assert [panel.order for panel in found.panels] == list(range(len(panels)))
    for each in (*found.panels, *found.characters, *found.dialogs):
        assert each.box.area > 0
        assert each.box.intersection(page) == each.box
    for part in (*found.characters, *found.dialogs):
        assert part.panel in panels | {""}
        assert (part.panel == "") == (part.placement == "outside")
    on_page = sum(each.box.clip(200, 150).area > 0 for each in detection.characters)
    assert len(found.characters) == on_page
