"""Which series and uploads a query asks for, in which order."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from datetime import UTC, datetime
from decimal import Decimal, InvalidOperation
from typing import Any, Final

from tests.support.mangadex.corpus import TAG_IDS, Chapter, Series
from tests.support.mangadex.queries import BadQuery, Query

DEFAULT_RATINGS: Final = ("safe", "suggestive", "erotica")


def chosen_chapters(
    listed: Iterable[tuple[Chapter, Series]], query: Query, now: float
) -> list[tuple[Chapter, Series]]:
    """The uploads that the query asks for, ordered. `now`: epoch seconds."""
    tests = _chapter_tests(query, now)
    ratings = query.many("contentRating") or DEFAULT_RATINGS
    found = [
        (chapter, series)
        for chapter, series in listed
        if series.content_rating in ratings and all(test(chapter) for test in tests)
    ]
    for name, descending in reversed(query.orders()):
        key = _CHAPTER_ORDER.get(name)
        if key is not None:
            found.sort(key=lambda pair: key(pair[0]), reverse=descending)
    return found


def _of_chapter(key: Callable[[Chapter], Any]) -> Callable[[tuple[Chapter, Series]], Any]:
    return lambda pair: key(pair[0])


def _chapter_tests(query: Query, now: float) -> list[Callable[[Chapter], bool]]:
    tests: list[Callable[[Chapter], bool]] = []
    if languages := query.many("translatedLanguage"):
        tests.append(lambda chapter: chapter.language in languages)
    if ids := query.ids():
        tests.append(lambda chapter: chapter.id in ids)
    if refused := query.ids("excludedGroups"):
        tests.append(lambda chapter: not any(group.id in refused for group in chapter.groups))
    if groups := query.ids("groups"):
        tests.append(lambda chapter: any(group.id in groups for group in chapter.groups))
    if uploaders := query.ids("excludedUploaders"):
        tests.append(lambda chapter: chapter.uploader.id not in uploaders)
    for name, when in _SINCE.items():
        if (since := query.since(name)) is not None:
            tests.append(_not_before(since, when))
    return tests + _tri_states(query, datetime.fromtimestamp(now, UTC))


def _tri_states(query: Query, now: datetime) -> list[Callable[[Chapter], bool]]:
    """Unset: not filtered. 1: only such. 0: none. The first three end the implicit filter."""
    states: list[tuple[str, Callable[[Chapter], bool]]] = [
        ("includeEmptyPages", lambda chapter: chapter.pages == 0),
        ("includeFuturePublishAt", lambda chapter: _moment(chapter.publish_at) > now),
        ("includeExternalUrl", lambda chapter: bool(chapter.external_url)),
        ("includeUnavailable", lambda chapter: chapter.is_unavailable),
    ]
    tests: list[Callable[[Chapter], bool]] = []
    for name, holds in states:
        asked = query.one(name)
        if asked not in ("", "0", "1"):
            raise BadQuery(f"{name}: 0 or 1")
        if asked:
            tests.append(_is(holds, asked == "1"))
    if not any(query.one(name) for name, _ in states[:3]):
        tests.append(lambda chapter: _moment(chapter.publish_at) <= now)
    return tests


def _not_before(since: datetime, when: Callable[[Chapter], str]) -> Callable[[Chapter], bool]:
    return lambda chapter: _moment(when(chapter)) >= since


def _is(holds: Callable[[Chapter], bool], wanted: bool) -> Callable[[Chapter], bool]:
    return lambda chapter: holds(chapter) is wanted


def chosen_series(listed: Sequence[Series], query: Query) -> list[Series]:
    """The series that a search finds, ordered."""
    wanted = query.one("title").casefold()
    ids, year = query.ids(), query.one("year")
    ratings = query.many("contentRating") or DEFAULT_RATINGS
    refused, needed = set(query.ids("excludedTags")), set(query.ids("includedTags"))
    fields: tuple[tuple[str, Callable[[Series], set[str]]], ...] = (
        ("originalLanguage", lambda series: {series.original_language}),
        ("availableTranslatedLanguage", lambda series: set(series.languages)),
        ("status", lambda series: {series.status}),
    )
    found = []
    for series in listed:
        names = " / ".join((series.title, *series.other_titles)).casefold()
        tags = {TAG_IDS[name] for name in series.tags}
        fits = (
            wanted in names
            and (not ids or series.id in ids)
            and (not year or str(series.year) == year)
            and series.content_rating in ratings
            and not tags & refused
            and needed <= tags
        )
        if fits and all(
            not (asked := query.many(name)) or have(series) & set(asked) for name, have in fields
        ):
            found.append(series)
    for name, descending in reversed(query.orders()):
        key = _SERIES_ORDER.get(name)
        if key is not None:
            found.sort(key=key, reverse=descending)
    return found


def _moment(iso: str) -> datetime:
    return datetime.fromisoformat(iso)


def _by_number(text: str | None) -> tuple[int, Decimal, str]:
    """Numbers by their value, then other texts, then null, as a database has it."""
    if text is None:
        return 2, Decimal(0), ""
    try:
        return 0, Decimal(text), ""
    except InvalidOperation:
        return 1, Decimal(0), text


_SINCE: Final[dict[str, Callable[[Chapter], str]]] = {
    "createdAtSince": lambda chapter: chapter.created_at,
    "updatedAtSince": lambda chapter: chapter.created_at,
    "publishAtSince": lambda chapter: chapter.publish_at,
}
_CHAPTER_ORDER: Final[dict[str, Callable[[Chapter], Any]]] = {
    "volume": lambda chapter: _by_number(chapter.volume),
    "chapter": lambda chapter: _by_number(chapter.number),
    "createdAt": lambda chapter: chapter.created_at,
    "updatedAt": lambda chapter: chapter.created_at,
    "publishAt": lambda chapter: chapter.publish_at,
    "readableAt": lambda chapter: chapter.readable_at,
}
_SERIES_ORDER: Final[dict[str, Callable[[Series], Any]]] = {
    "followedCount": lambda series: series.follows,
    "title": lambda series: series.title,
    "year": lambda series: series.year or 0,
    "createdAt": lambda series: series.created_at,
    "latestUploadedChapter": lambda series: series.created_at,
    "relevance": lambda series: 0,
}
