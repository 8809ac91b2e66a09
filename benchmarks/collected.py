"""What a downloader left of a chapter, judged by the sha256 of every page."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from pipeline.core.hashing import sha256_of_file
from tests.support.mangadex.corpus import Chapter

_NUMBER = re.compile(r"(\d+)\D*$")
_NO_PAGES = {".db", ".temp", ".part"}
"""Suffixes of what downloaders keep beside the pages."""


@dataclass(frozen=True)
class Judged:
    """Pages of a chapter. good: the right bytes under the right number. missing: not good.

    corrupt: files with bytes that are no page. shifted: files with the bytes of another page.
    """

    good: int
    missing: int
    corrupt: int
    shifted: int

    @property
    def is_perfect(self) -> bool:
        return not (self.missing or self.corrupt or self.shifted)

    def __str__(self) -> str:
        wrong = {"corrupt": self.corrupt, "shifted": self.shifted}
        told = [f"{count} {what}" for what, count in wrong.items() if count]
        return ", ".join([f"{self.good}/{self.good + self.missing}", *told])


def sha256s_of(chapter: Chapter) -> list[str]:
    """In page order."""
    return [picture.sha256 for picture in chapter.pictures]


def judge(found: Iterable[tuple[int, str]], expected: Sequence[str]) -> Judged:
    """`found`: (page from 1, sha256) of every file or row; `expected`: sha256 in page order."""
    known = set(expected)
    files = list(found)
    right = {(at, sha256) for at, sha256 in enumerate(expected, 1)}
    good = len(right & set(files))
    return Judged(
        good=good,
        missing=len(expected) - good,
        corrupt=sum(sha256 not in known for _, sha256 in files),
        shifted=sum(sha256 in known for _, sha256 in set(files) - right),
    )


def page_files(folder: Path) -> Iterator[Path]:
    """Every file below that may be a page; covers have no number."""
    for path in sorted(folder.rglob("*")):
        is_page = path.suffix not in _NO_PAGES and _NUMBER.search(path.stem)
        if path.is_file() and is_page:
            yield path


def numbered_files(folder: Path, first: int) -> list[tuple[int, str]]:
    """(page from 1, sha256) of the files of one chapter; `first` is the number of page 1 there."""
    found = []
    for path in page_files(folder):
        told = _NUMBER.search(path.stem)
        assert told is not None
        found.append((int(told[1]) - first + 1, sha256_of_file(path)))
    return found
