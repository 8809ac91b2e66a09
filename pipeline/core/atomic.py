"""Files appear whole or not at all: write beside the target, fsync, rename over it."""

from __future__ import annotations

import os
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO

from pipeline.core.errors import disk_errors_explained


@contextmanager
def atomic_file(path: Path) -> Iterator[BinaryIO]:
    """A stream whose content becomes `path` when the block ends well, and vanishes otherwise.

    Raises DiskFull or NotWritable; any other error of the block passes through.
    """
    part = path.with_name(f".{path.name}.{os.getpid()}-{threading.get_ident()}.part")
    with disk_errors_explained(path.parent):
        path.parent.mkdir(parents=True, exist_ok=True)
        try:
            with part.open("wb") as stream:
                yield stream
                stream.flush()
                os.fsync(stream.fileno())
            part.replace(path)
        except BaseException:
            part.unlink(missing_ok=True)
            raise
        _sync_folder(path.parent)


def write_bytes(path: Path, content: bytes) -> None:
    """The whole file at once, atomically."""
    with atomic_file(path) as stream:
        stream.write(content)


def write_text(path: Path, content: str) -> None:
    """The whole file at once, atomically, in UTF-8."""
    write_bytes(path, content.encode())


def _sync_folder(folder: Path) -> None:
    """The rename itself is durable only once the folder is."""
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
