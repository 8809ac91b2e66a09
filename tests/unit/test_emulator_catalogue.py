"""The emulator's catalogue routes, with the traps of the real ones."""

from __future__ import annotations

from typing import Any

import pytest

from tests.support.mangadex import Corpus, emulated, tiny, uid, unlimited
from tests.support.mangadex.corpus import TAG_IDS
from tests.support.mangadex.oddities import (
    chapter,
    external,
    long_list,
    odd_numbers,
    other_languages,
    series,
    tagged,
    two_groups,
    unreadable,
)
from tests.support.mangadex.visitor import Reply, visitor
from tests.support.virtual_time import run_virtual


def told(corpus: Corpus, *paths: str) -> list[Reply]:
    async def ask() -> list[Reply]:
        async with emulated(corpus, rules=unlimited()) as emulator, visitor(emulator) as guest:
            return [await guest.get(path) for path in paths]

    return run_virtual(ask())


def one(corpus: Corpus, path: str) -> Any:
    reply = told(corpus, path)[0]
    assert reply.status == 200, reply.body
    return reply.json


def ids(answer: Any) -> list[str]:
    return [item["id"] for item in answer["data"]]


def feed(of: Any, query: str = "") -> Any:
    return one(Corpus((of,)), f"/manga/{of.id}/feed?limit=500&{query}")


def test_a_series_comes_with_bare_json_type_and_wanted_attributes_only() -> None:
    corpus = tiny()
    plain, whole = told(
        corpus,
        f"/manga/{corpus.series[0].id}",
        f"/manga/{corpus.series[0].id}?includes[]=author&includes[]=cover_art",
    )
    assert plain.headers["Content-Type"] == "application/json"
    assert not any("attributes" in related for related in plain.json["data"]["relationships"])
    known = {r["type"]: r for r in whole.json["data"]["relationships"] if "attributes" in r}
    assert set(known) == {"author", "cover_art"}
    assert known["cover_art"]["attributes"]["fileName"].endswith(".jpg")


def test_group_names_come_only_when_they_are_asked_for() -> None:
    of = two_groups()
    plain = feed(of)["data"][0]["relationships"]
    named = feed(of, "includes[]=scanlation_group")["data"][0]["relationships"]
    assert "attributes" not in plain[0]
    assert named[0]["attributes"]["name"] == "Ink Circle"


@pytest.mark.parametrize(
    ("path", "status"),
    [
        ("/manga/not-a-uuid", 400),
        (f"/manga/{uid('nobody')}", 404),
        (f"/manga/{uid('nobody')}/feed", 404),
        (f"/chapter/{uid('nobody')}", 404),
        (f"/at-home/server/{uid('nobody')}", 404),
        (f"/group/{uid('nobody')}", 404),
        ("/manga?limit=101", 400),
        ("/chapter?limit=101", 400),
        ("/manga?limit=x", 400),
        ("/manga?offset=9999&limit=2", 400),
        ("/manga?ids[]=x", 400),
        ("/nothing/here", 404),
    ],
)
def test_what_cannot_be_answered_is_an_error_envelope(path: str, status: int) -> None:
    reply = told(tiny(), path)[0]
    assert (reply.status, reply.json["result"]) == (status, "error")
    assert set(reply.json["errors"][0]) == {"id", "status", "title", "detail", "context"}


def test_arrays_need_brackets_and_what_is_unknown_is_ignored() -> None:
    of = other_languages()
    assert len(ids(feed(of, "translatedLanguage=fr"))) == 2
    assert len(ids(feed(of, "translatedLanguage[]=fr"))) == 1
    assert len(ids(feed(of, "anything=else"))) == 2


def test_pornographic_titles_are_hidden_unless_asked_for() -> None:
    """E33: the default content ratings empty a series silently."""
    of = tagged(rating="pornographic")
    assert ids(feed(of)) == []
    every = "&".join(f"contentRating[]={r}" for r in ("safe", "erotica", "pornographic"))
    assert len(ids(feed(of, every))) == 1


@pytest.mark.parametrize(
    ("query", "keys"),
    [
        ("", {"unavailable", "readable"}),
        ("includeUnavailable=0", {"readable"}),
        ("includeUnavailable=1", {"unavailable"}),
        ("includeEmptyPages=0", {"unavailable", "readable", "future"}),
        ("includeEmptyPages=0&includeFuturePublishAt=0", {"unavailable", "readable"}),
        ("includeFuturePublishAt=1", {"future"}),
    ],
)
def test_tri_state_filters_and_the_implicit_one(query: str, keys: set[str]) -> None:
    """E7: using one of the first three filters lets chapters in that are not out yet."""
    assert set(ids(feed(unreadable(), query))) == {uid("odd", key) for key in keys}


