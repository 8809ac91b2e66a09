"""Series, chapters and groups as the API's JSON shows them."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import Any, Final

from tests.support.mangadex.corpus import (
    LONG_AGO,
    TAG_IDS,
    Chapter,
    Group,
    Series,
    User,
    uid,
)

Json = dict[str, Any]
ALL: Final = frozenset({"manga", "scanlation_group", "user", "author", "artist", "cover_art"})


def series_entity(series: Series, includes: Collection[str] = ()) -> Json:
    """A series with its relationships; their attributes only where `includes` names them."""
    return {
        "id": series.id,
        "type": "manga",
        "attributes": _series_attributes(series),
        "relationships": [
            *(
                _related(uid(kind, name), kind, includes, _author_attributes(name))
                for kind in ("author", "artist")
                for name in series.authors
            ),
            _related(cover_id(series), "cover_art", includes, _cover_attributes(series)),
        ],
    }


def _series_attributes(series: Series) -> Json:
    return {
        "title": {series.original_language: series.title},
        "altTitles": [{"en": title} for title in series.other_titles],
        "description": {"en": f"{series.title}, drawn for tests."},
        "isLocked": False,
        "links": {},
        "originalLanguage": series.original_language,
        "lastVolume": "",
        "lastChapter": "",
        "publicationDemographic": None,
        "status": series.status,
        "year": series.year,
        "contentRating": series.content_rating,
        "chapterNumbersResetOnNewVolume": series.restarts_numbers,
        "availableTranslatedLanguages": series.languages,
        "latestUploadedChapter": series.chapters[-1].id if series.chapters else None,
        "tags": [tag_entity(name) for name in series.tags],
        "state": "published",
        "version": 1,
        "createdAt": series.created_at,
        "updatedAt": series.created_at,
    }


def tag_entity(name: str) -> Json:
    attributes = {"name": {"en": name}, "description": {}, "group": "format", "version": 1}
    return {"id": TAG_IDS[name], "type": "tag", "attributes": attributes, "relationships": []}


def chapter_entity(chapter: Chapter, series: Series, includes: Collection[str] = ()) -> Json:
    """An upload with its series, groups and uploader."""
    return {
        "id": chapter.id,
        "type": "chapter",
        "attributes": {
            "title": chapter.title,
            "volume": chapter.volume,
            "chapter": chapter.number,
            "pages": chapter.pages,
            "translatedLanguage": chapter.language,
            "uploader": chapter.uploader.id,
            "externalUrl": chapter.external_url,
            "isUnavailable": chapter.is_unavailable,
            "version": chapter.version,
            "createdAt": chapter.created_at,
            "updatedAt": chapter.created_at,
            "publishAt": chapter.publish_at,
            "readableAt": chapter.readable_at,
        },
        "relationships": [
            *(
                _related(group.id, "scanlation_group", includes, group_attributes(group))
                for group in chapter.groups
            ),
            _related(series.id, "manga", includes, _series_attributes(series)),
            _related(chapter.uploader.id, "user", includes, _user_attributes(chapter.uploader)),
        ],
    }


def group_attributes(group: Group) -> Json:
    return {
        "name": group.name,
        "altNames": [],
        "website": None,
        "ircServer": None,
        "ircChannel": None,
        "discord": None,
        "contactEmail": None,
        "description": None,
        "twitter": None,
        "mangaUpdates": None,
        "focusedLanguages": ["en"],
        "publishDelay": None,
        "locked": False,
        "official": group.is_official,
        "verified": False,
        "inactive": False,
        "exLicensed": False,
        "createdAt": LONG_AGO,
        "updatedAt": LONG_AGO,
        "version": 1,
    }


def group_entity(group: Group) -> Json:
    attributes = group_attributes(group)
    return {
        "id": group.id,
        "type": "scanlation_group",
        "attributes": attributes,
        "relationships": [],
    }


def cover_id(series: Series) -> str:
    return uid("cover", series.id)


def cover_entity(series: Series) -> Json:
    return {
        "id": cover_id(series),
        "type": "cover_art",
        "attributes": _cover_attributes(series),
        "relationships": [{"id": series.id, "type": "manga"}],
    }


def _cover_attributes(series: Series) -> Json:
    return {
        "description": "",
        "volume": "1",
        "fileName": f"{uid('cover file', series.id)}.jpg",
        "locale": series.original_language,
        "createdAt": LONG_AGO,
        "updatedAt": LONG_AGO,
        "version": 1,
    }


def _author_attributes(name: str) -> Json:
    dated = {"createdAt": LONG_AGO, "updatedAt": LONG_AGO, "version": 1}
    return {"name": name, "imageUrl": None, "biography": {}, **dated}


def _user_attributes(user: User) -> Json:
    return {"username": user.name, "roles": ["ROLE_MEMBER"], "version": 1}


def _related(some_id: str, kind: str, includes: Collection[str], attributes: Json) -> Json:
    named: Json = {"id": some_id, "type": kind}
    return {**named, "attributes": attributes} if kind in includes else named


def entity(payload: Json) -> Json:
    return {"result": "ok", "response": "entity", "data": payload}


def collection(found: Sequence[Json], limit: int, offset: int, total: int) -> Json:
    return {
        "result": "ok",
        "response": "collection",
        "data": list(found),
        "limit": limit,
        "offset": offset,
        "total": total,
    }


def error(status: int, title: str, detail: str, context: Json | None = None) -> Json:
    """The error envelope; its id is always the same for the same error."""
    one = {
        "id": uid("error", status, title),
        "status": status,
        "title": title,
        "detail": detail,
        "context": context,
    }
    return {"result": "error", "errors": [one]}
