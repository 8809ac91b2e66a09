"""Truth files: every form that is taken, and one clear line for every one that is not."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from pipeline.core.errors import BadConfig, MangaZeroError, NothingToRead
from pipeline.ports.truth_files import NO_FACE, labelled_pages
from schemas.boxes import Box

FULL: dict[str, Any] = {
    "image": "01.jpg",
    "width": 60,
    "height": 80,
    "reading_direction": "ltr",
    "transcript": "あっ",
    "panels": [
        {"id": 7, "order": 1, "type": "panel", "bbox_xyxy": [0.4, 40.6, 60.0, 80.0]},
        {"id": 8, "order": 0, "type": "panel", "bbox_xyxy": [-3.0, 0.0, 60.0, 40.0]},
    ],
    "regions": [{"type": "balloon", "bbox_xyxy": [5, 5, 20, 30], "polygon": [[5, 5]]}],
}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder with one picture, 01.jpg."""
    put(tmp_path / "pages", "01.jpg")
    return tmp_path / "pages"


def put(folder: Path, *names: str) -> None:
    folder.mkdir(exist_ok=True)
    for name in names:
        Image.new("L", (60, 80), 255).save(folder / name)


def write(folder: Path, pages: Any, name: str = "truth.json", **beside: Any) -> Path:
    path = folder.parent / name
    path.write_text(json.dumps({"_about": {"source": "us"}, "pages": pages, **beside}))
    return path


def test_a_full_page(folder: Path) -> None:
    (page,) = labelled_pages(folder, write(folder, {"01": FULL}))
    assert (page.key, page.path, page.direction) == ("01", folder / "01.jpg", "ltr")
    assert page.size == (60, 80)
    assert page.labels.panels == (Box(-3, 0, 60, 40), Box(0, 41, 60, 80))
    assert page.labels.panels_in_order
    assert page.labels.regions == (Box(5, 5, 20, 30),)
    assert page.labels.transcript == "あっ"
    assert page.labels.faces is None


def test_a_page_with_nothing_but_its_key_has_no_labels(folder: Path) -> None:
    (page,) = labelled_pages(folder, write(folder, {"01": {}}))
    assert page.path == folder / "01.jpg"
    assert page.size is None
    assert page.direction == "rtl"
    labels = page.labels
    assert (labels.panels, labels.regions, labels.transcript) == (None, None, None)


def test_an_empty_list_is_a_label(folder: Path) -> None:
    (page,) = labelled_pages(folder, write(folder, {"01": {"panels": [], "regions": []}}))
    assert page.labels.panels == page.labels.regions == ()


def test_panels_without_order_keep_the_order_of_the_file_and_are_marked(folder: Path) -> None:
    panels = [{"bbox_xyxy": [0, 40, 60, 80], "order": 3}, {"bbox_xyxy": [0, 0, 60, 40]}]
    (page,) = labelled_pages(folder, write(folder, {"01": {"panels": panels}}))
    assert not page.labels.panels_in_order
    assert page.labels.panels == (Box(0, 40, 60, 80), Box(0, 0, 60, 40))


def test_direction_of_the_file_stands_where_the_page_has_none(folder: Path) -> None:
    put(folder, "02.jpg")
    pages = {"01": {}, "02": {"reading_direction": "rtl"}}
    found = labelled_pages(folder, write(folder, pages, reading_direction="ltr"))
    assert [page.direction for page in found] == ["ltr", "rtl"]


@pytest.mark.parametrize(
    ("key", "image", "there"),
    [
        ("01", "01.jpg", "01.png"),
        ("a", "scan_7.tif", "scan_7.webp"),
        ("01", None, "01.webp"),
        ("01.png", None, "01.png"),
        ("01.jpg", None, "01.png"),
        ("01", "gone.jpg", "01.png"),
        ("x", "chapter/01.jpg", "01.jpg"),
        ("x", None, "x.JPG"),
    ],
)
def test_the_picture_is_found_under_other_names(
    tmp_path: Path, key: str, image: str | None, there: str
) -> None:
    folder = tmp_path / "pages"
    put(folder, there)
    (folder / "01.txt").write_text("no picture")
    page = {} if image is None else {"image": image}
    (found,) = labelled_pages(folder, write(folder, {key: page}))
    assert found.path == folder / there