def test_external_and_empty_uploads_are_there_until_filtered() -> None:
    assert len(ids(feed(external()))) == 6
    assert len(ids(feed(external(), "includeExternalUrl=0"))) == 4
    assert len(ids(feed(external(), "includeExternalUrl=0&includeEmptyPages=0"))) == 3
    assert len(ids(feed(external(), "includeExternalUrl=1"))) == 2


def test_order_is_by_value_with_text_and_null_at_the_end() -> None:
    listed = feed(odd_numbers(), "order[volume]=asc&order[chapter]=asc")["data"]
    shown = [(c["attributes"]["volume"], c["attributes"]["chapter"]) for c in listed]
    assert shown[:4] == [("1", "2"), ("1", "10"), ("2", "012"), ("2", "12.5")]
    assert shown[4] == ("3Cxx", "extra!")
    assert shown[-2:] == [(None, None), (None, None)]


def test_a_list_beyond_ten_thousand_can_be_read_only_in_parts() -> None:
    """E23: offset and limit together end at 10,000; a later createdAtSince shows the rest."""
    of = long_list(10_001)
    start = f"/manga/{of.id}/feed?limit=500&order[createdAt]=asc"
    last, beyond, since = told(
        Corpus((of,)),
        f"{start}&offset=9500",
        f"{start}&offset=9501",
        f"{start}&createdAtSince={of.chapters[9_999].created_at[:19]}",
    )
    assert last.json["total"] == 10_001
    assert len(last.json["data"]) == 500
    assert beyond.status == 400
    assert of.chapters[10_000].id in ids(since.json)


def test_search_finds_by_title_language_tag_and_follows() -> None:
    found = Corpus(
        (
            series("Blue Ink", chapter("a"), follows=5, other_titles=("Aoi",)),
            series("Red Ink", chapter("b"), follows=9, year=1999),
            series("Ink Strip", chapter("c", language="fr"), tags=("Long Strip",), follows=7),
        )
    )
    by_follows = one(found, "/manga?title=ink&order[followedCount]=desc")
    assert [s["attributes"]["title"]["ja"] for s in by_follows["data"]] == [
        "Red Ink",
        "Ink Strip",
        "Blue Ink",
    ]
    assert ids(one(found, "/manga?title=AOI")) == [found.series[0].id]
    assert one(found, "/manga?availableTranslatedLanguage[]=fr")["total"] == 1
    assert one(found, f"/manga?excludedTags[]={TAG_IDS['Long Strip']}")["total"] == 2
    assert one(found, "/manga?year=1999")["total"] == 1
    assert len(one(found, "/manga?limit=2&offset=2")["data"]) == 1


def test_the_aggregate_names_null_none_and_is_a_list_when_empty() -> None:
    listed = one(Corpus((of := odd_numbers(),)), f"/manga/{of.id}/aggregate")["volumes"]
    assert {"none", "1", "2", "3Cxx"} == set(listed)
    assert listed["none"]["chapters"]["none"]["count"] == 3
    empty = series("Empty")
    assert one(Corpus((empty,)), f"/manga/{empty.id}/aggregate")["volumes"] == []


def test_chapter_routes_tags_covers_and_groups_answer() -> None:
    corpus = tiny()
    wanted = corpus.chapters[4]
    single, several, tags, covers, group = told(
        corpus,
        f"/chapter/{wanted.id}?includes[]=user",
        f"/chapter?ids[]={wanted.id}&ids[]={corpus.chapters[0].id}",
        "/manga/tag",
        f"/cover?manga[]={corpus.series[0].id}",
        f"/group/{wanted.groups[0].id}",
    )
    assert single.json["data"]["attributes"]["pages"] == 5
    users = [r for r in single.json["data"]["relationships"] if r["type"] == "user"]
    assert users[0]["attributes"]["username"] == "moth"
    assert several.json["total"] == 2
    assert len(tags.json["data"]) == len(TAG_IDS)
    assert covers.json["total"] == 1
    assert group.json["data"]["attributes"]["name"] == wanted.groups[0].name


def test_chapters_without_pages_lease_empty_lists_with_200() -> None:
    """E7: external and unavailable chapters look like a success."""
    away, shut = external().chapters[0], unreadable().chapters[0]
    corpus = Corpus((external(), unreadable()))
    for of in (away, shut):
        answer = one(corpus, f"/at-home/server/{of.id}")
        assert answer["chapter"]["data"] == []
        assert answer["baseUrl"]
