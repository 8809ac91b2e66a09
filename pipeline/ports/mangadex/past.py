"""What a series' download has met with before, read off its log."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

from pipeline.ports.mangadex.memory import Event


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
    """An absent log has no past; a line that a kill cut counts as never written."""
    past = Past()
    try:
        content = log_path.read_bytes()
    except FileNotFoundError:
        return past
    for entry in _entries(content):
        upload = entry["chapter"]
        if entry["event"] == Event.GONE:
            past.gone[upload] = datetime.fromisoformat(entry["time"])
        elif entry["event"] == Event.CHANGED:
            past.changed[upload] = HandedOut(int(entry["pages"]), str(entry["hash"]))
        else:
            past.gone.pop(upload, None)
            past.changed.pop(upload, None)
    return past


def _entries(content: bytes) -> Iterator[dict[str, Any]]:
    marks = (b'"gone"', b'"leased"', b'"changed"')
    for line in content.split(b"\n"):
        if not any(mark in line for mark in marks):
            continue
        try:
            entry = json.loads(line)
        except (ValueError, RecursionError):
            continue
        if isinstance(entry, dict) and entry.get("event") in (
            Event.GONE,
            Event.LEASED,
            Event.CHANGED,
        ):
            yield entry