def test_limit_takes_the_first_pages_and_asks_for_no_other_picture(folder: Path) -> None:
    truth = write(folder, {"01": {}, "02": {}})
    assert [page.key for page in labelled_pages(folder, truth, limit=1)] == ["01"]


FACES = [
    {"face_bbox_xyxy": [1, 1, 9, 9], "identity": "haruko", "detector_likelihood": 1.0},
    {"face_bbox_xyxy": [30, 1, 39, 9], "identity": NO_FACE},
    {"bbox_xyxy": [50, 1, 59, 9]},
]


def test_the_face_list_beside_the_truth_is_taken(folder: Path) -> None:
    put(folder, "02.jpg")
    write(folder, {"01": FACES}, name="identity_labels.json")
    listed, unlisted = labelled_pages(folder, write(folder, {"01": FULL, "02": FULL}))
    assert listed.labels.faces == (Box(1, 1, 9, 9), Box(50, 1, 59, 9))
    assert listed.labels.not_faces == (Box(30, 1, 39, 9),)
    assert unlisted.labels.faces is None


def test_a_named_face_list_wins_over_the_one_beside(folder: Path) -> None:
    write(folder, {"01": FACES}, name="identity_labels.json")
    named = write(folder, {"01": []}, name="mine.json")
    (page,) = labelled_pages(folder, write(folder, {"01": FULL}), faces=named)
    assert page.labels.faces == ()


def told(kind: type[MangaZeroError], folder: Path, truth: Path, faces: Path | None = None) -> str:
    with pytest.raises(kind) as caught:
        labelled_pages(folder, truth, faces)
    line = str(caught.value)
    assert "\n" not in line
    return line


@pytest.mark.parametrize(
    ("pages", "words"),
    [
        ({}, "pages: "),
        ([], "pages: "),
        ({"01": {"panels": [{"bbox_xyxy": [0, 0, 5]}]}}, "pages.01.panels.0.bbox_xyxy"),
        ({"01": {"panels": [{"order": 0}]}}, "pages.01.panels.0.bbox_xyxy: Field required"),
        ({"01": {"regions": [{"bbox_xyxy": [0, 0, 5, float("nan")]}]}}, "finite"),
        ({"01": {"regions": [{"bbox_xyxy": [9, 0, 5, 5]}]}}, "page '01': bbox_xyxy"),
        ({"01": {"width": 0}}, "pages.01.width"),
        ({"01": {"reading_direction": "up"}}, "'rtl' or 'ltr'"),
        ({"01": "page"}, "pages.01"),
    ],
)
def test_a_bad_truth_file_is_told_by_its_place(folder: Path, pages: Any, words: str) -> None:
    assert words in told(BadConfig, folder, write(folder, pages))


def test_a_file_that_is_no_truth_file(folder: Path, tmp_path: Path) -> None:
    bad = tmp_path / "truth.json"
    bad.write_text("{")
    assert "truth.json: not valid JSON" in told(BadConfig, folder, bad)
    bad.write_bytes(b"\xff\xfe{}")
    assert "truth.json: not valid JSON" in told(BadConfig, folder, bad)
    bad.write_text("[]")
    assert "truth.json: the file" in told(BadConfig, folder, bad)
    bad.write_text('{"panels": []}')
    assert "pages: Field required" in told(BadConfig, folder, bad)
    assert "no such file" in told(BadConfig, folder, tmp_path / "none.json")
    assert "cannot be read" in told(BadConfig, folder, folder)


def test_missing_folder_and_missing_picture(folder: Path, tmp_path: Path) -> None:
    truth = write(folder, {"01": {}, "02": {"image": "02.jpg"}})
    assert "no such folder" in told(NothingToRead, tmp_path / "none", truth)
    assert "no picture of page '02' in it; looked for 02.jpg" in told(NothingToRead, folder, truth)


def test_a_bad_face_list(folder: Path) -> None:
    truth = write(folder, {"01": FULL})
    bad = write(folder, {"01": [{"identity": "haruko"}]}, name="mine.json")
    assert "mine.json: pages.01.0.face_bbox_xyxy" in told(BadConfig, folder, truth, bad)
    assert "no such file" in told(BadConfig, folder, truth, folder / "none.json")
