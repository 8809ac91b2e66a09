"""Manifests: what is in the tree is valid, and what is wrong is told by file, key and choice."""

from __future__ import annotations

from pathlib import Path

import pytest

from pipeline.core.errors import BadConfig
from pipeline.manifests import load_models, load_profile, load_prompt, load_series
from schemas.series import SyntheticSource
from tests.support.built import MANIFESTS

SERIES = """
[[series]]
slug = "ink"
title = "Ink"
source = { kind = "synthetic", seed = 1, chapters = 1, pages_per_chapter = 2 }
language = "ja"
direction = "rtl"
licence = "CC0-1.0"
attribution = ""
"""


def series(tmp_path: Path, text: str) -> Path:
    path = tmp_path / "mine.toml"
    path.write_text(text, "utf-8")
    return path


def refused(path: Path) -> str:
    with pytest.raises(BadConfig) as caught:
        load_series(path)
    message = str(caught.value)
    assert caught.value.exit_code == 2
    assert message.startswith(f"{path}: ")
    return message.removeprefix(f"{path}: ")


def test_every_manifest_of_the_tree_is_valid() -> None:
    for path in (MANIFESTS / "profiles").glob("*.toml"):
        profile = load_profile(MANIFESTS, path.stem)
        assert profile.name == path.stem
        assert load_series(MANIFESTS / profile.manifest).series
        assert load_prompt(MANIFESTS, profile.caption.prompt).text
    assert {model.name for model in load_models(MANIFESTS).model} >= {"rapidocr", "animeface"}


def test_what_is_left_out_has_its_default(tmp_path: Path) -> None:
    (entry,) = load_series(series(tmp_path, SERIES)).series
    assert isinstance(entry.source, SyntheticSource)
    assert (entry.cap, entry.cap_unit, entry.colour, entry.split) == (
        1000,
        "double",
        "drop",
        "train",
    )
    assert entry.page_cap == 2000
    single = entry.model_copy(update={"cap_unit": "single"})
    assert single.page_cap == 1000


CASES = [
    ('slug = "ink"', 'slug = "Ink!"', r"series[0].slug: String should match pattern"),
    ('direction = "rtl"', "", "series[0].direction: this key is missing"),
    (
        'direction = "rtl"',
        'direction = "up"',
        "series[0].direction: 'up' is not accepted; accepted: 'rtl' or 'ltr'",
    ),
    (
        'title = "Ink"',
        'titel = "Ink"',
        "series[0].titel: unknown key; accepted: attribution, cap, cap_unit, colour, direction, "
        "language, licence, slug, source, split, title (and ",
    ),
    (
        "seed = 1,",
        "seed = 1, sead = 2,",
        "series[0].source.sead: unknown key; accepted: chapters, hardness, kind, page_height, "
        "page_width, pages_per_chapter, seed, specials",
    ),
    (
        'kind = "synthetic"',
        'kind = "web"',
        "series[0].source: kind web is not accepted; accepted: 'synthetic', 'folder'",
    ),
    ('kind = "synthetic", ', "", "series[0].source: the key 'kind' is missing"),
    ("chapters = 1", "chapters = 0", "series[0].source.chapters: Input should be greater"),
    ("seed = 1", 'seed = "one"', "series[0].source.seed: Input should be a valid integer"),
    ('licence = "CC0-1.0"', 'licence = ""', "series[0].licence: String should have at least 1"),
    ("[[series]]", "[[serie]]", "serie: unknown key; accepted: series (and 1 more)"),
]


@pytest.mark.parametrize(("old", "new", "message"), CASES, ids=[c[1] or c[0] for c in CASES])
def test_a_wrong_key_is_named_with_what_is_accepted(
    old: str, new: str, message: str, tmp_path: Path
) -> None:
    assert old in SERIES
    found = refused(series(tmp_path, SERIES.replace(old, new)))
    assert found.startswith(message)
    assert "\n" not in found


def test_the_second_series_is_named_by_its_place(tmp_path: Path) -> None:
    second = SERIES.replace('"ink"', '"reed"').replace('"rtl"', '"up"')
    assert refused(series(tmp_path, SERIES + second)).startswith("series[1].direction: 'up'")


def test_a_duplicate_slug_is_named(tmp_path: Path) -> None:
    assert "duplicate slug ink: every series needs its own" in refused(
        series(tmp_path, SERIES + SERIES)
    )


def test_a_manifest_without_series(tmp_path: Path) -> None:
    assert refused(series(tmp_path, "")) == "series: this key is missing"
    assert refused(series(tmp_path, "series = []")).startswith("series: Tuple should have at least")


def test_files_that_cannot_be_read(tmp_path: Path) -> None:
    assert refused(tmp_path / "nowhere.toml") == "there is no such file"
    assert refused(series(tmp_path, "[[series]")).startswith("not valid TOML: ")
    assert refused(tmp_path).startswith("cannot be read: Is a directory")
    (tmp_path / "x.toml").write_bytes(b"\xff\xfe")
    assert refused(tmp_path / "x.toml").startswith("not valid TOML: ")


def test_a_profile_that_is_not_there_names_those_that_are() -> None:
    with pytest.raises(BadConfig, match=r"no profile 'nightly' in .*profiles; there are: .*sample"):
        load_profile(MANIFESTS, "nightly")


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (
            "[detect]\ndetector = 'magi'",
            "detect.detector: 'magi' is not accepted; accepted: 'classical', 'oracle' or 'random'",
        ),
        (
            "[screen]\nmin_side = 3",
            "screen.min_side: unknown key; accepted: blank_ink, boilerplate_chapters",
        ),
        ("workers = 0", "workers: Input should be greater than or equal to 1"),
        ("[shard]\ntarget_bytes = 5", "shard.target_bytes: "),
    ],
)
def test_a_wrong_profile(text: str, message: str, tmp_path: Path) -> None:
    (tmp_path / "profiles").mkdir()
    path = tmp_path / "profiles" / "mine.toml"
    path.write_text(f"name = 'mine'\nmanifest = 'm.toml'\nworkspace = 'w'\n{text}")
    with pytest.raises(BadConfig) as caught:
        load_profile(tmp_path, "mine")
    assert str(caught.value).startswith(f"{path}: {message}")
