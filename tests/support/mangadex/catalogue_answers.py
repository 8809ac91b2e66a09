"""What the API says of series and chapters."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, TypeAlias

from tests.support.mangadex.corpus import TAG_IDS, Chapter, Series
from tests.support.mangadex.entities import (
    Json,
    chapter_entity,
    collection,
    cover_entity,
    cover_id,
    entity,
    error,
    group_entity,
    series_entity,
    tag_entity,
)
from tests.support.mangadex.filters import chosen_chapters, chosen_series
from tests.support.mangadex.queries import Query
from tests.support.mangadex.site import Site

Answered: TypeAlias = tuple[Json, int]


def catalogue_answer(site: Site, route: str, some_id: str, query: Query) -> Answered:
    """The payload and status of any route but at-home. Raises BadQuery."""
    answers: dict[str, Any] = {
        "search": lambda: _search(site, query),
        "tags": _tags,
        "series": lambda: _series(site, some_id, query),
        "feed": lambda: _feed(site, some_id, query),
        "aggregate": lambda: _aggregate(site, some_id, query),
        "chapters": lambda: _chapters(site, query),
        "chapter": lambda: _chapter(site, some_id, query),
        "covers": lambda: _covers(site, query),
        "group": lambda: _group(site, some_id),
    }
    answered: Answered = answers[route]()
    return answered


def _absent(kind: str, some_id: str) -> Answered:
    return error(404, "not_found_http_exception", f"{kind} {some_id} not found"), 404


def _search(site: Site, query: Query) -> Answered:
    limit, offset = query.page(most=100, default=10)
    found = chosen_series(list(site.world.series.values()), query)
    includes = query.many("includes")
    shown = [series_entity(series, includes) for series in found[offset : offset + limit]]
    return collection(shown, limit, offset, len(found)), 200


def _tags() -> Answered:
    shown = [tag_entity(name) for name in TAG_IDS]
    return collection(shown, len(shown), 0, len(shown)), 200


def _series(site: Site, some_id: str, query: Query) -> Answered:
    series = site.world.series.get(some_id)
    if series is None:
        return _absent("Manga", some_id)
    return entity(series_entity(series, query.many("includes"))), 200


def _uploads(site: Site, series: Series) -> Iterator[tuple[Chapter, Series]]:
    return ((chapter, series) for chapter in site.world.uploads[series.id].values())


def _feed(site: Site, some_id: str, query: Query) -> Answered:
    limit, offset = query.page(most=500, default=100)
    series = site.world.series.get(some_id)
    if series is None:
        return _absent("Manga", some_id)
    found = chosen_chapters(_uploads(site, series), query, site.wall())
    return _listed(found, query, limit, offset)


def _chapters(site: Site, query: Query) -> Answered:
    limit, offset = query.page(most=100, default=10)
    of = query.one("manga")
    everywhere = [series for series in site.world.series.values() if of in ("", series.id)]
    uploads = (pair for series in everywhere for pair in _uploads(site, series))
    return _listed(chosen_chapters(uploads, query, site.wall()), query, limit, offset)


def _listed(found: list[tuple[Chapter, Series]], query: Query, limit: int, offset: int) -> Answered:
    includes = query.many("includes")
    shown = [chapter_entity(*pair, includes) for pair in found[offset : offset + limit]]
    return collection(shown, limit, offset, len(found)), 200


def _chapter(site: Site, some_id: str, query: Query) -> Answered:
    chapter = site.world.chapter(some_id)
    if chapter is None:
        return _absent("Chapter", some_id)
    series = site.world.series_of(some_id)
    return entity(chapter_entity(chapter, series, query.many("includes"))), 200


def _aggregate(site: Site, some_id: str, query: Query) -> Answered:
    """Volumes and chapters by what is typed in them; null is "none", an empty list is []."""
    series = site.world.series.get(some_id)
    if series is None:
        return _absent("Manga", some_id)
    volumes: dict[str, Any] = {}
    for chapter, _ in chosen_chapters(_uploads(site, series), query, site.wall()):
        volume_key, chapter_key = chapter.volume or "none", chapter.number or "none"
        volume = volumes.setdefault(volume_key, {"volume": volume_key, "count": 0, "chapters": {}})
        volume["count"] += 1
        one = volume["chapters"].get(chapter_key)
        if one is None:
            volume["chapters"][chapter_key] = {
                "chapter": chapter_key,
                "id": chapter.id,
                "isUnavailable": chapter.is_unavailable,
                "others": [],
                "count": 1,
            }
        else:
            one["others"].append(chapter.id)
            one["count"] += 1
    return {"result": "ok", "volumes": volumes or []}, 200


def _covers(site: Site, query: Query) -> Answered:
    limit, offset = query.page(most=100, default=10)
    of, ids = query.many("manga"), query.ids()
    found = [
        cover_entity(series)
        for series in site.world.series.values()
        if (not of or series.id in of) and (not ids or cover_id(series) in ids)
    ]
    return collection(found[offset : offset + limit], limit, offset, len(found)), 200


def _group(site: Site, some_id: str) -> Answered:
    group = site.world.groups.get(some_id)
    if group is None:
        return _absent("ScanlationGroup", some_id)
    return entity(group_entity(group)), 200
