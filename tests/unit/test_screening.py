"""The screen: each reason by a page that gives it, and pages that give none."""

from __future__ import annotations

import numpy as np
import pytest
from PIL import Image, ImageDraw

from pipeline.manga.pictures import decode
from pipeline.manga.screening import DropReason, duplicates, measure, reason_to_drop
from pipeline.synthetic.series import SyntheticSeries
from pipeline.synthetic.spec import SeriesSpec
from pipeline.synthetic.specials import SPECIALS
from schemas.pages import Defect, ScreenedPage
from schemas.pixels import Pixels
from schemas.profile import ScreenParams

LIMITS = ScreenParams()
DRAWN = SyntheticSeries(SeriesSpec("odd", seed=5, chapters=1, pages_per_chapter=2, specials=True))


def screened(pixels: Pixels, number: int = 1, sha256: str = "") -> ScreenedPage:
    measures = measure(pixels)
    return ScreenedPage(
        id=f"odd/c0001/p{number:03d}",
        series="odd",
        chapter="c0001",
        number=number,
        order=number,
        sha256=sha256 or f"{number:064x}",
        width=pixels.shape[1],
        height=pixels.shape[0],
        chroma=measures.chroma,
        ink=measures.ink,
        dhash=measures.dhash,
    )


def reason(pixels: Pixels, limits: ScreenParams = LIMITS, *, keeps_colour: bool = False) -> str:
    found = reason_to_drop(screened(pixels), limits, keeps_colour=keeps_colour)
    assert found is None or found[1]
    return "" if found is None else found[0]


def special(name: str) -> Pixels:
    return decode(DRAWN.draw("c0002", SPECIALS.index(name) + 1).png_or_jpeg)


def sepia(pixels: Pixels) -> Pixels:
    """A yellowed scan: the paper's tint lies over everything."""
    return (pixels * np.array([1.0, 0.93, 0.78])).astype(np.uint8)


@pytest.fixture(scope="module")
def original() -> Pixels:
    return special("original")


@pytest.mark.parametrize("name", ["original", "spread", "credits"])
def test_a_page_of_the_story_passes(name: str) -> None:
    assert reason(special(name)) == ""


def test_colour_goes_by_the_policy() -> None:
    assert reason(special("colour")) == DropReason.COLOUR
    assert reason(special("colour"), keeps_colour=True) == ""


def test_a_yellowed_scan_counts_as_grey(original: Pixels) -> None:
    assert reason(sepia(original)) == ""
    assert screened(original).chroma == 0
    assert (
        screened(sepia(original)).chroma < LIMITS.colour_chroma < screened(special("colour")).chroma
    )


def test_a_near_blank_page() -> None:
    assert reason(special("blank")) == DropReason.BLANK
    assert reason(np.full((800, 600, 3), 255, dtype=np.uint8)) == DropReason.BLANK
    assert reason(np.zeros((800, 600, 3), dtype=np.uint8)) == DropReason.BLANK


def test_a_night_page_is_not_blank(original: Pixels) -> None:
    assert reason(255 - original) == ""


def test_a_tiny_page(original: Pixels) -> None:
    assert reason(original[:299]) == DropReason.TINY
    assert reason(original[:, :299]) == DropReason.TINY
    assert reason(original[:300, :300]) != DropReason.TINY


def test_a_vertical_strip() -> None:
    strip = Image.new("L", (320, 840), 255)
    ImageDraw.Draw(strip).ellipse((20, 20, 300, 500), fill=0)
    pixels = np.asarray(strip.convert("RGB"))
    assert reason(pixels) == DropReason.STRIP
    assert reason(pixels[:830]) == ""


def test_a_page_whose_boxes_would_not_fit_a_table(original: Pixels) -> None:
    page = screened(original).model_copy(update={"width": 16_384})
    found = reason_to_drop(page, LIMITS, keeps_colour=False)
    assert found == (DropReason.OVERSIZED, "16384 x 1000 px, a side over 16383")
    edge = page.model_copy(update={"width": 16_383})
    assert reason_to_drop(edge, LIMITS, keeps_colour=False) is None


def test_the_measure_that_decided_is_told(original: Pixels) -> None:
    found = reason_to_drop(screened(original[:200]), LIMITS, keeps_colour=False)
    assert found == (DropReason.TINY, "700 x 200 px, a side under 300")


def test_every_defect_has_a_reason_of_the_same_name() -> None:
    reasons = {each.value for each in DropReason}
    assert {each.value for each in Defect} - {"none"} <= reasons


def test_exact_and_near_copies_repeat_the_first_in_reading_order(original: Pixels) -> None:
    first = screened(original, 1, "a" * 64)
    exact = screened(original, 2, "a" * 64)
    near = screened(special("near_duplicate"), 3)
    other = screened(special("credits"), 4)
    again = screened(special("near_duplicate"), 5, near.sha256)
    found = duplicates([again, other, near, exact, first], LIMITS.near_duplicate_bits)
    assert found == {
        exact.id: (DropReason.EXACT_DUPLICATE, first.id),
        near.id: (DropReason.NEAR_DUPLICATE, first.id),
        again.id: (DropReason.NEAR_DUPLICATE, first.id),
    }


def test_the_limit_of_near_duplicates_is_exact(original: Pixels) -> None:
    page = screened(original, 1)
    bits = int(page.dhash, 16) ^ 0b111
    close = page.model_copy(
        update={"id": "x", "order": 2, "sha256": "b" * 64, "dhash": f"{bits:064x}"}
    )
    assert duplicates([page, close], 2) == {}
    assert duplicates([page, close], 3) == {"x": (DropReason.NEAR_DUPLICATE, page.id)}


def test_pages_of_one_series_are_not_taken_for_copies() -> None:
    series = SyntheticSeries(SeriesSpec("many", seed=8, chapters=1, pages_per_chapter=12))
    pages = [
        screened(decode(series.draw("c0001", number).png_or_jpeg), number)
        for number in range(1, 13)
    ]
    assert duplicates(pages, LIMITS.near_duplicate_bits) == {}


def test_no_pages_no_duplicates() -> None:
    assert duplicates([], 10) == {}
