"""A folder of one's own pages: natural order, chapters, ids, and names of every kind."""

from __future__ import annotations

import os
import re
import zipfile
from collections.abc import Iterable
from pathlib import Path

import pytest

from pipeline.core.errors import BadConfig, BadItem, NothingToRead, UnsafeArchive
from pipeline.ports.folder import FolderSource, slug_of, words_for
from schemas.pages import PlannedPage

SLUG = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*")


def fill(folder: Path, *names: str) -> Path:
    for name in names:
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(name.encode())
    return folder


def pack(path: Path, names: Iterable[str]) -> None:
    with zipfile.ZipFile(path, "w") as archive:
        for name in names:
            archive.writestr(name, name.encode())


def plan(folder: Path, cap: int = 1000) -> list[PlannedPage]:
    pages = list(FolderSource("own", folder, cap).plan())
    assert [page.order for page in pages] == list(range(len(pages)))
    assert len({page.id for page in pages}) == len(pages)
    return pages


def ids(folder: Path) -> list[str]:
    return [page.id for page in plan(folder)]


def read(folder: Path) -> list[str]:
    source = FolderSource("own", folder, 1000)
    return [source.read(page).decode() for page in source.plan()]


def test_natural_order(tmp_path: Path) -> None:
    fill(tmp_path, "page10.png", "page2.PNG", "page1.jpg", "Page3.webp")
    assert read(tmp_path) == ["page1.jpg", "page2.PNG", "Page3.webp", "page10.png"]
    assert ids(tmp_path)[0] == "own/main/p001"


def test_chapters_by_sub_folder_and_archive(tmp_path: Path) -> None:
    fill(tmp_path, "ch10/1.png", "ch2/2.png", "ch2/1.png", "cover.png", "vol/ch11/1.png")
    pack(tmp_path / "ch3.cbz", ["b/2.png", "b/10.png", "a.txt", "a/1.png"])
    assert [(page.chapter, page.number) for page in plan(tmp_path)] == [
        ("main", 1),
        ("ch2", 1),
        ("ch2", 2),
        ("ch3", 1),
        ("ch3", 2),
        ("ch3", 3),
        ("ch10", 1),
        ("ch11", 1),
    ]
    assert read(tmp_path)[3:6] == ["a/1.png", "b/2.png", "b/10.png"]
    assert [page.chapter_title for page in plan(tmp_path)][-1] == "vol/ch11"


def test_the_cap_counts_in_reading_order(tmp_path: Path) -> None:
    fill(tmp_path, *(f"{n}.png" for n in range(1, 13)))
    assert [page.locator for page in plan(tmp_path, cap=10)][-1] == "10.png"


def test_what_is_no_page_is_passed_over(tmp_path: Path) -> None:
    fill(tmp_path, "1.png", "notes.txt", ".hidden.png", ".git/1.png", "Thumbs.db", "x.png/y.md")
    pack(tmp_path / "a.zip", ["2.png", "__MACOSX/2.png", "._3.png", "ComicInfo.xml"])
    assert read(tmp_path) == ["1.png", "2.png"]


@pytest.mark.parametrize("name", ["Yotsuba&!/1.png", "Oh! 1.png", "a!b/c!d.png", "x.cbz!y/1.png"])
def test_an_exclamation_mark_is_part_of_a_name(tmp_path: Path, name: str) -> None:
    fill(tmp_path, name)
    assert read(tmp_path) == [name]


def test_an_archive_with_an_exclamation_mark(tmp_path: Path) -> None:
    pack(tmp_path / "Wow!! v1.cbz", ["a!/1.png"])
    assert read(tmp_path) == ["a!/1.png"]
    assert ids(tmp_path) == ["own/wow-v1/p001"]


