"""The raw reader, the check of a copy of the shards, and plain webdataset on the same files."""

from __future__ import annotations

import gc
import json
import shutil
import warnings
from pathlib import Path
from typing import Any

import pytest
import webdataset

from pipeline.core.errors import BadItem, MissingPart
from pipeline.loader.raw import read_pages, read_samples, shard_of, shard_paths
from pipeline.loader.verify import verify_shards
from tests.support.small_build import small_build


@pytest.fixture(scope="module")
def shards(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return small_build(tmp_path_factory.mktemp("loader")).workspace.shards_folder


@pytest.fixture
def copy(shards: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(shards, tmp_path / "shards"))


def rewrite(index: Path, change: dict[str, Any]) -> None:
    content = json.loads(index.read_text())
    content["shards"][0] |= change
    index.write_text(json.dumps(content))


def test_samples_have_their_picture_and_every_box_lies_on_it(shards: Path) -> None:
    samples = list(read_samples(shards))
    assert len(samples) == 5
    for sample in samples:
        picture = sample.decode()
        assert picture.mode == "RGB"
        assert picture.size == (sample.page.width, sample.page.height)
        boxes = [panel.box for panel in sample.page.panels]
        assert boxes
        assert all(box == box.clip(*picture.size) for box in boxes)


def test_plain_webdataset_opens_the_same_shards(shards: Path) -> None:
    paths = [str(path) for path in shard_paths(shards)]
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ResourceWarning)  # webdataset leaves its files open
        dataset = webdataset.WebDataset(paths, shardshuffle=False).decode("pil")
        theirs = {sample["__key__"]: sample for sample in dataset}
        del dataset
        gc.collect()
    ours = {sample.page.key: sample for sample in read_samples(shards)}
    assert list(theirs) == list(ours)
    for key, sample in theirs.items():
        assert {field for field in sample if field[0] != "_"} == {"jpg", "json"}
        assert sample["json"] == ours[key].page.model_dump(mode="json")
        assert sample["jpg"].size == ours[key].decode().size


def test_keys_choose_samples_and_shard_of_finds_their_tar(shards: Path) -> None:
    where = {page.key: path for path, page in read_pages(shards)}
    key = sorted(where)[1]
    (sample,) = read_samples(shards, {key})
    assert (sample.page.key, sample.shard) == (key, where[key])
    assert shard_of(shards, key) == where[key]
    assert shard_of(shards, "ink_c0001_p999") is None
    assert list(read_samples([where[key]], {key})) == [sample]


def test_no_shards_says_what_to_do(tmp_path: Path) -> None:
    with pytest.raises(MissingPart, match="mangazero run"):
        next(read_samples(tmp_path))


def test_a_cut_tar_is_a_bad_item(copy: Path) -> None:
    path = shard_paths(copy)[0]
    path.write_bytes(path.read_bytes()[:700])
    with pytest.raises(BadItem, match=path.name):
        list(read_samples(copy))
    assert any("wrong sha256" in problem for problem in verify_shards(copy))


def test_whole_shards_have_no_problem(shards: Path) -> None:
    assert verify_shards(shards) == []


def test_a_missing_and_a_foreign_tar_are_told(copy: Path) -> None:
    first, second, *_ = shard_paths(copy)
    first.rename(copy / "pages-train-99999.tar")
    assert verify_shards(copy) == [
        f"{first.name}: missing",
        "pages-train-99999.tar: not in the index",
    ]
    assert second.exists()


def test_one_changed_byte_of_a_picture_is_told(copy: Path) -> None:
    path = shard_paths(copy)[0]
    content = bytearray(path.read_bytes())
    content[1000] ^= 1
    path.write_bytes(content)
    problems = verify_shards(copy)
    assert len(problems) == 2
    assert "wrong sha256" in problems[0]
    assert "not the picture that its JSON names" in problems[1]


def test_wrong_counts_are_told(copy: Path) -> None:
    rewrite(copy / "index.json", {"panels": 1})
    problems = verify_shards(copy)
    assert len(problems) == 2
    assert "panels, the index says 1" in problems[0]
    assert problems[1].startswith("index.json: ")


def test_an_index_that_is_none_is_told(copy: Path) -> None:
    (copy / "index.json").write_text("{}")
    assert "not an index" in verify_shards(copy)[0]
    (copy / "index.json").unlink()
    assert "no such file" in verify_shards(copy)[0]
