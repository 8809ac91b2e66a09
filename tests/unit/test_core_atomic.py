"""Files appear whole or not at all, and refusals of the disk say what to do."""

from __future__ import annotations

import errno
import os
import resource
import subprocess
import sys
from pathlib import Path

import pytest

from pipeline.core.atomic import atomic_file, write_bytes, write_text
from pipeline.core.errors import DiskFull, NotWritable, disk_errors_explained


def test_content_replaces_the_old_one_whole(tmp_path: Path) -> None:
    path = tmp_path / "a" / "b.txt"
    write_text(path, "older and longer")
    write_text(path, "ひ")
    assert path.read_text("utf-8") == "ひ"
    assert list(path.parent.iterdir()) == [path]


def test_nothing_shows_before_the_end(tmp_path: Path) -> None:
    path = tmp_path / "x"
    with atomic_file(path) as stream:
        stream.write(b"half")
        assert not path.exists()
    assert path.read_bytes() == b"half"


def write_half(path: Path, error: BaseException) -> None:
    with atomic_file(path) as stream:
        stream.write(b"new")
        raise error


@pytest.mark.parametrize("error", [ValueError("ours"), KeyboardInterrupt()])
def test_an_error_leaves_nothing_new_and_keeps_the_old(
    tmp_path: Path, error: BaseException
) -> None:
    path = tmp_path / "x"
    path.write_bytes(b"old")
    with pytest.raises(type(error)):
        write_half(path, error)
    assert path.read_bytes() == b"old"
    assert list(tmp_path.iterdir()) == [path]


TOO_BIG = """
import sys
from pathlib import Path
from pipeline.core.atomic import write_bytes
from pipeline.core.errors import DiskFull
try:
    write_bytes(Path(sys.argv[1]), b"x" * 100_000)
except DiskFull as error:
    print(error)
    sys.exit(error.exit_code)
"""


def test_a_full_disk_leaves_nothing_behind(tmp_path: Path) -> None:
    def limit() -> None:
        resource.setrlimit(resource.RLIMIT_FSIZE, (10_000, 10_000))

    command = [sys.executable, "-c", TOO_BIG, str(tmp_path / "x")]
    done = subprocess.run(command, check=False, preexec_fn=limit, capture_output=True, text=True)
    assert done.returncode == 7
    assert done.stdout == (
        f"no room left on the disk of {tmp_path}: free some and run again; "
        "what is finished stays finished\n"
    )
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("number", [errno.ENOSPC, errno.EDQUOT, errno.EFBIG])
def test_full(number: int) -> None:
    with (
        pytest.raises(DiskFull, match="work: free some and run again"),
        disk_errors_explained("work"),
    ):
        raise OSError(number, os.strerror(number))


@pytest.mark.parametrize("number", [errno.EROFS, errno.EACCES, errno.EPERM])
def test_not_writable(number: int) -> None:
    with pytest.raises(NotWritable, match="make it writable"), disk_errors_explained("work"):
        raise OSError(number, os.strerror(number))


def test_other_errors_pass_as_they_are() -> None:
    with pytest.raises(OSError, match="Input/output"), disk_errors_explained("work"):
        raise OSError(errno.EIO, os.strerror(errno.EIO))


def test_a_file_in_the_way_of_a_folder_is_named(tmp_path: Path) -> None:
    (tmp_path / "work").write_text("a file")
    for path in (tmp_path / "work" / "x", tmp_path / "work" / "deep" / "x"):
        with pytest.raises(NotWritable, match=r"work.* is in the way"):
            write_bytes(path, b"")


def test_a_folder_in_the_way_of_a_file_is_named(tmp_path: Path) -> None:
    (tmp_path / "x").mkdir()
    with pytest.raises(NotWritable, match="x is in the way"):
        write_bytes(tmp_path / "x", b"")
    assert [path.name for path in tmp_path.iterdir()] == ["x"]
