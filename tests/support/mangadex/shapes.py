"""The corpora of plain shape: tiny, medium, full, and chapters made of one's own pictures."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Final

from tests.support.mangadex.corpus import INK, REED, Chapter, Corpus, DrawnPages, Series, uid
from tests.support.mangadex.pictures import Given, Look, Picture

SMALL: Final = (
    Look(),
    Look(form="jpg", variant=1),
    Look(variant=2),
    Look(form="jpg", variant=3),
)
MIXED: Final = (
    Look(1100, 1600, n_bytes=200_000),
    Look(1100, 1600, form="jpg", n_bytes=500_000, variant=1),
    Look(800, 1140, n_bytes=50_000),
    Look(1600, 2300, paint="colour", form="jpg", n_bytes=2_000_000, variant=2),
)
"""From 50 KB to 2 MB; how long a picture takes to decode depends on its pixels, not on that."""


def evenly_sized(n_bytes: int, width: int = 800, height: int = 1140) -> tuple[Look, ...]:
    """Four different grey pages of that many bytes and pixels, png and jpg."""
    return tuple(
        Look(width, height, "jpg" if n % 2 else "png", n_bytes=n_bytes, variant=n) for n in range(4)
    )


def pages(count: int, key: str = "page", looks: tuple[Look, ...] = SMALL) -> DrawnPages:
    """So many drawn pages. Other keys give other bytes."""
    return DrawnPages(key, count, looks)


def regular(
    series: int, chapters: int, pages_each: int, seed: int = 0, looks: tuple[Look, ...] = SMALL
) -> Corpus:
    """Series of equal shape, one upload a chapter, numbered from 1."""
    return Corpus(tuple(_plain(s, chapters, pages_each, seed, looks) for s in range(series)), seed)


def _plain(at: int, chapters: int, pages_each: int, seed: int, looks: tuple[Look, ...]) -> Series:
    key = f"{seed}/{at}"
    return Series(
        uid("series", key),
        f"Series {at + 1:02d}",
        tuple(
            Chapter(
                uid("chapter", key, n),
                number=str(n + 1),
                volume=str(n // 10 + 1),
                title=f"Chapter {n + 1}",
                pictures=pages(pages_each, f"{key}/{n}", looks),
                groups=(INK if at % 2 else REED,),
            )
            for n in range(chapters)
        ),
        follows=10_000 - at,
    )


SHAPES: Final = {"tiny": (2, 3, 5), "medium": (48, 4, 12), "full": (48, 25, 40)}
"""Series, chapters of each, pages of each."""


def tiny(seed: int = 0) -> Corpus:
    """2 series, 3 chapters each, 5 pages each."""
    return regular(*SHAPES["tiny"], seed)


def medium(seed: int = 0, looks: tuple[Look, ...] = SMALL) -> Corpus:
    """48 series, 4 chapters each, 12 pages each."""
    return regular(*SHAPES["medium"], seed, looks)


def full(seed: int = 0, looks: tuple[Look, ...] | None = None) -> Corpus:
    """48 series, 25 chapters each, 40 pages each: 48,000 pages, of 200 KB if not said."""
    return regular(*SHAPES["full"], seed, looks or evenly_sized(200_000))


def from_files(title: str, chapters: Mapping[str, Sequence[Picture]]) -> Series:
    """A series whose chapters, by number, are made of those pictures."""
    return Series(
        uid("series", title),
        title,
        tuple(
            Chapter(uid("chapter", title, number), number=number, pictures=tuple(pictures))
            for number, pictures in chapters.items()
        ),
    )


def from_folder(folder: Path) -> Corpus:
    """A series for each sub-folder, a chapter for each of its sub-folders, a page for each file."""
    return Corpus(
        tuple(
            from_files(
                series.name,
                {
                    chapter.name: [
                        Given(page.read_bytes(), page.suffix.removeprefix(".").lower())
                        for page in sorted(chapter.iterdir())
                        if page.is_file()
                    ]
                    for chapter in sorted(filter(Path.is_dir, series.iterdir()))
                },
            )
            for series in sorted(filter(Path.is_dir, folder.iterdir()))
        )
    )