def test_chapters_with_one_slug_get_words_of_their_own(tmp_path: Path) -> None:
    fill(tmp_path, "A b/1.png", "a-b/1.png", "a_B/1.png", "第一話/1.png", "第二話/1.png")
    pages = plan(tmp_path)
    words = {page.chapter_title: page.chapter for page in pages}
    assert len(set(words.values())) == 5
    assert all(SLUG.fullmatch(word) and len(word) <= 40 for word in words.values())
    assert read(tmp_path) == [page.locator for page in pages]


def test_chapters_that_differ_in_case_are_not_shuffled_together(tmp_path: Path) -> None:
    fill(tmp_path, "Ch1/1.png", "ch1/1.png", "Ch1/2.png", "ch1/2.png")
    assert [page.chapter_title for page in plan(tmp_path)] == ["Ch1", "Ch1", "ch1", "ch1"]


def test_a_folder_called_main_is_not_the_main_chapter(tmp_path: Path) -> None:
    fill(tmp_path, "1.png", "main/1.png")
    first, second = plan(tmp_path)
    assert first.chapter == "main"
    assert second.chapter.startswith("main-")


@pytest.mark.parametrize(
    "name", ["第1話", "Глава 3", "🙂", "a" * 90, "--", "Ünïted", "a.b", "x" * 23 + " y z"]
)
def test_any_name_gives_a_word(name: str) -> None:
    assert SLUG.fullmatch(slug_of(name))
    words = words_for([name, f"other/{name}", f"third/{name}"])
    assert len(set(words.values())) == 3
    assert all(SLUG.fullmatch(word) and len(word) <= 40 for word in words.values())


def test_a_stamp_changes_with_the_bytes_and_not_with_other_files(tmp_path: Path) -> None:
    fill(tmp_path, "1.png", "2.png")
    pack(tmp_path / "a.cbz", ["3.png"])
    before = [page.stamp for page in plan(tmp_path)]
    fill(tmp_path, "b/4.png")
    pack(tmp_path / "a.cbz", ["3.png", "5.png"])
    assert [page.stamp for page in plan(tmp_path)][:3] == before
    (tmp_path / "1.png").write_bytes(b"other")
    os.utime(tmp_path / "2.png", (5, 5))
    after = [page.stamp for page in plan(tmp_path)]
    assert [a == b for a, b in zip(before, after, strict=False)] == [False, False, True]


@pytest.mark.parametrize("names", [[], ["notes.txt"], [".hidden.png"]])
def test_nothing_to_read_says_what_to_put_there(tmp_path: Path, names: list[str]) -> None:
    folder = tmp_path / "own"
    folder.mkdir()
    with pytest.raises(NothingToRead, match="own: no pages in it; put images") as caught:
        plan(fill(folder, *names))
    assert caught.value.exit_code == 3
    with pytest.raises(NothingToRead, match="there is no such folder"):
        plan(tmp_path / "nowhere")


def test_an_unsafe_archive_stops_the_plan(tmp_path: Path) -> None:
    fill(tmp_path, "1.png")
    pack(tmp_path / "a.cbz", ["../../2.png"])
    with pytest.raises(UnsafeArchive, match=r"a.cbz: refused"):
        plan(tmp_path)


def test_a_page_that_went_away_is_a_bad_item(tmp_path: Path) -> None:
    fill(tmp_path, "1.png")
    pack(tmp_path / "a.cbz", ["2.png"])
    source = FolderSource("own", tmp_path, 10)
    pages = source.plan()
    (tmp_path / "1.png").unlink()
    (tmp_path / "a.cbz").unlink()
    for page in pages:
        with pytest.raises(BadItem, match="No such file"):
            source.read(page)


def test_a_name_that_is_no_text_is_named(tmp_path: Path) -> None:
    """A name in Shift-JIS on a UTF-8 system: it cannot be written into a table."""
    name = os.fsencode(tmp_path) + b"/\x83y\x81[\x83W.png"
    with open(name, "wb") as stream:  # noqa: PTH123
        stream.write(b"x")
    with pytest.raises(BadConfig, match="is not UTF-8: rename it") as caught:
        plan(tmp_path)
    str(caught.value).encode()
