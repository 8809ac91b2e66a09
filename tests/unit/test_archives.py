"""ZIP and CBZ files: read without unpacking, refused where they are unsafe."""

from __future__ import annotations

import struct
import zipfile
from pathlib import Path

import pytest

from pipeline.core.errors import BadItem, UnsafeArchive
from pipeline.ports import archives
from pipeline.ports.archives import list_members, read_member


def make(path: Path, members: dict[str, bytes], method: int = zipfile.ZIP_DEFLATED) -> Path:
    with zipfile.ZipFile(path, "w", method) as archive:
        for name, content in members.items():
            archive.writestr(name, content)
    return path


def test_files_are_listed_without_folders_and_read(tmp_path: Path) -> None:
    path = make(tmp_path / "a.cbz", {"d/": b"", "d/1.png": b"one", "第2話.png": b"two"})
    assert [member.filename for member in list_members(path)] == ["d/1.png", "第2話.png"]
    assert read_member(path, "第2話.png") == b"two"


@pytest.mark.parametrize(
    "name",
    [
        "../1.png",
        "a/../../1.png",
        "..",
        "/etc/1.png",
        "\\1.png",
        "..\\1.png",
        "C:\\1.png",
        "c:1.png",
    ],
)
def test_a_name_that_leads_out_is_refused(tmp_path: Path, name: str) -> None:
    path = make(tmp_path / "a.cbz", {"0.png": b"", name: b"x"})
    with pytest.raises(UnsafeArchive, match="leads out of it: repair or remove") as caught:
        list_members(path)
    assert str(path) in str(caught.value)
    assert caught.value.exit_code == 5
    with pytest.raises(UnsafeArchive):
        read_member(path, name)


@pytest.mark.parametrize("name", ["Vol 1: Dawn/1.png", "...png", "a..b/1.png", "?.png", "."])
def test_odd_but_harmless_names_pass(tmp_path: Path, name: str) -> None:
    path = make(tmp_path / "a.cbz", {name: b"x"})
    assert [member.filename for member in list_members(path)] == [name]
    assert read_member(path, name) == b"x"


def test_a_member_that_grows_too_much_is_a_bomb(tmp_path: Path) -> None:
    path = make(tmp_path / "a.zip", {"1.png": bytes(3 * 2**20)})
    with pytest.raises(UnsafeArchive, match=r"'1.png' unpacks to \d+ times"):
        list_members(path)
    small = make(tmp_path / "b.zip", {"1.png": bytes(2**20)})
    assert len(list_members(small)) == 1


def declare(path: Path, name: bytes, size: int) -> None:
    """Rewrites the unpacked size of one member in the central directory."""
    content = bytearray(path.read_bytes())
    at = content.rindex(b"PK\x01\x02", 0, content.rindex(name))
    content[at + 24 : at + 28] = struct.pack("<I", size)
    path.write_bytes(content)


def test_a_member_that_declares_too_much_is_a_bomb(tmp_path: Path) -> None:
    path = make(tmp_path / "a.zip", {"1.png": b"x" * 100})
    declare(path, b"1.png", archives.MAX_MEMBER_BYTES + 1)
    with pytest.raises(UnsafeArchive, match=f"unpacks to {archives.MAX_MEMBER_BYTES + 1} bytes"):
        list_members(path)


def test_many_members_that_declare_too_much_together_are_a_bomb(tmp_path: Path) -> None:
    names = [f"{n:03d}.png" for n in range(archives.MAX_TOTAL_BYTES // 2**28 + 1)]
    path = make(tmp_path / "a.zip", dict.fromkeys(names, b"x"))
    for name in names:
        declare(path, name.encode(), 2**28)
    with pytest.raises(UnsafeArchive, match="unpacks to more than 16 GiB"):
        list_members(path)


def test_a_member_that_lies_about_its_size_is_a_bad_item(tmp_path: Path) -> None:
    path = make(tmp_path / "a.zip", {"1.png": bytes(range(256)) * 40})
    declare(path, b"1.png", 100)
    assert list_members(path)
    with pytest.raises(BadItem, match=r"a\.zip: 1\.png cannot be read"):
        read_member(path, "1.png")


@pytest.mark.parametrize("method", [zipfile.ZIP_DEFLATED, zipfile.ZIP_STORED, zipfile.ZIP_LZMA])
def test_a_damaged_member_is_a_bad_item(tmp_path: Path, method: int) -> None:
    path = make(tmp_path / "a.zip", {"1.png": bytes(range(256)) * 40}, method)
    content = bytearray(path.read_bytes())
    content[50:70] = b"\xff" * 20
    path.write_bytes(content)
    with pytest.raises(BadItem, match=r"a.zip: 1.png cannot be read"):
        read_member(path, "1.png")
    with pytest.raises(BadItem, match=r"a.zip: 9.png cannot be read"):
        read_member(path, "9.png")


def test_an_encrypted_member_is_refused(tmp_path: Path) -> None:
    path = make(tmp_path / "a.zip", {"1.png": b"x"})
    content = bytearray(path.read_bytes())
    content[content.index(b"PK\x03\x04") + 6] |= 1
    content[content.index(b"PK\x01\x02") + 8] |= 1
    path.write_bytes(content)
    with pytest.raises(UnsafeArchive, match=r"'1\.png' is encrypted"):
        list_members(path)


@pytest.mark.parametrize("content", [b"", b"Rar!\x1a\x07", b"PK\x03\x04 cut"])
def test_what_is_no_zip_is_refused(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "a.cbz").write_bytes(content)
    with pytest.raises(UnsafeArchive, match="it is not a readable ZIP"):
        list_members(tmp_path / "a.cbz")


def test_too_many_members_are_refused(tmp_path: Path) -> None:
    names = (str(n) for n in range(archives.MAX_MEMBERS + 1))
    path = make(tmp_path / "a.zip", dict.fromkeys(names, b""), zipfile.ZIP_STORED)
    with pytest.raises(UnsafeArchive, match="it holds 20001 files"):
        list_members(path)
