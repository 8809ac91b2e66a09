"""The journal: one JSON line an outcome, appended as it comes, read back after a kill.

A line that a kill cut short is dropped and its item runs again. The last line of a key counts.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Any, BinaryIO, Literal, Self

from pipeline.core.errors import disk_errors_explained
from pipeline.core.outcome import Dropped, Failed, Kept, Outcome
from pipeline.core.tables import PlainRow


@dataclass(frozen=True, slots=True)
class Entry:
    """An outcome in plain values, with the digest of the payload that it answers."""

    key: str
    digest: str
    status: Literal["kept", "dropped", "failed"]
    rows: dict[str, list[PlainRow]]
    files: dict[str, str]
    reason: str = ""
    detail: str = ""

    @property
    def is_final(self) -> bool:
        return self.status != "failed"


def entry_of(outcome: Outcome, digest: str) -> Entry:
    """The outcome as the journal keeps it."""
    match outcome:
        case Kept(key, rows, files):
            plain = {
                table: [row.model_dump(mode="json") for row in some] for table, some in rows.items()
            }
            return Entry(key, digest, "kept", plain, dict(files))
        case Dropped(key, reason, detail):
            return Entry(key, digest, "dropped", {}, {}, reason, detail)
        case Failed(key, error, detail):
            return Entry(key, digest, "failed", {}, {}, error, detail)


class Journal:
    """The outcomes of one (stage, scope, configuration). The lock allows one writer at a time."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._entries: dict[str, Entry] = {}
        self._stream: BinaryIO | None = None

    def __enter__(self) -> Self:
        whole = 0
        for entry, end in _read(self._path):
            whole = end
            if entry is not None:
                self._entries[entry.key] = entry
        with disk_errors_explained(self._path.parent):
            self._path.parent.mkdir(parents=True, exist_ok=True)
            self._stream = self._path.open("ab")
            self._stream.truncate(whole)
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if self._stream is not None:
            with disk_errors_explained(self._path.parent):
                self._stream.close()

    def find(self, key: str, digest: str) -> Entry | None:
        """The answer for exactly this payload, if there is one."""
        entry = self._entries.get(key)
        return entry if entry is not None and entry.digest == digest else None

    def append(self, entry: Entry) -> None:
        """Writes through to the operating system, so that a killed process loses nothing."""
        assert self._stream is not None, "the journal is used inside its with-block"
        line = json.dumps(
            [
                entry.key,
                entry.digest,
                entry.status,
                entry.rows,
                entry.files,
                entry.reason,
                entry.detail,
            ],
            ensure_ascii=False,
            separators=(",", ":"),
        )
        with disk_errors_explained(self._path.parent):
            self._stream.write(line.encode() + b"\n")
            self._stream.flush()
        self._entries[entry.key] = entry


def _read(path: Path) -> Iterator[tuple[Entry | None, int]]:
    """Entries with the offset at which each line ends; None for a line that is not an entry."""
    if not path.exists():
        return
    end = 0
    with path.open("rb") as stream:
        for line in stream:
            if not line.endswith(b"\n"):
                return
            end += len(line)
            yield _parse(line), end


def _parse(line: bytes) -> Entry | None:
    try:
        values: Any = json.loads(line)
        return Entry(*values)
    except (ValueError, TypeError):
        return None
