"""The truth of drawn pages: consistent in itself, and true of the pixels."""

from __future__ import annotations

import io
from itertools import product

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image

from pipeline.manga.metrics import box_score
from pipeline.synthetic.series import DrawnPage, SyntheticSeries
from pipeline.synthetic.spec import SeriesSpec
from pipeline.synthetic.truth import TruthDraft
from schemas.boxes import Box
from schemas.pages import Direction
from schemas.truth import TruthPage, TruthPanel


def series_of(hardness: int, language: str = "ja", pages: int = 12) -> SyntheticSeries:
    direction: Direction = "rtl" if language == "ja" else "ltr"
    return SyntheticSeries(SeriesSpec("truth", 9, 1, pages, direction, language, hardness))


def truths_of(series: SyntheticSeries) -> list[TruthPage]:
    return [series.truth(*key) for key in series.page_keys()]


def grey(page: DrawnPage) -> NDArray[np.uint8]:
    return np.asarray(Image.open(io.BytesIO(page.png_or_jpeg)).convert("L"))


@pytest.mark.parametrize(("hardness", "language"), [*product(range(4), ("ja", "en"))])
def test_truth_is_consistent(hardness: int, language: str) -> None:
    for truth in truths_of(series_of(hardness, language)):
        page = Box(0, 0, truth.width, truth.height)
        assert sorted(panel.order for panel in truth.panels) == list(range(len(truth.panels)))
        for part in (*truth.panels, *truth.dialogs, *truth.characters):
            assert part.box.area > 0
            assert part.box.share_inside(page) == 1
        for character in truth.characters:
            assert 0 <= character.panel < len(truth.panels)
            if character.face is not None:
                assert character.is_human
                assert Box(*character.face).share_inside(character.box) > 0.97
        for dialog in truth.dialogs:
            assert -1 <= dialog.speaker < len(truth.characters)
            assert dialog.text
            if dialog.speaker >= 0:
                assert truth.characters[dialog.speaker].panel == dialog.panel
            if dialog.text_box is not None:
                assert Box(*dialog.text_box).share_inside(dialog.box) > 0.9


def test_identities_are_the_cast_or_others_and_all_of_the_frequent_appear() -> None:
    series = series_of(1, pages=40)
    seen = [c.identity for truth in truths_of(series) for c in truth.characters]
    names = {member.identity for member in series.cast}
    assert set(seen) <= names | {"other"}
    assert "other" in seen
    frequent = [member for member in series.cast if member.weight >= 0.2]
    assert {member.identity for member in frequent} <= set(seen)
    assert any(not member.is_human for member in frequent)
    assert any(member.looks_like for member in frequent)
    assert seen.count(series.cast[0].identity) > seen.count(series.cast[-1].identity)


def test_orientation_follows_the_language() -> None:
    for language, usual in (("ja", "vertical"), ("en", "horizontal")):
        truths = truths_of(series_of(1, language))
        spoken = [d.orientation for t in truths for d in t.dialogs if d.kind == "balloon"]
        assert set(spoken) == {usual}


@pytest.mark.parametrize("direction", ["rtl", "ltr"])
def test_panels_of_one_row_are_read_in_the_direction_of_the_series(direction: Direction) -> None:
    spec = SeriesSpec("rows", 2, 1, 20, direction)
    pairs = [
        (a, b)
        for truth in truths_of(SyntheticSeries(spec))
        for a, b in zip(truth.panels, truth.panels[1:], strict=False)
        if min(a.y2, b.y2) - max(a.y1, b.y1) > 0.9 * max(a.box.height, b.box.height)
    ]
    assert len(pairs) > 5
    assert all((a.x1 > b.x1) == (direction == "rtl") for a, b in pairs)


def test_row_major_order_is_wrong_on_some_pages() -> None:
    truths = truths_of(series_of(0, pages=30))
    by_rows = [
        sorted(t.panels, key=lambda p: (round(p.y1 / 50), -p.x1)) == list(t.panels) for t in truths
    ]
    assert any(by_rows)
    assert not all(by_rows)


def test_hardness_brings_its_flags() -> None:
    flags = {
        level: {flag for t in truths_of(series_of(level, pages=26)) for flag in t.flags}
        for level in (0, 3)
    }
    assert flags[0] <= {"tall"}
    assert {"bleed", "borderless", "overlap", "inset", "slant", "black_rim"} <= flags[3]


def panels_by_flood(page: NDArray[np.uint8]) -> list[Box]:
    """What paper does not reach from the page's edge, each piece a panel."""
    paper = np.where(page > 200, 255, 0).astype(np.uint8)
    mask = np.zeros((page.shape[0] + 2, page.shape[1] + 2), np.uint8)
    cv2.floodFill(paper, mask, (0, 0), (128,))
    count, _, stats, _ = cv2.connectedComponentsWithStats((paper != 128).astype(np.uint8))
    boxes = [Box(x, y, x + w, y + h) for x, y, w, h, _ in stats[1:count].tolist()]
    return [box for box in boxes if box.area > 0.01 * page.size]


def test_a_simple_contour_method_reads_level_0_and_not_level_3() -> None:
    scores = {}
    for level in (0, 3):
        series = series_of(level)
        pages = [series.draw(*key) for key in series.page_keys()]
        per_page = [
            box_score(panels_by_flood(grey(p)), [q.box for q in p.truth.panels], 0.75)
            for p in pages
        ]
        scores[level] = sum(per_page[1:], per_page[0]).f1
    assert scores[0] == 1.0
    assert scores[3] < 0.8


def test_faces_and_lettering_lie_where_truth_says() -> None:
    series = series_of(0)
    for key in series.page_keys():
        page = series.draw(*key)
        pixels = grey(page)
        for dialog in page.truth.dialogs:
            if dialog.kind == "balloon" and dialog.text_box is not None:
                x1, y1, x2, y2 = dialog.text_box
                assert 0.04 < (pixels[y1:y2, x1:x2] < 128).mean() < 0.6


def test_a_tilted_page_turns_its_truth_with_it() -> None:
    square = ((40.0, 60.0), (90.0, 60.0), (90.0, 100.0), (40.0, 100.0))
    draft = TruthDraft(200, 200, "ltr")
    draft.panels.append(TruthPanel(x1=40, y1=60, x2=90, y2=100, order=0, polygon=square))
    drawn = Image.new("L", (200, 200), 255)
    drawn.paste(0, (40, 60, 90, 100))
    turned = np.asarray(drawn.rotate(20, Image.Resampling.BILINEAR, fillcolor=255))
    ys, xs = np.nonzero(turned < 128)
    inked = Box(int(xs.min()), int(ys.min()), int(xs.max()) + 1, int(ys.max()) + 1)
    told = draft.finished("c0001/p001", 20).panels[0].box
    assert max(abs(a - b) for a, b in zip(told, inked, strict=True)) <= 1
