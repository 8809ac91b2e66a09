"""The lines of a download's log, and those of them that say what has to be remembered.

A line that a kill cut short counts as never written, and so does one that lacks what it should say.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any, Final


class Event(StrEnum):
    """What a line tells of."""

    LEASED = "leased"
    GONE = "gone"
    CHANGED = "changed"
    REFUSED = "refused"
    VERIFIED = "verified"
    KEPT = "kept"
    ADOPTED = "adopted"
    FAILED = "failed"
    MISSING = "missing"


@dataclass(frozen=True, slots=True)
class Gone:
    """An upload was found gone. `at` has a time zone."""

    chapter: str
    at: datetime


@dataclass(frozen=True, slots=True)
class Leased:
    """An upload was leased, its hash as it was planned under that stamp."""

    chapter: str
    hash: str
    stamp: str


@dataclass(frozen=True, slots=True)
class Changed:
    """A lease named this hash and so many pages in place of what was planned."""

    chapter: str
    hash: str
    pages: int


ChapterLine = Gone | Leased | Changed

# Most lines tell of pages; those are not even parsed.
_MARKS: Final = (b'"gone"', b'"leased"', b'"changed"')


def chapter_lines(content: bytes) -> Iterator[ChapterLine]:
    """What the log has on chapters, in the order of writing."""
    for line in content.split(b"\n"):
        if any(mark in line for mark in _MARKS) and (found := _chapter_line(line)):
            yield found


def _chapter_line(line: bytes) -> ChapterLine | None:
    try:
        said = json.loads(line)
    except (ValueError, RecursionError):
        return None
    match said:
        case {"event": Event.GONE, "chapter": str(chapter), "time": str(time)}:
            at = _moment(time)
            return None if at is None else Gone(chapter, at)
        case {"event": Event.LEASED, "chapter": str(chapter), "hash": str(seen), "stamp": str(by)}:
            return Leased(chapter, seen, by)
        case {"event": Event.CHANGED, "chapter": str(chapter), "hash": str(seen), "pages": pages}:
            return Changed(chapter, seen, pages) if _is_count(pages) else None
    return None


def _moment(text: str) -> datetime | None:
    try:
        at = datetime.fromisoformat(text)
    except ValueError:
        return None
    return at if at.tzinfo else None


def _is_count(pages: Any) -> bool:
    return isinstance(pages, int) and not isinstance(pages, bool) and pages >= 0
