"""The manifest that is made for folders of one's own pages."""

from __future__ import annotations

from pathlib import Path

import pytest

from pipeline.core.errors import BadConfig, NothingToRead
from pipeline.core.workspace import Workspace
from pipeline.manifests import load_series
from pipeline.own_pages import manifest_for_pages, series_folders
from schemas.series import FolderSource, SeriesEntry


def fill(folder: Path, *names: str) -> Path:
    folder.mkdir(exist_ok=True)
    for name in names:
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(b"x")
    return folder


def entries(tmp_path: Path, *folders: Path) -> list[SeriesEntry]:
    path = manifest_for_pages(folders, Workspace(tmp_path / "work"))
    return list(load_series(path).series)


@pytest.mark.parametrize(
    ("names", "expected"),
    [
        (["1.png"], ["own"]),
        (["vol1.cbz", "vol2.cbz"], ["own"]),
        (["c1/1.png", "c2/1.png"], ["own"]),
        (["1.png", "a/v1.cbz"], ["own"]),
        (["a/v1.cbz", "b/v1.cbz"], ["a", "b"]),
        (["a/c1/1.png", "b/c1/1.png"], ["a", "b"]),
        (["a/c1/1.png", "b/1.png", ".git/x/y"], ["a", "b"]),
        (["c1/1.png", "c2/.git/1.png"], ["own"]),
    ],
)
def test_what_counts_as_a_series(tmp_path: Path, names: list[str], expected: list[str]) -> None:
    folder = fill(tmp_path / "own", *names)
    assert [path.name for path in series_folders(folder)] == expected


def test_defaults_are_stated_in_a_valid_manifest(tmp_path: Path) -> None:
    folder = fill(tmp_path / 'My "Best" \\ Manga 第1巻', "1.png")
    (entry,) = entries(tmp_path, folder)
    assert entry.source == FolderSource(kind="folder", path=str(folder))
    assert (entry.slug, entry.title) == ("my-best-manga-1", folder.name)
    assert (entry.direction, entry.language, entry.colour) == ("rtl", "und", "keep")
    assert (entry.licence, entry.page_cap) == ("unknown", 2000)


def test_facts_beside_the_pages_are_taken(tmp_path: Path) -> None:
    folder = fill(tmp_path / "own", "1.png")
    (folder / "series.toml").write_text('direction = "ltr"\ncap = 7\nslug = "mine"\n')
    (entry,) = entries(tmp_path, folder)
    assert (entry.direction, entry.cap, entry.slug) == ("ltr", 7, "mine")


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("direction = ", "not valid TOML"),
        ('direction = "up"', "direction: 'up' is not accepted; accepted: 'rtl' or 'ltr'"),
        ('author = "x"', "author: unknown key; accepted: attribution, cap"),
        ("since = 2020-01-01", "since: unknown key"),
        ('cap = "many"', "cap: .*integer"),
        ('licence = ""', "licence: "),
        ('source = { kind = "folder", path = "/" }', "source: .*leave it out"),
        ('slug = "Not A Slug"', "slug: "),
    ],
)
def test_wrong_facts_name_the_file_that_holds_them(tmp_path: Path, text: str, message: str) -> None:
    folder = fill(tmp_path / "own", "1.png")
    (folder / "series.toml").write_text(text)
    with pytest.raises(BadConfig, match=rf"own/series.toml: {message}") as caught:
        entries(tmp_path, folder)
    assert "\n" not in str(caught.value).strip()


def test_folders_of_one_name_get_slugs_of_their_own(tmp_path: Path) -> None:
    first = fill(tmp_path / "a").joinpath("own")
    second = fill(tmp_path / "b").joinpath("own")
    found = entries(tmp_path, fill(first, "1.png"), fill(second, "1.png"))
    assert len({entry.slug for entry in found}) == 2


def test_an_unchanged_manifest_is_not_written_again(tmp_path: Path) -> None:
    folder = fill(tmp_path / "own", "1.png")
    path = manifest_for_pages([folder], Workspace(tmp_path / "work"))
    before = path.stat().st_ino
    assert manifest_for_pages([folder], Workspace(tmp_path / "work")) == path
    assert path.stat().st_ino == before
    (folder / "series.toml").write_text('language = "ja"')
    manifest_for_pages([folder], Workspace(tmp_path / "work"))
    assert load_series(path).series[0].language == "ja"


def test_a_folder_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(NothingToRead, match="nowhere: there is no such folder"):
        entries(tmp_path, tmp_path / "nowhere")
