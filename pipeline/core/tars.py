"""Deterministic tar files: the same members give the same bytes, and half a file never appears.

USTAR headers, time 0, owner 0, one fixed mode. (webdataset's own writer stamps the current time
and writes to the final name, which is why it is used for reading only.)
"""

from __future__ import annotations

import hashlib
import io
import re
import tarfile
from collections.abc import Iterable
from pathlib import Path
from typing import BinaryIO, Final

from pipeline.core.atomic import atomic_file
from pipeline.core.errors import BrokenInvariant

_MEMBER: Final = re.compile(r"[a-z0-9_-]{1,89}\.[a-z]{2,5}")
"""Dots split a sample's key from its field; capitals and long names break readers."""


def write_tar(path: Path, members: Iterable[tuple[str, bytes]]) -> tuple[str, int]:
    """Writes (name, bytes) pairs in the order given; returns the file's sha256 and size in bytes.

    Raises BrokenInvariant for a name that readers would misread, DiskFull, NotWritable.
    """
    with atomic_file(path) as stream:
        counted = _Hashed(stream)
        with tarfile.open(fileobj=counted, mode="w|", format=tarfile.USTAR_FORMAT) as tar:
            for name, content in members:
                if not _MEMBER.fullmatch(name):
                    raise BrokenInvariant(f"shard member '{name}': not [a-z0-9_-]+.ext, < 90 bytes")
                header = tarfile.TarInfo(name)
                header.size = len(content)
                header.mode = 0o644
                tar.addfile(header, io.BytesIO(content))
        return counted.digest.hexdigest(), counted.n_bytes


class _Hashed(io.RawIOBase):
    """Passes writes on, and keeps their hash and number."""

    def __init__(self, stream: BinaryIO) -> None:
        self._stream = stream
        self.digest = hashlib.sha256()
        self.n_bytes = 0

    def writable(self) -> bool:
        return True

    def write(self, content: bytes) -> int:  # type: ignore[override]
        self.digest.update(content)
        self.n_bytes += len(content)
        return self._stream.write(content)
