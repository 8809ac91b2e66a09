"""The blob store heals itself: damaged blobs, bytes put aside, halves that a kill left."""

from __future__ import annotations

from pathlib import Path

import pytest

from pipeline.core.blobs import Blobs
from pipeline.core.errors import BadItem, NotWritable, WorkspaceBusy
from pipeline.core.lock import workspace_lock
from pipeline.core.workspace import Workspace


@pytest.fixture
def blobs(tmp_path: Path) -> Blobs:
    return Blobs(Workspace(tmp_path))


def test_a_blob_with_other_bytes_of_the_same_size_is_written_anew(blobs: Blobs) -> None:
    sha256 = blobs.put(b"page")
    path = blobs.workspace.blob_path(sha256)
    path.write_bytes(b"pagE")
    with pytest.raises(BadItem, match="is damaged"):
        blobs.get(sha256)
    assert blobs.put(b"page") == sha256
    assert blobs.get(sha256) == path.read_bytes() == b"page"


@pytest.mark.parametrize("damaged", [b"", b"pa", b"page and more"])
def test_a_blob_of_another_size_is_written_anew(damaged: bytes, blobs: Blobs) -> None:
    sha256 = blobs.put(b"page")
    blobs.workspace.blob_path(sha256).write_bytes(damaged)
    blobs.put(b"page")
    assert blobs.get(sha256) == b"page"


def test_an_empty_blob_is_a_blob(blobs: Blobs) -> None:
    assert blobs.get(blobs.put(b"")) == b""


def test_what_is_put_aside_is_no_blob_and_lies_where_a_person_finds_it(blobs: Blobs) -> None:
    sha256 = blobs.put_aside(b"not the page")
    assert blobs.workspace.quarantine_path(sha256).read_bytes() == b"not the page"
    assert not (blobs.workspace.root / "blobs").exists()
    with pytest.raises(BadItem, match="is gone"):
        blobs.get(sha256)
    assert blobs.put_aside(b"not the page") == sha256, "twice is once"
    assert [path.name for path in (blobs.workspace.root / "quarantine").iterdir()] == [sha256]


def test_a_store_that_cannot_be_written_says_what_to_do(tmp_path: Path) -> None:
    (tmp_path / "blobs").write_text("no folder")
    (tmp_path / "quarantine").write_text("no folder")
    blobs = Blobs(Workspace(tmp_path))
    for keep in (blobs.put, blobs.put_aside):
        with pytest.raises(NotWritable, match="in the way"):
            keep(b"page")


def halves_and_others(root: Path, sha256: str) -> tuple[list[Path], list[Path]]:
    """Halves as a kill leaves them, and files that only look a little like one."""
    shelf = root / "blobs" / sha256[:2]
    halves = [shelf / f".{sha256}.4242-7.part", root / "blobs" / "00" / f".{'0' * 64}.1-1.part"]
    others = [
        shelf / f"{'e' * 64}",
        shelf / f"{sha256}.part",
        shelf / f".{sha256}.4242-7.parted",
        root / "blobs" / ".top.part",
        root / "shards" / ".pages-train-00000.tar.1-1.part",
        root / "tables" / "fetch" / "ink" / ".pages.parquet.1-1.part",
        root / "quarantine" / f".{sha256}.1-1.part",
        root / "plans" / ".ink.json.1-1.part",
        root / "mine" / "00" / ".note.part",
    ]
    for path in (*halves, *others):
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(b"half")
    return halves, others


def test_sweep_removes_halves_of_blobs_and_nothing_else(blobs: Blobs) -> None:
    """E20: temps go on start, finished blobs and everything outside the store stay."""
    sha256 = blobs.put(b"page")
    halves, others = halves_and_others(blobs.workspace.root, sha256)
    blobs.workspace.sweep()
    assert [path for path in halves if path.exists()] == []
    assert [path for path in others if not path.exists()] == []
    assert blobs.get(sha256) == b"page"
    blobs.workspace.sweep()


def test_sweep_of_a_workspace_without_blobs(tmp_path: Path) -> None:
    Workspace(tmp_path).sweep()
    assert list(tmp_path.iterdir()) == []


def test_whoever_takes_the_lock_sweeps_and_whoever_is_refused_does_not(blobs: Blobs) -> None:
    """E21: the halves of a run that is alive belong to it."""
    workspace = blobs.workspace
    with workspace_lock(workspace):
        halves, _ = halves_and_others(workspace.root, "a" * 64)
        with pytest.raises(WorkspaceBusy), workspace_lock(workspace):
            raise AssertionError("two runs at once")
        assert all(path.exists() for path in halves)
    with workspace_lock(workspace):
        assert not any(path.exists() for path in halves)
