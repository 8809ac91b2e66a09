from __future__ import annotations

import cv2
import numpy as np
import pytest

from pipeline.ports.classical.balloons import BalloonFinder, Grey, grow_balloon
from pipeline.ports.classical.lines import TextLine
from pipeline.ports.classical.text_dialogs import find_dialogs
from schemas.boxes import Box

TEXT = Box(170, 160, 230, 240)
BALLOON = Box(140, 120, 261, 281)


def lettering(page: Grey, ink: int = 0, box: Box = TEXT) -> None:
    """Strokes that leave most of the text box to the ground, as letters do."""
    for y in range(box.y1, box.y2, 16):
        page[y : y + 4, box.x1 : box.x2] = ink


def page_with_balloon(ground: int = 120, paper: int = 255) -> Grey:
    page = np.full((500, 400), ground, np.uint8)
    cv2.ellipse(page, (200, 200), (60, 80), 0, 0, 360, paper, -1)
    cv2.ellipse(page, (200, 200), (60, 80), 0, 0, 360, 255 - paper, 2)
    lettering(page, ink=255 - paper)
    return page


@pytest.mark.parametrize("paper", [255, 0], ids=["white", "black"])
def test_text_grows_to_its_balloon(paper: int) -> None:
    page = page_with_balloon(ground=120, paper=paper)
    assert grow_balloon(page, TEXT).iou(BALLOON) > 0.9


def test_a_gap_in_the_outline_is_sealed() -> None:
    page = page_with_balloon(ground=255)
    page[198:202, 255:266] = 255
    assert grow_balloon(page, TEXT).iou(BALLOON) > 0.85


def test_text_in_the_open_keeps_its_own_box() -> None:
    page = np.full((500, 400), 255, np.uint8)
    lettering(page)
    assert grow_balloon(page, TEXT) == TEXT


def test_text_on_tone_keeps_its_own_box() -> None:
    page = np.full((500, 400), 150, np.uint8)
    lettering(page)
    assert grow_balloon(page, TEXT) == TEXT


def test_a_ragged_region_may_grow_less_than_an_oval_one() -> None:
    small = Box(190, 180, 220, 220)
    oval = np.full((500, 400), 120, np.uint8)
    cv2.ellipse(oval, (205, 200), (38, 52), 0, 0, 360, 255, -1)
    cross = np.full((500, 400), 120, np.uint8)
    cross[148:253, 195:215] = 255
    cross[190:210, 167:244] = 255
    assert grow_balloon(oval, small).area > 6 * small.area
    assert grow_balloon(cross, small) == small


def test_a_box_beyond_the_page_is_left_alone() -> None:
    beyond = Box(900, 900, 950, 950)
    assert grow_balloon(page_with_balloon(), beyond) == beyond
    assert BalloonFinder(page_with_balloon()).find(beyond) is None


def line(confidence: float, box: Box = TEXT, text: str = "？") -> TextLine:
    return TextLine(box, text, confidence, "vertical")


def test_a_sure_line_is_a_dialog_with_or_without_balloon() -> None:
    (framed,) = find_dialogs(page_with_balloon(), [line(0.9)])
    assert framed.text_box == TEXT
    assert framed.box.iou(BALLOON) > 0.9
    (bare,) = find_dialogs(np.full((500, 400), 150, np.uint8), [line(0.9)])
    assert bare.box == bare.text_box == TEXT


def test_an_unsure_line_counts_only_in_a_clear_balloon() -> None:
    (dialog,) = find_dialogs(page_with_balloon(), [line(0.3)])
    assert dialog.confidence == pytest.approx(0.3)
    assert find_dialogs(np.full((500, 400), 150, np.uint8), [line(0.3)]) == ()


def test_an_unsure_line_adds_nothing_to_a_balloon_that_is_read() -> None:
    noise = line(0.3, Box(170, 250, 200, 265), "ノイズ")
    (dialog,) = find_dialogs(page_with_balloon(), [line(0.9), noise])
    assert dialog.text == "？"


def test_empty_lines_are_nothing() -> None:
    assert find_dialogs(page_with_balloon(), [line(0.9, text="")]) == ()
