"""The page plan: the cap, the digest, and what becomes of it (E6, E8, E24, E25)."""

from __future__ import annotations

import hashlib
import json
import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.manga.chapters import Choice, ChoiceRule, Chosen, choose
from pipeline.manga.page_plan import (
    CapUnit,
    Cover,
    amended,
    chapter_credits,
    frozen_plan,
    gone_plan,
    planned_pages,
    units_of,
    with_digest,
)
from pipeline.manga.pairing import page_images
from schemas.ids import kind_of
from schemas.mangadex import FrozenPlan, Group, ListedChapter, SkipReason
from schemas.pages import PlannedPage, ScreenedPage
from schemas.profile import PairParams
from tests.support.small_plans import (
    COVERS,
    MANGA,
    NOW,
    UNITS,
    A,
    choice_of,
    plan_of,
    takes,
    terms,
    upload,
    uuid,
)


@pytest.mark.parametrize(
    ("pages", "paired", "alone"),
    [(0, 0, 0), (1, 1, 1), (2, 1, 2), (3, 2, 2), (4, 2, 3), (19, 10, 10), (20, 10, 11)],
)
def test_units_of_a_chapter(pages: int, paired: int, alone: int) -> None:
    assert units_of(pages, "double", "paired") == paired
    assert units_of(pages, "double", "alone") == alone
    assert units_of(pages, "single", "paired") == units_of(pages, "single", "alone") == pages


@pytest.mark.parametrize("cover", COVERS)
@pytest.mark.parametrize("pages", range(1, 10))
def test_units_are_the_images_that_the_pairing_makes(cover: Cover, pages: int) -> None:
    screened = [
        ScreenedPage(
            **page.model_dump(include={"id", "series", "chapter", "number", "order"}),
            sha256=f"{page.number:064x}",
            width=400,
            height=600,
            chroma=0,
            ink=0.3,
            dhash="00",
        )
        for page in planned_pages(plan_of(pages, cap=99, cover=cover))
    ]
    images = page_images(screened, "rtl", PairParams(cover=cover), joins=True)
    assert len(images) == units_of(pages, "double", cover)


@pytest.mark.parametrize(
    ("cap", "unit", "cover", "expected"),
    [
        (3, "double", "paired", [5]),
        (4, "double", "paired", [5, 2]),
        (6, "double", "paired", [5, 6]),
        (7, "double", "paired", [5, 6, 1]),
        (99, "double", "paired", [5, 6, 1, 4]),
        (3, "double", "alone", [5]),
        (4, "double", "alone", [5, 1]),
        (5, "double", "alone", [5, 3]),
        (7, "double", "alone", [5, 6]),
        (5, "single", "paired", [5]),
        (6, "single", "paired", [5]),
        (7, "single", "paired", [5, 2]),
        (8, "single", "paired", [5, 2]),
        (6, "single", "alone", [5, 1]),
        (7, "single", "alone", [5, 1]),
        (8, "single", "alone", [5, 3]),
        (12, "single", "paired", [5, 6, 1]),
        (13, "single", "paired", [5, 6, 1]),
        (4, "single", "paired", [4]),
        (3, "single", "paired", [2]),
        (1, "single", "paired", [1]),
        (1, "single", "alone", [1]),
        (1, "double", "paired", [2]),
        (1, "double", "alone", [1]),
    ],
)
def test_e24_whole_chapters_and_the_last_cut_where_a_double_page_ends(
    cap: int, unit: CapUnit, cover: Cover, expected: list[int]
) -> None:
    plan = plan_of(5, 6, 1, 4, cap=cap, unit=unit, cover=cover)
    assert takes(plan) == expected
    assert plan.taken_pages == sum(expected)
    assert plan.available_pages == 16
    assert plan.available_units == sum(units_of(n, unit, cover) for n in (5, 6, 1, 4))
    assert plan.shortfall_units == max(0, cap - plan.available_units)
    assert [(each.id, each.reason) for each in plan.skipped] == [
        (uuid(at), SkipReason.BEYOND_CAP) for at in range(len(expected) + 1, 5)
    ]


def test_e32_nothing_readable_is_a_plan_with_a_shortfall() -> None:
    plan = plan_of(cap=1000)
    assert (plan.chapters, plan.available_units, plan.shortfall_units) == ((), 0, 1000)


def test_e6_a_series_that_is_gone() -> None:
    plan = gone_plan("ink", "Ink", terms(10), NOW)
    assert (plan.gone_at, plan.chapters, plan.shortfall_units) == (NOW, (), 10)
    assert plan.sha256 == with_digest(plan).sha256 != plan_of(cap=10).sha256


def test_e24_the_digest_is_over_canonical_json_of_all_but_its_time() -> None:
    plan = plan_of(5, 6, cap=4)
    value = plan.model_dump(mode="json")
    del value["made_at"], value["sha256"]
    text = json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    assert plan.sha256 == hashlib.sha256(text.encode()).hexdigest()
    later = frozen_plan("ink", "Ink", terms(4), choice_of(5, 6), "2027-01-01T00:00:00+00:00")
    assert later.sha256 == plan.sha256
    assert FrozenPlan.model_validate_json(plan.model_dump_json()) == plan
    assert plan_of(5, 6, cap=5).sha256 != plan.sha256
    assert plan_of(5, 7, cap=4).sha256 != plan.sha256


def test_pages_name_upload_and_place_and_are_numbered_over_the_series() -> None:
    pages = planned_pages(plan_of(2, 9, cap=2))
    assert [page.id for page in pages] == [
        "ink/c0001/p001",
        "ink/c0001/p002",
        "ink/c0002/p001",
        "ink/c0002/p002",
    ]
    assert [page.order for page in pages] == [0, 1, 10_000, 10_001]
    assert pages[2].locator == f"{uuid(2)}/1"
    assert pages[2].chapter_title == "Ch. 2"


