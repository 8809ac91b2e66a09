"""Items and their three possible ends."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, Generic, TypeVar

from pipeline.core.hashing import digest_of
from pipeline.core.tables import Row, Table
from schemas.record import Record

Payload = TypeVar("Payload")


@dataclass(frozen=True)
class Item(Generic[Payload]):
    """A piece of work: a key that names it, and everything that its answer depends on.

    The payload is a record, a tuple of them, or plain JSON values.
    """

    key: str
    payload: Payload

    @cached_property
    def digest(self) -> str:
        """Changes with the payload: an outcome counts only for the payload it was made from."""
        return digest_of(self.payload)


@dataclass(frozen=True)
class Kept:
    """The item gave rows, by table name; `files` are other files made (path -> sha256)."""

    key: str
    rows: Mapping[str, Sequence[Record]]
    files: Mapping[str, str] = field(default_factory=dict)

    def of(self, table: Table[Row]) -> list[Row]:
        """The rows for one table, as its records."""
        rows: Sequence[Any] = self.rows.get(table.name, ())
        return list(rows)


@dataclass(frozen=True)
class Dropped:
    """The item is not wanted, finally. `reason` is one of the stage's enumerated reasons."""

    key: str
    reason: str
    detail: str = ""


@dataclass(frozen=True)
class Failed:
    """The item could not be worked on this time; the next run tries again."""

    key: str
    error: str
    detail: str = ""


Outcome = Kept | Dropped | Failed
