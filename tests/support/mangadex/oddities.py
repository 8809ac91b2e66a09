"""Series with something odd about them: one builder for each, and all of them as a corpus."""

from __future__ import annotations

from dataclasses import replace
from typing import Final

from tests.support.mangadex.corpus import (
    FAR_AHEAD,
    INK,
    PUBLISHER,
    REED,
    Chapter,
    Corpus,
    Series,
    uid,
)
from tests.support.mangadex.pictures import Drawn, Given, Look, Picture
from tests.support.mangadex.shapes import pages


def chapter(key: str, number: str | None = "1", count: int = 3, **other: object) -> Chapter:
    """An upload with so many pages of its own. `other`: further fields of `Chapter`."""
    made = Chapter(uid("odd", key), number=number, pictures=pages(count, f"odd/{key}"))
    return replace(made, **other)  # type: ignore[arg-type]


def series(title: str, *chapters: Chapter, **other: object) -> Series:
    """A series of those uploads. `other`: further fields of `Series`."""
    return replace(Series(uid("odd series", title), title, chapters), **other)  # type: ignore[arg-type]


def external() -> Series:
    """Chapter 1 at the publisher's and here, chapter 2 only there, chapter 3 empty and here."""
    away = {"external_url": "https://publisher.invalid/1", "groups": (PUBLISHER,)}
    return series(
        "External",
        chapter("external-1", "1", 0, **away),
        chapter("external-1-readable", "1"),
        chapter("external-2", "2", 0, **away),
        chapter("external-3-empty", "3", 0),
        chapter("external-3", "3"),
        chapter("external-4-official", "4", groups=(PUBLISHER,)),
    )


def odd_numbers() -> Series:
    """Null, decimal, padded, lettered, empty and doubled numbers; volumes that come and go."""
    return series(
        "Odd numbers",
        chapter("odd-null", None),
        chapter("odd-null-too", None),
        chapter("odd-12.5", "12.5", volume="2"),
        chapter("odd-012", "012", volume="2"),
        chapter("odd-12a", "12a"),
        chapter("odd-empty", ""),
        chapter("odd-garbage", "extra!", volume="3Cxx"),
        chapter("odd-2", "2", volume=None),
        chapter("odd-2-volume", "2", volume="1", groups=(REED,)),
        chapter("odd-10", "10", volume="1", prefix="x"),
    )


def restarting() -> Series:
    """Chapters 1 and 2 in each of two volumes."""
    chapters = [
        chapter(f"restart-{volume}-{number}", number, volume=volume)
        for volume in ("1", "2")
        for number in ("1", "2")
    ]
    return series("Restarting", *chapters, restarts_numbers=True)


def oneshot() -> Series:
    """One chapter without a number or a title."""
    return series("Oneshot", chapter("oneshot", None, 5, title=None), tags=("Oneshot",))


def unreadable() -> Series:
    """One chapter each that is unavailable, deleted, not out yet; and one that can be read."""
    return series(
        "Unreadable",
        chapter("unavailable", "1", is_unavailable=True),
        chapter("deleted", "2", is_deleted=True),
        chapter("future", "3", publish_at=FAR_AHEAD, readable_at=FAR_AHEAD),
        chapter("readable", "4"),
    )


def other_languages() -> Series:
    """Nothing in English."""
    return series(
        "Not in English", chapter("french", language="fr"), chapter("polish", language="pl")
    )


def two_groups() -> Series:
    """Ink has chapters 1 to 3, Reed has 2 with more pages, and nobody has a group for 4."""
    return series(
        "Two groups",
        *(chapter(f"ink-{n}", str(n)) for n in (1, 2, 3)),
        chapter("reed-2", "2", 4, groups=(REED,)),
        chapter("both-3", "3", groups=(INK, REED)),
        chapter("nobody-4", "4", groups=()),
    )


def credited(chapters: int = 4) -> Series:
    """The same credits page at the end of every chapter, and one page twice in a chapter."""
    credits_page = Drawn(Look(variant=41), "credits")
    return series(
        "Credited",
        *(
            chapter(
                f"credited-{n}",
                str(n),
                pictures=(*(own := pages(3, f"credited/{n}")), own[0], credits_page),
            )
            for n in range(1, chapters + 1)
        ),
    )


ODD_LOOKS: Final = {
    "spread": Look(1200, 600),
    "strip": Look(800, 12000),
    "one pixel": Look(1, 1),
    "animated": Look(form="gif", frames=3),
    "webp": Look(form="webp"),
    "colour": Look(paint="colour", form="jpg"),
    "alpha": Look(paint="alpha"),
    "cmyk": Look(paint="cmyk", form="jpg"),
    "sixteen bits": Look(paint="deep"),
}


def odd_pictures() -> Series:
    """Every odd form of picture in one chapter; in another, bytes that are no picture at all."""
    whole: list[Picture] = [Drawn(look, f"odd/{name}") for name, look in ODD_LOOKS.items()]
    broken = (
        Given(b"\x89PNG\r\n\x1a\n and nothing more", "png"),
        Given(Drawn(Look(), "cut").content()[:3000], "png"),
        Given(b"", "jpg"),
    )
    return series(
        "Odd pictures",
        chapter("odd-pictures", "1", pictures=tuple(whole)),
        chapter("broken-pictures", "2", pictures=broken),
        chapter("without-hashes", "3", hides_hashes=True),
    )


def tagged(*tags: str, rating: str = "safe") -> Series:
    """A plain series with those tags and that content rating."""
    name = " ".join((*tags, rating))
    return series(f"Tagged {name}", chapter(f"tagged-{name}"), tags=tags, content_rating=rating)


def long_list(count: int) -> Series:
    """So many chapters of two pages, a day's worth of 24 created every day since 1990."""
    chapters = (
        chapter(
            f"long-{count}-{n}",
            str(n + 1),
            2,
            created_at=f"{1990 + n // 8064}-{n // 672 % 12 + 1:02d}-{n // 24 % 28 + 1:02d}"
            f"T{n % 24:02d}:00:00+00:00",
        )
        for n in range(count)
    )
    return series(f"{count} chapters", *chapters)


def odd_series() -> Corpus:
    """All of the above, with a list of 501 chapters and one of 10,001."""
    return Corpus(
        (
            external(),
            odd_numbers(),
            restarting(),
            oneshot(),
            unreadable(),
            other_languages(),
            two_groups(),
            credited(),
            odd_pictures(),
            tagged("Long Strip"),
            tagged("Full Color"),
            tagged("Oneshot", rating="pornographic"),
            long_list(501),
            long_list(10_001),
        )
    )
