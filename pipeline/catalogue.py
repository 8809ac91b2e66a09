"""From what the catalogue says of a series to its manifest entry, or to a refusal."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Collection
from dataclasses import dataclass
from typing import Final, Literal, get_args

from pipeline.core.errors import BadConfig
from pipeline.manga.chapter_titles import one_line
from schemas.mangadex import ContentRating, SeriesFacts
from schemas.pages import Direction
from schemas.series import MangaDexSource, SeriesEntry, Split

Edition = Literal["long-strip", "coloured"]

EDITION_TAGS: Final[dict[str, tuple[Edition, str]]] = {
    "3e2b8dae-350e-4ab8-a8ce-016e844b9f0d": ("long-strip", "Long Strip"),
    "f5ba408b-0e7a-484d-8d49-4e9125ac96de": ("coloured", "Full Color"),
    "320831a8-4026-470b-94f6-8353740e6f04": ("coloured", "Official Colored"),
    "7b2ce280-79ef-4c09-9b58-12b7c23a9b78": ("coloured", "Fan Colored"),
}
"""Tags by id (names are translated): strips have no pages to pair, and colour pages are dropped."""

UNKNOWN_LICENCE: Final = "LicenseRef-unknown"
_LONGEST_SLUG: Final = 40
_RIGHT_TO_LEFT: Final = {"ja", "zh", "zh-hk"}


@dataclass(frozen=True, slots=True)
class EntryOptions:
    """What a person says of a series; None leaves it to what the catalogue says."""

    language: str = "en"
    slug: str | None = None
    direction: Direction | None = None
    cap: int = 1000
    cap_unit: Literal["single", "double"] = "double"
    split: Split = "train"
    allow: tuple[Edition, ...] = ()
    groups: tuple[str, ...] = ()
    taken_slugs: frozenset[str] = frozenset()


def parse_edition(text: str) -> Edition:
    """An edition that is refused unless it is named. Raises BadConfig."""
    for edition in get_args(Edition):
        if text.strip().lower() == edition:
            found: Edition = edition
            return found
    raise BadConfig(f"--allow {text}: there are {' and '.join(get_args(Edition))}")


def refusal(facts: SeriesFacts, allow: Collection[str], ratings: Collection[str]) -> str | None:
    """Why the series is not taken, and which option would take it; None if it is taken."""
    for tag in facts.tags:
        edition, name = EDITION_TAGS.get(tag.id, ("", ""))
        if edition and edition not in allow:
            return (
                f"tagged {name}, so it is refused unless asked for: --allow {edition} "
                f'(allow = ["{edition}"] in the manifest)'
            )
    if facts.content_rating not in ratings:
        return (
            f"content rating {facts.content_rating or 'unknown'}: the profile takes "
            f"{', '.join(ratings) or 'none'} (mangadex.ratings)"
        )
    return None


def entry_for(facts: SeriesFacts, options: EntryOptions) -> SeriesEntry:
    """The manifest entry. Raises BadConfig for a slug that cannot be one."""
    return SeriesEntry(
        slug=_slug(facts, options),
        title=title_of(facts),
        source=_source(facts, options),
        language=options.language,
        direction=options.direction or direction_of(facts.original_language),
        cap=options.cap,
        cap_unit=options.cap_unit,
        colour="keep" if "coloured" in options.allow else "drop",
        licence=UNKNOWN_LICENCE,
        attribution="; ".join(filter(None, (authors_of(facts), "MangaDex"))),
        split=options.split,
    )


def title_of(facts: SeriesFacts) -> str:
    """The title, or any other one; the id where there is none at all."""
    titles = (one_line(title) for title in (facts.title, *facts.other_titles))
    return next(filter(None, titles), f"manga {facts.id[:8]}")


def authors_of(facts: SeriesFacts) -> str:
    """Everybody once, in one line."""
    return ", ".join(dict.fromkeys(filter(None, map(one_line, facts.authors))))


def direction_of(original_language: str) -> Direction:
    """How comics of that language are read unless somebody says otherwise."""
    return "rtl" if original_language.lower() in _RIGHT_TO_LEFT else "ltr"


def slug_for(facts: SeriesFacts, taken: Collection[str]) -> str:
    """A slug from the first title in Latin letters, with a number behind it where it is taken."""
    titles = (folded(title) for title in (facts.title, *facts.other_titles))
    word = next(filter(None, titles), f"manga-{facts.id[:8]}")
    slug = word
    number = 2
    while slug in taken:
        slug = f"{_cut(word, _LONGEST_SLUG - 1 - len(str(number)))}-{number}"
        number += 1
    return slug


def folded(title: str) -> str:
    """The title as a slug of at most 40 characters; "" where most of it is not Latin."""
    plain = unicodedata.normalize("NFKD", title).casefold()
    letters = [character for character in plain if character.isalnum()]
    latin = [character for character in letters if character.isascii()]
    if 2 * len(latin) <= len(letters):
        return ""
    without_marks = re.sub(r"['’‘`\u0300-\u036f]", "", plain)
    return _cut(re.sub(r"[^a-z0-9]+", "-", without_marks).strip("-"), _LONGEST_SLUG)


def _cut(word: str, length: int) -> str:
    """At most so many characters, cut between words if one of them ends in the second half."""
    if len(word) <= length:
        return word
    head = word[: length + 1]
    end = head.rfind("-")
    return head[:end] if end > length // 2 else word[:length].strip("-")


def _slug(facts: SeriesFacts, options: EntryOptions) -> str:
    slug = options.slug
    if slug is None:
        return slug_for(facts, options.taken_slugs)
    if not re.fullmatch(r"[a-z0-9]+(-[a-z0-9]+)*", slug) or len(slug) > _LONGEST_SLUG:
        raise BadConfig(
            f"slug '{slug}': lower-case letters, digits and single hyphens, "
            f"at most {_LONGEST_SLUG} characters"
        )
    if slug in options.taken_slugs:
        raise BadConfig(f"slug '{slug}' is in the manifest already: choose another with --slug")
    return slug


def _source(facts: SeriesFacts, options: EntryOptions) -> MangaDexSource:
    if facts.content_rating not in get_args(ContentRating):
        raise BadConfig(f"{title_of(facts)}: the catalogue gives no content rating: not taken")
    return MangaDexSource.model_validate(
        {
            "kind": "mangadex",
            "manga": facts.id,
            "year": facts.year,
            "original_language": facts.original_language,
            "content_rating": facts.content_rating,
            "tags": [{"id": tag.id, "name": one_line(tag.name)} for tag in facts.tags],
            "groups": options.groups,
            "allow": options.allow,
        }
    )
