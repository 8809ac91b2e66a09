"""Documents of the API become records, whatever is missing, null or new in them."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.ports.mangadex.answers import (
    AtHome,
    BadAnswer,
    at_home_of,
    chapter_of,
    entity_of,
    listing_of,
    one_line,
    series_of,
)
from schemas.mangadex import Group, ListedChapter, SeriesFacts, Tag


def uid(number: int) -> str:
    return f"00000000-0000-4000-8000-{number:012d}"


def series(**said: Any) -> SeriesFacts:
    return series_of({"id": uid(1), "attributes": said})


def test_a_series() -> None:
    found = series_of(
        {
            "id": uid(1),
            "type": "manga",
            "attributes": {
                "title": {"ja-ro": "Kuro Neko"},
                "altTitles": [{"ja": "黒猫"}, {"en": "Black Cat"}, {"en": "Cat in Black"}],
                "originalLanguage": "ja",
                "year": 2001,
                "contentRating": "safe",
                "status": "completed",
                "chapterNumbersResetOnNewVolume": True,
                "availableTranslatedLanguages": ["en", None, "fr"],
                "tags": [{"id": uid(9), "attributes": {"name": {"en": "Action"}}}],
                "newField": {"x": 1},
            },
            "relationships": [
                {"id": uid(2), "type": "author", "attributes": {"name": "A. Author"}},
                {"id": uid(2), "type": "artist", "attributes": {"name": "A. Author"}},
                {"id": uid(3), "type": "artist", "attributes": {"name": "B. Artist"}},
                {"id": uid(4), "type": "cover_art"},
            ],
        }
    )
    assert found == SeriesFacts(
        id=uid(1),
        title="Black Cat",
        other_titles=("Kuro Neko", "黒猫", "Cat in Black"),
        authors=("A. Author", "B. Artist"),
        year=2001,
        original_language="ja",
        content_rating="safe",
        status="completed",
        tags=(Tag(id=uid(9), name="Action"),),
        languages=("en", "fr"),
        restarts_numbers=True,
    )


@pytest.mark.parametrize(
    ("title", "others", "expected"),
    [
        ({"en": "E", "ja-ro": "R"}, [], "E"),
        ({"ja-ro": "R"}, [{"en": "E"}], "E"),
        ({"ja": "J"}, [{"fr": "F"}, {"ja-ro": "R"}], "R"),
        ({"ko-ro": "K"}, [{"fr": "F"}], "K"),
        ([], [{"fr": "F"}], "F"),
        ({"en": ""}, [{"fr": None}], uid(1)),
        (None, {}, uid(1)),
        ({"en": "two\nlines \x1b[2J"}, None, "two lines [2J"),
    ],
)
def test_a_title_is_english_then_romanised_then_any(title: Any, others: Any, expected: str) -> None:
    assert series(title=title, altTitles=others, originalLanguage="ja").title == expected


def test_a_series_of_which_little_is_said() -> None:
    bare = SeriesFacts(id=uid(1), title=uid(1))
    assert series_of({"id": uid(1)}) == bare
    assert series_of({"id": uid(1), "attributes": [], "relationships": None}) == bare
    assert series(year="1999").year == 1999
    assert series(year=None, tags={}, availableTranslatedLanguages={}) == bare


def test_a_chapter() -> None:
    found = chapter_of(
        {
            "id": uid(1),
            "attributes": {
                "title": "",
                "volume": None,
                "chapter": "12.5",
                "pages": 20,
                "translatedLanguage": "en",
                "externalUrl": None,
                "isUnavailable": False,
                "version": 3,
                "publishAt": "2020-01-01T00:00:00+00:00",
                "readableAt": "2020-01-02T00:00:00+00:00",
                "uploader": uid(8),
            },
            "relationships": [
                {"id": uid(6), "type": "scanlation_group", "attributes": None},
                {
                    "id": uid(5),
                    "type": "scanlation_group",
                    "attributes": {"name": "Scans", "official": True},
                },
                {"id": uid(6), "type": "scanlation_group"},
                {"id": uid(7), "type": "user", "attributes": {"username": "someone"}},
                {"id": "no id", "type": "scanlation_group"},
                None,
            ],
        }
    )
    assert found == ListedChapter(
        id=uid(1),
        number="12.5",
        language="en",
        pages=20,
        version=3,
        publish_at="2020-01-01T00:00:00+00:00",
        readable_at="2020-01-02T00:00:00+00:00",
        groups=(Group(id=uid(5), name="Scans", is_official=True), Group(id=uid(6), name="")),
        uploader_id=uid(7),
        uploader="someone",
    )


def test_e7_an_external_or_unavailable_chapter_says_so() -> None:
    said = {"externalUrl": "https://example.org/1", "isUnavailable": True, "pages": 0}
    found = chapter_of({"id": uid(1), "attributes": said})
    assert (found.external_url, found.is_unavailable) == ("https://example.org/1", True)


@pytest.mark.parametrize("pages", [None, -3, "many", [], {}, True, float("inf")])
def test_a_chapter_without_a_count_of_pages_has_none(pages: Any) -> None:
    assert chapter_of({"id": uid(1), "attributes": {"pages": pages}}).pages == 0
    assert chapter_of({"id": uid(1)}).pages == 0


def test_a_number_may_come_as_a_number() -> None:
    found = chapter_of({"id": uid(1), "attributes": {"volume": 3, "chapter": 12.5, "pages": "7"}})
    assert (found.volume, found.number, found.pages) == ("3", "12.5", 7)


def test_a_listing_passes_over_what_is_no_item() -> None:
    items = [{"id": uid(1)}, {"id": "../x"}, None, [], {"id": uid(2)}]
    page = listing_of({"data": items, "total": None, "limit": 9999}, asked=500)
    assert [item["id"] for item in page.items] == [uid(1), uid(2)]
    assert (page.count, page.limit, page.total) == (5, 500, 0)


@pytest.mark.parametrize("document", [None, [], {}, {"data": None}, {"data": {}}, "text"])
def test_a_listing_without_a_list_is_none(document: Any) -> None:
    with pytest.raises(BadAnswer):
        listing_of(document, asked=10)


@pytest.mark.parametrize("document", [None, {}, {"data": []}, {"data": {"id": "x/../y"}}])
def test_an_item_without_an_id_is_none(document: Any) -> None:
    with pytest.raises(BadAnswer):
        entity_of(document)


def test_a_lease_may_lack_the_saver_and_an_empty_one_is_valid() -> None:
    chapter = {"hash": "h", "data": ["1.png"], "dataSaver": None}
    assert at_home_of({"baseUrl": "b", "chapter": chapter}) == AtHome("b", "h", ("1.png",), ())
    assert at_home_of({"chapter": {"data": []}}) == AtHome("", "", (), ())


@pytest.mark.parametrize(
    "document",
    [
        {},
        {"baseUrl": "b", "chapter": None},
        {"baseUrl": "b", "chapter": {"hash": "h", "data": None}},
        {"baseUrl": "b", "chapter": {"hash": "h", "data": ["1.png", None]}},
        {"baseUrl": "b", "chapter": {"hash": "h", "data": {"0": "1.png"}}},
        {"baseUrl": None, "chapter": {"hash": "h", "data": ["1.png"]}},
        {"baseUrl": "b", "chapter": {"data": ["1.png"]}},
    ],
)
def test_a_lease_without_what_it_is_for_is_bad(document: Any) -> None:
    with pytest.raises(BadAnswer):
        at_home_of(document)


def test_one_line() -> None:
    assert one_line(" a\r\n\tb\u202e\x00c ") == "a b c"
    assert one_line("x" * 300) == "x" * 199 + "…"


json = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=5), inner),
    max_leaves=8,
)
fields = [
    "title", "altTitles", "year", "tags", "originalLanguage", "pages", "chapter", "volume",
    "version", "uploader", "availableTranslatedLanguages", "externalUrl",
]  # fmt: skip


@given(st.dictionaries(st.sampled_from(fields), json), st.lists(json, max_size=3) | json)
def test_no_document_whatever_makes_a_record_impossible(said: Any, relationships: Any) -> None:
    item = {"id": uid(1), "attributes": said, "relationships": relationships}
    assert series_of(item).id == chapter_of(item).id == uid(1)


@given(json, json)
def test_a_lease_is_read_or_refused(chapter: Any, names: Any) -> None:
    for inner in (chapter, {"hash": "h", "data": names}):
        try:
            lease = at_home_of({"baseUrl": "b", "chapter": inner})
        except BadAnswer:
            continue
        assert all(isinstance(name, str) for name in lease.data)
