from __future__ import annotations

import cv2
import numpy as np
import pytest

from pipeline.manifests import load_models
from pipeline.ports.classical.lines import RapidOcrReader, TextLine, model_hashes
from pipeline.ports.classical.text import group_lines, join_texts, settle_orientations
from pipeline.ports.classical.working_size import working_scale
from schemas.boxes import Box
from schemas.detections import Orientation
from tests.support.built import MANIFESTS


def column(x: int, text: str, y: int = 100, width: int = 20, length: int = 100) -> TextLine:
    return TextLine(Box(x, y, x + width, y + length), text, 0.9, "vertical")


def row(y: int, text: str, x: int = 100, length: int = 120, height: int = 20) -> TextLine:
    return TextLine(Box(x, y, x + length, y + height), text, 0.9, "horizontal")


def texts(lines: list[TextLine]) -> list[str]:
    return sorted(group.text for group in group_lines(lines))


def test_columns_are_read_right_to_left() -> None:
    assert texts([column(100, "三"), column(148, "一"), column(124, "二")]) == ["一二三"]


def test_rows_are_read_top_to_bottom_with_spaces_between_words() -> None:
    assert texts([row(148, "ELSE."), row(100, "DO"), row(124, "SOMETHING")]) == [
        "DO SOMETHING ELSE."
    ]


def test_pieces_of_one_column_keep_their_order() -> None:
    lines = [column(124, "下", y=160, length=50), column(124, "上", length=58), column(100, "左")]
    assert texts(lines) == ["上下左"]


def test_pieces_of_one_row_keep_their_order() -> None:
    lines = [row(124, "AGAIN"), row(101, "THERE", x=165, length=60), row(100, "HELLO", length=60)]
    assert texts(lines) == ["HELLO THERE AGAIN"]


def test_lines_further_apart_than_their_reach_are_two_groups() -> None:
    assert texts([column(100, "左"), column(113 + 20, "右")]) == ["左右"[::-1]]
    assert texts([column(100, "左"), column(116 + 20, "右")]) == ["右", "左"]


def test_neighbouring_balloons_in_one_row_stay_apart() -> None:
    lines = [row(100, "GO HOME"), row(122, "NOW!"), row(100, "NEVER", x=228)]
    assert texts(lines) == ["GO HOME NOW!", "NEVER"]


def test_orientations_never_mix() -> None:
    mixed = [column(100, "縦書き"), row(100, "ACROSS", x=121)]
    assert texts(mixed) == ["ACROSS", "縦書き"]


def test_a_cry_twice_the_size_is_a_group_of_its_own() -> None:
    lines = [column(100, "小さい"), column(121, "でかい", width=50, length=250)]
    assert texts(lines) == ["でかい", "小さい"]


def test_furigana_is_left_out_of_text_and_box() -> None:
    ruby = column(122, "けんしゅうい", y=120, width=10, length=60)
    (group,) = group_lines([column(100, "研修医という"), ruby])
    assert group.text == "研修医という"
    assert group.box == Box(100, 100, 120, 200)


def test_a_lone_sign_runs_as_the_rest_of_the_page_does() -> None:
    sign = TextLine(Box(300, 100, 320, 122), "?", 0.9, "horizontal")
    settled: dict[str, Orientation] = {
        line.text: line.orientation
        for line in settle_orientations([column(100, "縦"), column(200, "縦縦"), sign])
    }
    assert settled["?"] == "vertical"
    assert settle_orientations([sign]) == [sign]


def test_a_group_has_the_hull_and_the_confidence_a_letter() -> None:
    sure = TextLine(Box(100, 100, 120, 200), "四文字だ", 1.0, "vertical")
    less = TextLine(Box(78, 100, 98, 130), "一", 0.5, "vertical")
    (group,) = group_lines([sure, less])
    assert group.box == Box(78, 100, 120, 200)
    assert group.confidence == pytest.approx(0.9)


def test_no_lines_no_groups() -> None:
    assert group_lines([]) == []


@pytest.mark.parametrize(
    ("parts", "joined"),
    [(["A", "B"], "A B"), (["漢", "字"], "漢字"), (["漢", "A"], "漢A"), (["", "A"], "A"), ([], "")],
)
def test_spaces_stand_between_latin_words_only(parts: list[str], joined: str) -> None:
    assert join_texts(parts) == joined


def test_working_scale_looks_at_the_page_not_at_the_picture() -> None:
    assert working_scale(1000, 700, 2000, at_most=2.5) == 2.0
    assert working_scale(1000, 1400, 2000, at_most=2.5) == 2.0  # a double page
    assert working_scale(4000, 700, 2100, at_most=2.5) == pytest.approx(2.0 / 1.4, rel=0.2)
    assert working_scale(100, 70, 2000, at_most=2.5) == 2.5
    assert working_scale(3000, 2000, 1000, at_most=1.0) == pytest.approx(1 / 3)


def test_enlargement_is_bounded_in_pixels() -> None:
    scale = working_scale(700, 40_000, 2000, at_most=2.5)
    assert scale == 1.0


def test_rapidocr_reads_lettering_and_is_silent_on_paper() -> None:
    reader = RapidOcrReader(page_height=200)
    page = np.full((200, 300, 3), 255, np.uint8)
    assert reader.read(page) == []
    cv2.putText(page, "HELLO", (60, 110), cv2.FONT_HERSHEY_SIMPLEX, 1.5, (0, 0, 0), 3)
    (line,) = reader.read(page)
    assert line.text == "HELLO"
    assert line.orientation == "horizontal"
    assert line.confidence > 0.8
    letters = Box(60, 75, 205, 112)
    assert letters.share_inside(line.box) > 0.95
    assert line.box.area < 2 * letters.area


def test_the_model_files_are_those_that_are_pinned() -> None:
    pins = {model.name: model for model in load_models(MANIFESTS).model}
    assert model_hashes() == pins["rapidocr"].sha256
