"""The weights of panel cuts can be fitted anew: the labels of cuts, and a fit on a miniature."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from benchmarks.fit_panel_cuts import findings, fit, labelled_cuts, runs_between
from benchmarks.known_panels import KnownPage, drawn_pages, real_pages
from pipeline.manga.geometry import box_polygon
from pipeline.ports.classical.panels import find_panels
from pipeline.ports.classical.panels_cuts import FITTED, Evidence, Weights
from pipeline.ports.classical.segments import Line
from schemas.boxes import Box

PAGE = box_polygon(Box(0, 0, 200, 300))
TOP, LEFT, RIGHT = Box(10, 10, 190, 100), Box(10, 110, 95, 290), Box(105, 110, 190, 290)
NOTHING_LIKELY = Weights(bordered=0, ends=0, blocked=0, thinnest=0, intercept=-20)


@pytest.fixture(scope="module")
def miniature() -> list[KnownPage]:
    return list(drawn_pages(1, levels=(1,)))


def across(y: float) -> Line:
    return Line(np.array((0.0, 1.0)), y, 0.0, runs_across=True)


def down(x: float) -> Line:
    return Line(np.array((1.0, 0.0)), x, 0.0, runs_across=False)


@pytest.mark.parametrize(
    ("line", "panels", "label"),
    [
        pytest.param(across(105), [TOP, LEFT, RIGHT], True, id="along the gutter"),
        pytest.param(across(95), [TOP, LEFT, RIGHT], True, id="a label may be a little off"),
        pytest.param(across(80), [TOP, LEFT, RIGHT], False, id="too far off"),
        pytest.param(down(100), [TOP, LEFT, RIGHT], False, id="a gutter that ends at a panel"),
        pytest.param(across(5), [TOP, LEFT, RIGHT], None, id="all panels on one side"),
        pytest.param(across(105), [], None, id="no panel known"),
    ],
)
def test_a_cut_is_labelled_by_the_panels_it_parts(
    line: Line, panels: list[Box], label: bool | None
) -> None:
    assert runs_between(line, PAGE, panels) is label


def test_only_panels_of_the_part_count() -> None:
    lower = box_polygon(Box(0, 105, 200, 300))
    assert runs_between(down(100), lower, [TOP, LEFT, RIGHT]) is True


def test_a_page_is_taken_apart_and_gives_cuts_of_both_labels(miniature: list[KnownPage]) -> None:
    for page in miniature:
        cuts = labelled_cuts(page)
        true = [evidence.bordered for evidence, label in cuts if label]
        false = [evidence.bordered for evidence, label in cuts if not label]
        assert len(true) >= len(page.panels) - 1
        assert np.mean(true) > np.mean(false) + 0.1


def test_a_fit_finds_what_the_labels_hang_on() -> None:
    dice = np.random.default_rng(3)
    pages = []
    for size in (400, 30, 0):
        rows = dice.random((size, 3))
        cuts = [Evidence(float(b), float(e), 0, float(t)) for b, e, t in rows]
        pages.append([(each, each.bordered > 0.7) for each in cuts])
    weights = fit(pages)
    assert weights.bordered > 10 * abs(weights.ends)
    assert Evidence(0.9, 0.5, 0, 0.5).likelihood(weights) > 0.9
    assert Evidence(0.5, 0.5, 0, 0.5).likelihood(weights) < 0.1


def test_panels_are_found_with_the_weights_that_are_given(miniature: list[KnownPage]) -> None:
    pixels = miniature[0].pixels
    assert find_panels(pixels, weights=FITTED) == find_panels(pixels)
    along_bare_paper = find_panels(pixels, weights=NOTHING_LIKELY)
    assert {panel.confidence for panel in along_bare_paper} == {0.75}
    assert max(panel.confidence for panel in find_panels(pixels)) > 0.9


def test_a_miniature_is_fitted_and_scored(miniature: list[KnownPage], tmp_path: Path) -> None:
    page, other = miniature
    Image.fromarray(page.pixels).save(tmp_path / "01.png")
    truth = tmp_path / "ground_truth.json"
    panels = [{"order": i, "bbox_xyxy": list(box)} for i, box in enumerate(page.panels)]
    truth.write_text(json.dumps({"pages": {"01": {"panels": panels}}}))
    told = list(findings([*real_pages([truth]), other], []))
    weights = dict(line.split(" | ", 1) for line in told[1:6])
    assert list(weights) == ["bordered", "ends", "blocked", "thinnest", "intercept"]
    assert weights["bordered"].endswith("| 9.500")
    assert [line.split(" | ")[:2] for line in told[7:]] == [
        [tmp_path.name, "1"],
        ["drawn, hardness 1", "1"],
    ]
    assert all(line.endswith(" 1.000/1.000") for line in told[7:])  # with the shipped weights
