"""Shards' tars: the same members give the same bytes, and names are what readers expect."""

from __future__ import annotations

import hashlib
import tarfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from pipeline.core.errors import BrokenInvariant
from pipeline.core.tars import write_tar

MEMBERS = [("ink_c01_p001.jpg", b"\xff\xd8picture"), ("ink_c01_p001.json", b"{}")]


def test_bytes_depend_on_the_members_alone(tmp_path: Path) -> None:
    first = write_tar(tmp_path / "a.tar", MEMBERS)
    second = write_tar(tmp_path / "deep" / "b.tar", iter(MEMBERS))
    content = (tmp_path / "a.tar").read_bytes()
    assert first == second == (hashlib.sha256(content).hexdigest(), len(content))
    assert (tmp_path / "deep" / "b.tar").read_bytes() == content


def test_members_come_back_in_order_without_a_trace_of_this_machine(tmp_path: Path) -> None:
    write_tar(tmp_path / "a.tar", MEMBERS)
    with tarfile.open(tmp_path / "a.tar") as tar:
        found = list(tar)
        assert [(m.name, tar.extractfile(m).read()) for m in found] == MEMBERS  # type: ignore[union-attr]
    assert {(m.mtime, m.uid, m.gid, m.uname, m.gname, m.mode) for m in found} == {
        (0, 0, 0, "", "", 0o644)
    }


@pytest.mark.parametrize(
    "name",
    ["../x.jpg", "a/b.jpg", "A.jpg", "a.b.jpg", "a", "a.JPG", ".jpg", f"{'a' * 90}.jpg", "a.jpg\n"],
)
def test_a_name_that_readers_misread_is_refused_and_nothing_is_left(
    tmp_path: Path, name: str
) -> None:
    with pytest.raises(BrokenInvariant, match="shard member"):
        write_tar(tmp_path / "a.tar", [*MEMBERS, (name, b"")])
    assert list(tmp_path.iterdir()) == []


def test_an_error_while_members_are_made_leaves_the_old_shard(tmp_path: Path) -> None:
    before = write_tar(tmp_path / "a.tar", MEMBERS)

    def failing() -> Iterator[tuple[str, bytes]]:
        yield MEMBERS[0]
        raise BrokenInvariant("amid the work")

    with pytest.raises(BrokenInvariant, match="amid"):
        write_tar(tmp_path / "a.tar", failing())
    content = (tmp_path / "a.tar").read_bytes()
    assert (hashlib.sha256(content).hexdigest(), len(content)) == before
