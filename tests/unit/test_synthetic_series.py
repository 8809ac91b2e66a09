"""The drawn series: the same seed gives the same bytes, in any order, and what was asked for."""

from __future__ import annotations

import io
import random

import numpy as np
import pytest
from PIL import Image, ImageFile

from pipeline.synthetic.cast import OTHER, cast_of
from pipeline.synthetic.known_face import known_face
from pipeline.synthetic.series import DrawnPage, SyntheticSeries
from pipeline.synthetic.spec import SeriesSpec
from pipeline.synthetic.specials import SPECIALS, special_chapter

SPEC = SeriesSpec("small", seed=5, chapters=2, pages_per_chapter=3, hardness=3)
SPECIAL = SeriesSpec("odd", seed=5, chapters=1, pages_per_chapter=1, specials=True)


def picture(page: DrawnPage) -> Image.Image:
    return Image.open(io.BytesIO(page.png_or_jpeg))


def test_same_spec_gives_same_bytes_in_any_order() -> None:
    series = SyntheticSeries(SPEC)
    keys = series.page_keys()
    in_order = {key: series.draw(*key) for key in keys}
    random.Random(1).shuffle(keys)
    again = SyntheticSeries(SPEC)
    assert {key: again.draw(*key) for key in keys} == in_order
    assert len({page.png_or_jpeg for page in in_order.values()}) == len(keys)


def test_truth_without_drawing_is_the_truth_of_the_drawing() -> None:
    for spec in (SPEC, SPECIAL):
        series = SyntheticSeries(spec)
        for key in series.page_keys():
            assert series.truth(*key) == series.draw(*key).truth


def test_keys_are_in_reading_order_and_others_are_refused() -> None:
    series = SyntheticSeries(SPEC)
    assert series.page_keys() == [(f"c000{c}", n) for c in (1, 2) for n in (1, 2, 3)]
    assert series.truth("c0002", 3).page == "c0002/p003"
    with pytest.raises(KeyError, match="c0003/p001"):
        series.draw("c0003", 1)


def test_digest_changes_with_the_page_and_with_every_setting() -> None:
    specs = [
        SPEC,
        SeriesSpec("small", seed=6, chapters=2, pages_per_chapter=3, hardness=3),
        SeriesSpec("small", seed=5, chapters=2, pages_per_chapter=3, hardness=2),
        SeriesSpec("small", seed=5, chapters=2, pages_per_chapter=3, hardness=3, language="en"),
    ]
    digests = {SyntheticSeries(s).digest(c, 1) for s in specs for c in ("c0001", "c0002")}
    assert len(digests) == 8
    assert SyntheticSeries(SPEC).digest("c0001", 1) in digests


@pytest.mark.parametrize("hardness", range(4))
def test_pages_have_the_size_that_truth_and_spec_name(hardness: int) -> None:
    spec = SeriesSpec(
        "sized", 3, 1, 1, hardness=hardness, page_width=420, page_height=600, direction="ltr"
    )
    page = SyntheticSeries(spec).draw("c0001", 1)
    assert picture(page).size == (420, 600) == (page.truth.width, page.truth.height)
    assert page.media_type == ("image/png" if hardness == 0 else "image/jpeg")


@pytest.mark.parametrize(
    "wrong", [{"hardness": 4}, {"language": "fr"}, {"page_width": 200}, {"page_height": 10}]
)
def test_a_spec_that_cannot_be_drawn_is_refused(wrong: dict[str, object]) -> None:
    with pytest.raises(ValueError, match="odd"):
        SeriesSpec("odd", 1, 1, 1, **wrong)  # type: ignore[arg-type]


@pytest.mark.parametrize("seed", range(12))
def test_cast_has_a_look_alike_a_creature_and_a_changer(seed: int) -> None:
    cast = cast_of(SeriesSpec("cast", seed, 1, 1))
    by_name = {member.identity: member for member in cast}
    assert len(by_name) == len(cast) >= 7
    assert OTHER not in by_name
    assert [member.is_human for member in cast].count(False) == 1
    assert any(len(set(member.clothes)) == 2 for member in cast)
    weights = [member.weight for member in cast]
    assert weights == sorted(weights, reverse=True)
    assert weights[0] > 5 * weights[-1]
    (twin,) = [member for member in cast if member.looks_like]
    model = by_name[twin.looks_like]
    traits = ("hair", "hair_fill", "accessory", "brows", "eyes", "jaw", "clothes", "height")
    assert sum(getattr(twin, t) != getattr(model, t) for t in traits) == 1


def test_specials_are_what_their_flags_say() -> None:
    series = SyntheticSeries(SPECIAL)
    chapter = special_chapter(SPECIAL)
    assert series.page_keys()[1:] == [(chapter, n + 1) for n in range(len(SPECIALS))]
    pages = {name: series.draw(chapter, n + 1) for n, name in enumerate(SPECIALS)}
    for name, page in pages.items():
        assert (name in page.truth.flags) == (name != "original")
    assert pages["duplicate"].png_or_jpeg == pages["original"].png_or_jpeg
    assert picture(pages["near_duplicate"]).width == pages["near_duplicate"].truth.width == 630
    assert pages["near_duplicate"].truth.panels
    assert picture(pages["spread"]).size == (1400, 1000)
    assert len(pages["spread"].truth.panels) > 3
    assert np.asarray(picture(pages["blank"])).mean() > 250
    assert not pages["credits"].truth.panels
    colour = np.asarray(picture(pages["colour"]).convert("RGB")).astype(int)
    assert np.ptp(colour, axis=2).mean() > 20
    assert not ImageFile.LOAD_TRUNCATED_IMAGES
    with pytest.raises(OSError, match=r"truncated|broken"):
        picture(pages["truncated"]).load()


def test_a_longer_series_draws_its_first_pages_alike() -> None:
    short = SyntheticSeries(SeriesSpec("ink", seed=3, chapters=1, pages_per_chapter=2))
    long = SyntheticSeries(SeriesSpec("ink", seed=3, chapters=3, pages_per_chapter=5))
    assert short.draw("c0001", 2).png_or_jpeg == long.draw("c0001", 2).png_or_jpeg
    assert short.digest("c0001", 2) == long.digest("c0001", 2)
    assert long.digest("c0001", 2) != long.digest("c0002", 2)


def test_known_face_is_a_dark_drawing_on_white() -> None:
    face = known_face()
    assert (face.mode, face.size) == ("RGB", (256, 256))
    assert 0.02 < (np.asarray(face.convert("L")) < 100).mean() < 0.5
    assert known_face().tobytes() == face.tobytes()
