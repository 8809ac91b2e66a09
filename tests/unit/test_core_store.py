"""Blobs, tables and receipts on disk."""

from __future__ import annotations

from pathlib import Path

import pyarrow.parquet as pq
import pytest
from pydantic import Field

from pipeline.core.blobs import Blobs
from pipeline.core.errors import BadItem
from pipeline.core.hashing import canonical_json, digest_of
from pipeline.core.tables import Table, read_rows, write_table
from pipeline.core.workspace import Workspace
from schemas.record import Record


class Word(Record):
    """A row for these tests."""

    id: str
    weight: float = Field(default=0.5)
    parts: tuple[str, ...] = ()


WORDS = Table("words", "spell", Word)


@pytest.fixture
def blobs(tmp_path: Path) -> Blobs:
    return Blobs(Workspace(tmp_path))


def test_a_blob_is_kept_once_under_its_hash(blobs: Blobs) -> None:
    sha256 = blobs.put(b"page")
    path = blobs.workspace.blob_path(sha256)
    before = path.stat().st_mtime_ns, path.stat().st_ino
    assert blobs.put(b"page") == sha256
    assert (path.stat().st_mtime_ns, path.stat().st_ino) == before
    assert blobs.get(sha256) == b"page"


def test_a_cut_blob_is_put_back(blobs: Blobs) -> None:
    sha256 = blobs.put(b"page")
    blobs.workspace.blob_path(sha256).write_bytes(b"pa")
    with pytest.raises(BadItem, match=f"blob {sha256[:12]} is damaged.*--redo fetch"):
        blobs.get(sha256)
    assert blobs.put(b"page") == sha256
    assert blobs.get(sha256) == b"page"


def test_a_changed_or_lost_blob_is_never_handed_out(blobs: Blobs) -> None:
    sha256 = blobs.put(b"page")
    path = blobs.workspace.blob_path(sha256)
    path.write_bytes(b"pagE")
    with pytest.raises(BadItem, match="is damaged"):
        blobs.get(sha256)
    path.unlink()
    with pytest.raises(BadItem, match=r"is gone.*--redo fetch"):
        blobs.get(sha256)


def test_rows_in_any_order_give_the_same_bytes(tmp_path: Path) -> None:
    rows = [Word(id=f"w{n}", parts=("a",) * n, weight=n / 7).model_dump() for n in range(5)]
    write_table(tmp_path / "a.parquet", WORDS, rows)
    write_table(tmp_path / "b.parquet", WORDS, rows[::-1])
    assert (tmp_path / "a.parquet").read_bytes() == (tmp_path / "b.parquet").read_bytes()
    assert [row.id for row in read_rows(tmp_path / "a.parquet", WORDS)] == [
        "w0",
        "w1",
        "w2",
        "w3",
        "w4",
    ]
    assert read_rows(tmp_path / "a.parquet", WORDS)[3] == Word(**rows[3])


def test_an_empty_table_has_its_columns_and_an_absent_one_no_rows(tmp_path: Path) -> None:
    write_table(tmp_path / "a.parquet", WORDS, [])
    assert pq.read_schema(tmp_path / "a.parquet").names == ["id", "weight", "parts"]
    assert read_rows(tmp_path / "a.parquet", WORDS) == []
    assert read_rows(tmp_path / "nothing.parquet", WORDS) == []


def test_canonical_json_tells_values_apart_and_not_their_order() -> None:
    assert digest_of({"b": 1, "a": (1, 2)}) == digest_of({"a": [1, 2], "b": 1})
    assert canonical_json(Word(id="ひ")) == '{"id":"ひ","parts":[],"weight":0.5}'
    values = [1, 1.5, "1", [1], {"1": 1}, None, True]
    assert len({digest_of(value) for value in values}) == len(values)
    with pytest.raises(TypeError, match="no canonical form"):
        digest_of({1, 2})


def test_files_are_checked_by_size_or_by_content(tmp_path: Path) -> None:
    workspace = Workspace(tmp_path)
    (tmp_path / "x").write_bytes(b"abc")
    sha256 = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"
    assert workspace.has_files({"x": 3})
    assert workspace.has_contents({"x": sha256})
    assert not workspace.has_files({"x": 4})
    assert not workspace.has_contents({"x": "0" * 64})
    assert not workspace.has_files({"y": 0})
    assert not workspace.has_contents({"y": sha256})
    assert workspace.has_files({})


@pytest.mark.parametrize("content", [b"", b"{", b"{}", b"\xff", b"[]"])
def test_what_is_no_receipt_is_none(tmp_path: Path, content: bytes) -> None:
    workspace = Workspace(tmp_path)
    path = workspace.receipt_path("fetch", "ink")
    assert workspace.read_receipt("fetch", "ink") is None
    path.parent.mkdir(parents=True)
    path.write_bytes(content)
    assert workspace.read_receipt("fetch", "ink") is None
