from __future__ import annotations

from collections.abc import Sequence

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray

from pipeline.manga.metrics import box_score
from pipeline.ports.classical.panels import find_panels
from schemas.boxes import Box

Pixels = NDArray[np.uint8]

GRID = [
    Box(30, 30, 280, 300),
    Box(300, 30, 570, 300),
    Box(30, 320, 570, 520),
    Box(30, 540, 200, 770),
    Box(220, 540, 570, 770),
]


def blank(paper: int = 255) -> Pixels:
    return np.full((800, 600, 3), paper, dtype=np.uint8)


def draw(page: Pixels, panels: Sequence[Box], ink: int = 0) -> Pixels:
    """Bordered panels with some blobs in them, the same for the same page."""
    dice = np.random.default_rng(7)
    for panel in panels:
        cv2.rectangle(page, panel[:2], (panel.x2 - 1, panel.y2 - 1), (ink,) * 3, 3)
        for _ in range(4):
            x = int(dice.integers(panel.x1 + 25, panel.x2 - 25))
            y = int(dice.integers(panel.y1 + 25, panel.y2 - 25))
            cv2.circle(page, (x, y), int(dice.integers(8, 20)), (ink,) * 3, -1)
    return page


def found(page: Pixels) -> list[Box]:
    return [panel.box for panel in find_panels(page)]


def test_grid_is_found_to_the_pixel_or_two() -> None:
    boxes = found(draw(blank(), GRID))
    assert box_score(boxes, GRID, 0.95).f1 == 1


def test_sizes_are_those_of_the_page_that_was_given() -> None:
    large = cv2.resize(draw(blank(), GRID), None, fx=2.5, fy=2.5, interpolation=cv2.INTER_LINEAR)
    truth = [Box(*(round(2.5 * value) for value in box)) for box in GRID]
    assert box_score(found(np.asarray(large, dtype=np.uint8)), truth, 0.9).f1 == 1


def test_black_page_with_white_borders() -> None:
    assert box_score(found(draw(blank(0), GRID, ink=255)), GRID, 0.9).f1 == 1


def test_grey_noisy_paper() -> None:
    noise = np.random.default_rng(3).normal(0, 6, (800, 600, 1))
    page = np.clip(draw(blank(215), GRID, ink=40) + noise, 0, 255).astype(np.uint8)
    assert box_score(found(page), GRID, 0.9).f1 == 1


def test_panels_that_bleed_reach_the_rim() -> None:
    page = blank()
    page[:390] = 150
    page[410:, :290] = 120
    page[410:, 310:] = 180
    truth = [Box(0, 0, 600, 390), Box(0, 410, 290, 800), Box(310, 410, 600, 800)]
    assert box_score(found(page), truth, 0.95).f1 == 1


def test_balloon_across_a_gutter_does_not_merge_panels() -> None:
    page = draw(blank(), GRID)
    cv2.ellipse(page, (290, 150), (60, 40), 0, 0, 360, (255, 255, 255), -1)
    cv2.ellipse(page, (290, 150), (60, 40), 0, 0, 360, (0, 0, 0), 2)
    cv2.circle(page, (420, 310), 45, (0, 0, 0), -1)
    assert box_score(found(page), GRID, 0.8).f1 == 1


def test_slanted_gutter() -> None:
    page = blank()
    for corners in (
        [(30, 30), (330, 30), (270, 770), (30, 770)],
        [(350, 30), (570, 30), (570, 770), (290, 770)],
    ):
        outline = np.array(corners, dtype=np.int32)
        cv2.polylines(page, [outline], True, (0, 0, 0), 3)
    cv2.circle(page, (150, 400), 60, (0, 0, 0), -1)
    cv2.circle(page, (430, 400), 60, (0, 0, 0), -1)
    truth = [Box(30, 30, 330, 770), Box(290, 30, 570, 770)]
    assert box_score(found(page), truth, 0.9).f1 == 1


def test_lines_in_a_drawing_do_not_cut_its_panel() -> None:
    panel = Box(30, 30, 570, 770)
    page = draw(blank(), [panel])
    for y in (250, 420, 610):
        cv2.line(page, (90, y), (430, y), (0, 0, 0), 2)
    boxes = found(page)
    assert box_score(boxes, [panel], 0.9).f1 == 1


def test_gutter_without_borders() -> None:
    page = blank()
    dice = np.random.default_rng(5)
    for y1 in (30, 420):
        page[y1 : y1 + 350, 30:570][dice.random((350, 540)) < 0.5] = 60
    page = np.asarray(cv2.GaussianBlur(page, (5, 5), 0), dtype=np.uint8)
    truth = [Box(30, 30, 570, 380), Box(30, 420, 570, 770)]
    assert box_score(found(page), truth, 0.9).f1 == 1


def test_one_box_on_most_of_the_page_is_marked_as_unsure() -> None:
    (panel,) = find_panels(draw(blank(), [Box(20, 20, 580, 780)]))
    assert panel.confidence < 0.5
    assert all(0.5 <= panel.confidence <= 1 for panel in find_panels(draw(blank(), GRID)))


def test_columns_of_lettering_can_be_left_out() -> None:
    panel = Box(30, 30, 570, 400)
    page = draw(blank(), [panel, Box(30, 420, 570, 770)])
    text = Box(200, 36, 338, 395)
    for x in range(text.x1, text.x2, 16):
        cv2.rectangle(page, (x, text.y1), (x + 9, text.y2), (0, 0, 0), -1)
    with_text = [one.box for one in find_panels(page, [text.grow(4, 4)])]
    assert max(box.iou(panel) for box in with_text) > 0.9
    assert max(box.iou(panel) for box in found(page)) < 0.9


@pytest.mark.parametrize("shape", [(1, 1), (2, 3), (40, 900), (800, 600)])
@pytest.mark.parametrize("tone", [0, 128, 255])
def test_an_empty_page_of_any_size_has_no_panels(shape: tuple[int, int], tone: int) -> None:
    assert find_panels(np.full((*shape, 3), tone, dtype=np.uint8)) == ()


def test_the_same_page_gives_the_same_panels_and_stays_as_it_was() -> None:
    page = draw(blank(), GRID)
    before = page.copy()
    assert find_panels(page) == find_panels(page)
    assert np.array_equal(page, before)
