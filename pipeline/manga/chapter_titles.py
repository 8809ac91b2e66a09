"""How a chapter and its people are named for a reader: one line each, whatever was typed."""

from __future__ import annotations

import unicodedata
from typing import Final

from schemas.mangadex import ListedChapter

_UNSEEN: Final = frozenset({"Cc", "Cs", "Zl", "Zp"})
"""Categories that break a line or steer a terminal."""


def chapter_title(upload: ListedChapter) -> str:
    """For people, in one line: "Vol. 2 Ch. 12.5: Rain", or "Oneshot"."""
    volume, number = one_line(upload.volume, 20), one_line(upload.number, 20)
    title = one_line(upload.title)
    where = " ".join(
        ([f"Vol. {volume}"] if volume else []) + [f"Ch. {number}" if number else "Oneshot"]
    )
    return f"{where}: {title}" if title else where


def credited_to(upload: ListedChapter) -> str:
    """The groups of an upload, or who uploaded it."""
    names = [one_line(group.name) or group.id for group in upload.groups]
    return " & ".join(names) or one_line(upload.uploader) or upload.uploader_id or "unknown"


def one_line(text: str, most: int = 120) -> str:
    """What strangers typed, without control characters and of bounded length."""
    plain = "".join(" " if unicodedata.category(c) in _UNSEEN else c for c in text[: 4 * most])
    line = " ".join(plain.split())
    return line if len(line) <= most else f"{line[: most - 1]}…"
