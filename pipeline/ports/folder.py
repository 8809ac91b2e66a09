"""A folder of one's own pages as a source: images and archives, chapters by sub-folder or archive.

Images that lie directly in the folder are the chapter "main". Everything is in natural
order (page2 before page10). Nothing is unpacked or copied before it is fetched.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from natsort import natsort_keygen, ns

from pipeline.core.errors import BadConfig, BadItem, NothingToRead
from pipeline.ports.archives import list_members, read_member
from pipeline.ports.one_by_one import bring_each
from pipeline.ports.protocols import Delivered, Missing, Shelf
from schemas.pages import ChapterCredit, PlannedPage

IMAGE_SUFFIXES = frozenset({".jpg", ".jpeg", ".png", ".webp", ".gif", ".bmp", ".tif", ".tiff"})
ARCHIVE_SUFFIXES = frozenset({".cbz", ".zip"})
_MAX_DEPTH = 6
_MEMBER = "//"
"""Separates an archive from its member in a locator: vol1.cbz//001.png. No path holds it."""

_natural = natsort_keygen(alg=ns.IGNORECASE | ns.PATH)


@dataclass(frozen=True, slots=True)
class _Found:
    chapter: str
    locator: str
    stamp: str


@dataclass(frozen=True)
class FolderSource:
    """The pages of one series in `folder`, at most `page_cap` of them."""

    series: str
    folder: Path
    page_cap: int
    brings_many: bool = False

    def plan(self) -> Sequence[PlannedPage]:
        """Raises NothingToRead if the folder is missing or holds no picture, UnsafeArchive, and
        BadConfig for a name that is not UTF-8."""
        if not self.folder.is_dir():
            raise NothingToRead(f"{self.folder}: there is no such folder; name one with pages")
        found = sorted(_pages_in(self.folder), key=lambda page: _order(page))
        if not found:
            raise NothingToRead(
                f"{self.folder}: no pages in it; put images (jpg, png, webp, ...) or "
                "CBZ/ZIP files there, chapters as sub-folders"
            )
        return self._numbered(found[: self.page_cap])

    def credits(self) -> Sequence[ChapterCredit]:
        """None: the manifest's attribution names everybody."""
        return ()

    def bring(
        self, pages: Sequence[PlannedPage], shelf: Shelf
    ) -> Iterator[Delivered | Missing | None]:
        """One page after another."""
        return bring_each(self.read, pages, shelf)

    def read(self, page: PlannedPage) -> bytes:
        """Raises BadItem if the file is gone or unreadable."""
        archive, separator, member = page.locator.partition(_MEMBER)
        try:
            if separator:
                return read_member(self.folder / archive, member)
            return (self.folder / page.locator).read_bytes()
        except OSError as error:
            raise BadItem(f"{self.folder / archive}: {error.strerror or error}") from error

    def _numbered(self, found: Sequence[_Found]) -> list[PlannedPage]:
        words = words_for(dict.fromkeys(page.chapter for page in found))
        counts: dict[str, int] = {}
        pages = []
        for order, page in enumerate(found):
            word = words[page.chapter]
            number = counts[word] = counts.get(word, 0) + 1
            pages.append(
                PlannedPage(
                    id=f"{self.series}/{word}/p{number:03d}",
                    series=self.series,
                    chapter=word,
                    chapter_title=page.chapter,
                    number=number,
                    order=order,
                    locator=page.locator,
                    stamp=page.stamp,
                )
            )
        return pages


def slug_of(name: str) -> str:
    """A slug for any name; names without Latin letters or digits get one from their hash."""
    word = re.sub(r"[^a-z0-9]+", "-", name.lower()).strip("-")[:32].strip("-")
    return word or f"s{hashlib.sha256(name.encode()).hexdigest()[:8]}"


def words_for(titles: Iterable[str]) -> dict[str, str]:
    """Title (or path) -> the word that stands for it in ids. Two titles never share a word.

    The word is made from the last part of a path; an empty title is "main".
    """
    words: dict[str, str] = {}
    for title in titles:
        word = slug_of(title.rsplit("/", 1)[-1]) if title else "main"
        if word in words.values():
            word = f"{word[:24].strip('-')}-{hashlib.sha256(title.encode()).hexdigest()[:6]}"
        words[title] = word
    return words


def holds_pages(folder: Path) -> bool:
    """Whether images or archives lie directly in the folder."""
    return any(_is_page(path) or _is_archive(path) for path in _visible(folder))


def holds_archives(folder: Path) -> bool:
    """Whether archives lie directly in the folder."""
    return any(_is_archive(path) for path in _visible(folder))


def _order(page: _Found) -> tuple[object, ...]:
    """Natural order; chapters and pages that differ in case only are told apart after it."""
    return _natural(page.chapter), page.chapter, _natural(page.locator), page.locator


def _pages_in(folder: Path) -> Iterator[_Found]:
    for path in _walk(folder, _MAX_DEPTH):
        locator = path.relative_to(folder).as_posix()
        if not _is_text(locator):
            raise BadConfig(f"{str(path)!a}: this name is not UTF-8: rename it and run again")
        if _is_page(path):
            chapter = path.parent.relative_to(folder).as_posix()
            facts = path.stat()
            yield _Found(
                "" if chapter == "." else chapter, locator, f"{facts.st_size}-{facts.st_mtime_ns}"
            )
        elif _is_archive(path):
            yield from _pages_in_archive(path, locator)


def _pages_in_archive(archive: Path, locator: str) -> Iterator[_Found]:
    for member in list_members(archive):
        path = Path(member.filename)
        if _is_picture_name(path) and "__MACOSX" not in path.parts:
            stamp = f"{member.CRC:08x}-{member.file_size}"
            chapter = Path(locator).with_suffix("").as_posix()
            yield _Found(chapter, f"{locator}{_MEMBER}{member.filename}", stamp)


def _is_text(name: str) -> bool:
    """Bytes of a name that are no UTF-8 come as lone surrogates, which no table can hold."""
    return not any("\ud800" <= letter <= "\udfff" for letter in name)


def _walk(folder: Path, depth: int) -> Iterator[Path]:
    for path in _visible(folder):
        if path.is_dir():
            if depth:
                yield from _walk(path, depth - 1)
        else:
            yield path


def _visible(folder: Path) -> list[Path]:
    return sorted(path for path in folder.iterdir() if not path.name.startswith("."))


def _is_page(path: Path) -> bool:
    return _is_picture_name(path) and path.is_file()


def _is_picture_name(path: Path) -> bool:
    return path.suffix.lower() in IMAGE_SUFFIXES and not path.name.startswith(".")


def _is_archive(path: Path) -> bool:
    return path.suffix.lower() in ARCHIVE_SUFFIXES and path.is_file()