def test_a_chapter_of_very_many_pages_has_as_much_room_as_it_needs() -> None:
    pages = planned_pages(plan_of(2, 10_000, 20_001, 1, cap=99_999))
    places = [page.order for page in pages]
    assert places == sorted(set(places))
    firsts = [page.order for page in pages if page.number == 1]
    assert firsts == [0, 10_000, 20_000, 50_000]


def stamps(pages: list[PlannedPage]) -> set[str]:
    return {page.stamp for page in pages}


def test_e25_the_stamp_changes_with_upload_version_pages_and_amendment() -> None:
    plan = plan_of(4, cap=9)
    states = [
        plan,
        amended(plan, "c0001", upload(7, 4), "gone"),
        amended(plan, "c0001", upload(1, 4, version=2), "gone"),
        amended(plan, "c0001", upload(1, 5), "gone"),
        amended(plan, "c0001", upload(1, 4), "another hash"),
    ]
    found = [stamps(planned_pages(each)) for each in states]
    assert all(len(each) == 1 for each in found)
    assert len(set.union(*found)) == len(states)
    assert len({each.sha256 for each in states}) == len(states)


@pytest.mark.parametrize(
    ("facts", "expected"),
    [
        ({"volume": "2", "number": "12.5", "title": "Rain"}, "Vol. 2 Ch. 12.5: Rain"),
        ({"volume": "", "number": "3", "title": ""}, "Ch. 3"),
        ({"volume": "4", "number": ""}, "Vol. 4 Oneshot"),
        ({"number": "", "title": "a\x1b[2J\n\u2028b"}, "Oneshot: a [2J b"),
        ({"number": "9" * 10_000, "title": "x" * 10_000}, f"Ch. {'9' * 19}…: {'x' * 119}…"),
    ],
)
def test_chapter_titles_for_people(facts: dict[str, str], expected: str) -> None:
    choice = Choice((Chosen("c0001", upload(1, 1, **facts), ()),), ())
    (page,) = planned_pages(frozen_plan("ink", "Ink", terms(9), choice, NOW))
    assert page.chapter_title == expected


def test_credits_name_groups_and_uploader() -> None:
    named = upload(1, 4, uploader="Ann", uploader_id=uuid(5), title="Rain")
    nameless = upload(2, 4, groups=(Group(id=uuid(0xB), name=""),))
    choice = Choice((Chosen("c0001", named, ()), Chosen("c0002", nameless, ())), ())
    first, second = chapter_credits(frozen_plan("ink", "Ink", terms(99), choice, NOW))
    assert first.model_dump() == {
        "id": "ink/c0001",
        "series": "ink",
        "chapter": "c0001",
        "provider": "MangaDex",
        "url": f"https://mangadex.org/chapter/{uuid(1)}",
        "work_id": MANGA,
        "chapter_id": uuid(1),
        "title": "Ch. 1: Rain",
        "groups": ("Group A",),
        "group_ids": (A.id,),
        "uploader": "Ann",
        "uploader_id": uuid(5),
    }
    assert second.groups == (uuid(0xB),)
    assert "translated by Group A; uploaded by Ann" in first.line


listings = st.lists(
    st.builds(
        upload,
        st.integers(1, 30),
        st.integers(0, 12),
        number=st.sampled_from(["", "1", "1.0", "2", "2.5", "3", "12a", "9" * 50]),
        volume=st.sampled_from(["", "1", "3Cxx"]),
        language=st.sampled_from(["en", "en", "fr"]),
        uploader_id=st.sampled_from(["", uuid(5)]),
    ),
    max_size=12,
)


@given(
    listed=listings,
    cap=st.integers(1, 60),
    unit=st.sampled_from(UNITS),
    cover=st.sampled_from(COVERS),
    restarts=st.booleans(),
    seed=st.integers(),
)
def test_e24_laws_of_every_plan(
    listed: list[ListedChapter], cap: int, unit: CapUnit, cover: Cover, restarts: bool, seed: int
) -> None:
    rule = ChoiceRule("en", (), official=False, restarts_numbers=restarts, now_iso=NOW)
    wanted = terms(cap, unit, cover)
    plan = frozen_plan("ink", "Ink", wanted, choose(listed, rule), NOW)
    shuffled = list(listed)
    random.Random(seed).shuffle(shuffled)
    assert frozen_plan("ink", "Ink", wanted, choose(shuffled, rule), NOW).sha256 == plan.sha256
    FrozenPlan.model_validate(plan.model_dump())

    assert plan.taken_units <= cap
    assert plan.taken_units <= plan.available_units
    assert bool(plan.taken_pages) == bool(plan.available_pages)
    everything = [each.upload.id for each in plan.chapters] + [each.id for each in plan.skipped]
    assert sorted(everything) == sorted({each.id for each in listed})
    for each in plan.chapters[:-1]:
        assert each.take == each.upload.pages
    for each in plan.chapters[-1:]:
        is_cut = each.take < each.upload.pages
        ends_double_page = each.take % 2 == (cover == "alone")
        assert not is_cut or ends_double_page or plan.taken_pages == 1

    pages = planned_pages(plan)
    assert len(pages) == plan.taken_pages
    assert len({page.id for page in pages}) == len(pages)
    assert all(kind_of(page.id) == "page" for page in pages)
    places = [page.order for page in pages]
    assert places == sorted(set(places))
