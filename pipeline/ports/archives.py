"""Reads pages out of ZIP and CBZ files without unpacking them, and refuses unsafe ones."""

from __future__ import annotations

import lzma
import re
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path, PurePosixPath

from pipeline.core.errors import BadItem, UnsafeArchive

MAX_MEMBERS = 20_000
MAX_MEMBER_BYTES = 256 * 2**20
MAX_TOTAL_BYTES = 16 * 2**30
MAX_RATIO = 200
"""A picture file hardly shrinks in a ZIP; a member that grows two-hundredfold is a bomb."""
_RATIO_COUNTS_FROM_BYTES = 2**20

_BROKEN = (
    KeyError,
    zipfile.BadZipFile,
    NotImplementedError,
    EOFError,
    zlib.error,
    lzma.LZMAError,
)
"""What reading a member raises where it is not there, is damaged, or is packed oddly."""


def list_members(archive: Path) -> list[zipfile.ZipInfo]:
    """The files in the archive, folders left out.

    Raises UnsafeArchive for a name that leads out of the archive, for a bomb, for an
    encrypted member, and for a file that is no ZIP.
    """
    with _opened(archive) as opened:
        members = [each for each in opened.infolist() if not each.is_dir()]
    if len(members) > MAX_MEMBERS:
        raise _unsafe(archive, f"it holds {len(members)} files, more than {MAX_MEMBERS}")
    if sum(each.file_size for each in members) > MAX_TOTAL_BYTES:
        raise _unsafe(archive, f"it unpacks to more than {MAX_TOTAL_BYTES >> 30} GiB")
    for member in members:
        _check(archive, member)
    return members


def read_member(archive: Path, name: str) -> bytes:
    """The bytes of one member. Raises BadItem if it cannot be read, UnsafeArchive as above."""
    with _opened(archive) as opened:
        try:
            member = opened.getinfo(name)
            _check(archive, member)
            return opened.read(member)
        except _BROKEN as error:
            raise BadItem(f"{archive.name}: {name} cannot be read: {error}") from error


@contextmanager
def _opened(archive: Path) -> Iterator[zipfile.ZipFile]:
    try:
        opened = zipfile.ZipFile(archive)
    except (zipfile.BadZipFile, NotImplementedError, ValueError, EOFError) as error:
        raise _unsafe(archive, f"it is not a readable ZIP ({error})") from error
    with opened:
        yield opened


def _check(archive: Path, member: zipfile.ZipInfo) -> None:
    path = PurePosixPath(member.filename.replace("\\", "/"))
    if path.is_absolute() or ".." in path.parts or re.match(r"[A-Za-z]:", member.filename):
        raise _unsafe(archive, f"the name '{member.filename}' leads out of it")
    if member.file_size > MAX_MEMBER_BYTES:
        raise _unsafe(archive, f"'{member.filename}' unpacks to {member.file_size} bytes")
    packed = max(1, member.compress_size)
    if member.file_size > _RATIO_COUNTS_FROM_BYTES and member.file_size / packed > MAX_RATIO:
        raise _unsafe(archive, f"'{member.filename}' unpacks to {member.file_size // packed} times")
    if member.flag_bits & 0x1:
        raise _unsafe(archive, f"'{member.filename}' is encrypted")


def _unsafe(archive: Path, why: str) -> UnsafeArchive:
    return UnsafeArchive(f"{archive}: refused, {why}: repair or remove the archive and run again")
