"""What a series' download has met with before, read off its log."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

from pipeline.ports.mangadex.log_lines import Changed, Gone, chapter_lines


@dataclass(frozen=True, slots=True)
class HandedOut:
    """What a lease named in place of what was planned."""

    pages: int
    hash: str


@dataclass(frozen=True)
class Past:
    """By id of the upload. `gone` has when it was last found gone, until it was leased again."""

    gone: dict[str, datetime] = field(default_factory=dict)
    changed: dict[str, HandedOut] = field(default_factory=dict)


def past_of(log_path: Path) -> Past:
    """An absent log has no past."""
    past = Past()
    try:
        content = log_path.read_bytes()
    except FileNotFoundError:
        return past
    for line in chapter_lines(content):
        if isinstance(line, Gone):
            past.gone[line.chapter] = line.at
        elif isinstance(line, Changed):
            past.changed[line.chapter] = HandedOut(line.pages, line.hash)
        else:
            past.gone.pop(line.chapter, None)
            past.changed.pop(line.chapter, None)
    return past
