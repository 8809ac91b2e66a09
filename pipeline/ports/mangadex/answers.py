"""What the API says, in our words. Pure, and tolerant: only what cannot be missed is asked for.

An unknown field is passed over; a null, an absent one, or a list where an empty map is meant
counts as empty. BadAnswer says that a document is not what was asked for at all.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final

from schemas.mangadex import Group, ListedChapter, SeriesFacts, Tag

_UUID: Final = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")

Json = Mapping[str, Any]


class BadAnswer(Exception):
    """A document from which nothing can be made. The message says why."""


@dataclass(frozen=True)
class AtHome:
    """A lease on one chapter's images: file names in page order, and where to ask for them.

    All of it is the server's own words: nothing here may become a path on our disk.
    """

    base_url: str
    hash: str
    data: tuple[str, ...]
    data_saver: tuple[str, ...]


@dataclass(frozen=True)
class Listing:
    """One page of a listing: its readable items, as documents, and what the paging needs."""

    items: tuple[Json, ...]
    count: int
    limit: int
    total: int


def listing_of(document: object, asked: int) -> Listing:
    """A page of a listing. `asked` is the limit that was asked for; `count` counts all items."""
    found = _map(document).get("data")
    if not isinstance(found, list):
        raise BadAnswer("a listing without data")
    limit = _int(_map(document).get("limit"))
    total = _int(_map(document).get("total"))
    return Listing(
        items=tuple(item for item in found if _id(item)),
        count=len(found),
        limit=limit if 0 < limit <= asked else asked,
        total=max(total, 0),
    )


def entity_of(document: object) -> Json:
    """The one item of an answer about one item."""
    item = _map(document).get("data")
    if not isinstance(item, dict) or not _id(item):
        raise BadAnswer("an item without an id")
    return item


def series_of(item: Json) -> SeriesFacts:
    """A series; an item without an id is a BadAnswer."""
    said = _map(item.get("attributes"))
    language = _text(said.get("originalLanguage"))
    titles = [*_names(said.get("title")), *_alternative_names(said.get("altTitles"))]
    best = _best(titles, ("en", f"{language}-ro")) or _id_or_bad(item)
    return SeriesFacts(
        id=_id_or_bad(item),
        title=best,
        other_titles=tuple(dict.fromkeys(name for _, name in titles if name != best)),
        authors=tuple(dict.fromkeys(_authors(item))),
        year=_int(said.get("year")) or None,
        original_language=language,
        content_rating=_text(said.get("contentRating")),
        status=_text(said.get("status")),
        tags=tuple(_tags(said.get("tags"))),
        languages=tuple(
            code for code in map(_text, _list(said, "availableTranslatedLanguages")) if code
        ),
        restarts_numbers=said.get("chapterNumbersResetOnNewVolume") is True,
    )


def chapter_of(item: Json) -> ListedChapter:
    """An upload of a chapter, its groups in the order of their ids."""
    said = _map(item.get("attributes"))
    groups = {group.id: group for group in _groups(item)}
    user = next(_related(item, "user"), {})
    return ListedChapter(
        id=_id_or_bad(item),
        volume=_text(said.get("volume")),
        number=_text(said.get("chapter")),
        title=_text(said.get("title")),
        language=_text(said.get("translatedLanguage")),
        pages=max(_int(said.get("pages")), 0),
        version=_int(said.get("version")),
        external_url=_text(said.get("externalUrl")),
        is_unavailable=said.get("isUnavailable") is True,
        publish_at=_text(said.get("publishAt")),
        readable_at=_text(said.get("readableAt")),
        groups=tuple(groups[key] for key in sorted(groups)),
        uploader_id=_id(user) or _text(said.get("uploader")),
        uploader=_text(_map(user.get("attributes")).get("username")),
    )


def created_at_of(item: Json) -> str:
    """When the item was made, ISO 8601 as the server writes it; "" where it does not say."""
    return _text(_map(item.get("attributes")).get("createdAt"))


def at_home_of(document: object) -> AtHome:
    """A lease. One with an empty list of pages is valid: the chapter is external or unavailable."""
    said = _map(document)
    chapter = _map(said.get("chapter"))
    data = _file_names(chapter.get("data"))
    lease = AtHome(
        base_url=_text(said.get("baseUrl")),
        hash=_text(chapter.get("hash")),
        data=data,
        data_saver=_file_names(chapter.get("dataSaver") or []),
    )
    if data and not (lease.base_url and lease.hash):
        raise BadAnswer("a lease without a base URL or a chapter hash")
    return lease


def one_line(text: str, longest: int = 200) -> str:
    """Somebody else's words on one line, without anything that would steer a terminal."""
    plain = "".join(c if c.isprintable() else " " for c in text)
    line = " ".join(plain.split())
    return line if len(line) <= longest else line[: longest - 1] + "…"


def _file_names(names: object) -> tuple[str, ...]:
    if not isinstance(names, list) or not all(isinstance(name, str) and name for name in names):
        raise BadAnswer("a lease without a list of file names")
    return tuple(names)


def _map(value: object) -> Json:
    return value if isinstance(value, dict) else {}


def _list(said: Json, key: str) -> list[Any]:
    value = said.get(key)
    return value if isinstance(value, list) else []


def _text(value: object) -> str:
    if isinstance(value, bool) or not isinstance(value, str | int | float):
        return ""
    return one_line(str(value), longest=2000)


def _int(value: object) -> int:
    """A whole number, written as such or as text; 0 for anything else."""
    if isinstance(value, bool) or not isinstance(value, int | float | str):
        return 0
    try:
        return int(value)
    except (ValueError, OverflowError):
        return 0


def _id(item: object) -> str:
    found = _map(item).get("id")
    return found if isinstance(found, str) and _UUID.fullmatch(found) else ""


def _id_or_bad(item: Json) -> str:
    if found := _id(item):
        return found
    raise BadAnswer("an item without an id")


def _names(value: object) -> list[tuple[str, str]]:
    """(language, name) of a translated text; an empty one arrives as a list."""
    return [(code, name) for code, text in _map(value).items() if (name := _text(text))]


def _alternative_names(value: object) -> Iterator[tuple[str, str]]:
    for translated in value if isinstance(value, list) else []:
        yield from _names(translated)


def _best(names: list[tuple[str, str]], languages: tuple[str, ...]) -> str:
    for language in languages:
        for code, name in names:
            if code == language:
                return name
    return names[0][1] if names else ""


def _related(item: Json, *kinds: str) -> Iterator[Json]:
    for relation in _list(item, "relationships"):
        if _id(relation) and relation.get("type") in kinds:
            yield relation


def _authors(item: Json) -> Iterator[str]:
    for person in _related(item, "author", "artist"):
        if name := _text(_map(person.get("attributes")).get("name")):
            yield name


def _groups(item: Json) -> Iterator[Group]:
    for group in _related(item, "scanlation_group"):
        said = _map(group.get("attributes"))
        yield Group(
            id=_id(group),
            name=_text(said.get("name")),
            is_official=said.get("official") is True,
        )


def _tags(value: object) -> Iterator[Tag]:
    for tag in value if isinstance(value, list) else []:
        names = _names(_map(_map(tag).get("attributes")).get("name"))
        if _id(tag) and names:
            yield Tag(id=_id(tag), name=_best(names, ("en",)))
