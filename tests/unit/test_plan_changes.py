"""What becomes of a frozen plan: amended chapters (E8, E25), and differences for a person."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.manga.chapters import Choice, ChoiceRule, choose
from pipeline.manga.page_plan import (
    CapUnit,
    Cover,
    amended,
    differences,
    frozen_plan,
    gone_plan,
    planned_pages,
    with_digest,
)
from schemas.mangadex import FrozenPlan, SkipReason
from tests.support.small_plans import (
    COVERS,
    NOW,
    UNITS,
    choice_of,
    plan_of,
    takes,
    terms,
    upload,
    uuid,
)


def test_e25_an_amended_chapter_keeps_its_name_and_the_others_stay() -> None:
    plan = plan_of(6, 6, 6, cap=7)
    assert takes(plan) == [6, 6, 2]
    for pages, expected in [(4, [6, 4, 2]), (5, [6, 5, 2]), (9, [6, 6, 2])]:
        after = amended(plan, "c0002", upload(2, pages, version=2), "changed")
        assert takes(after) == expected
        assert [each.chapter for each in after.chapters] == ["c0001", "c0002", "c0003"]
        assert after.chapters[1].amended == "changed"
        assert after.taken_pages == sum(expected)
        assert after.taken_units <= 7
        assert after.available_pages == 12 + pages
        assert after.skipped == plan.skipped
        assert after.sha256 == with_digest(after).sha256 != plan.sha256
    assert takes(amended(plan, "c0003", upload(3, 99, version=2), "changed")) == [6, 6, 2]
    assert takes(amended(plan, "c0003", upload(3, 1, version=2), "changed")) == [6, 6, 1]


def test_e8_an_alternate_takes_the_place_of_an_upload_that_is_gone() -> None:
    listed = [
        upload(at, pages, number="1", language="en") for at, pages in [(1, 9), (2, 8), (3, 7)]
    ]
    rule = ChoiceRule("en", (), official=False, restarts_numbers=False, now_iso=NOW)
    plan = frozen_plan("ink", "Ink", terms(99), choose(listed, rule), NOW)
    assert plan.chapters[0].upload.id == uuid(1)
    after = amended(plan, "c0001", plan.chapters[0].alternates[0], "404")
    assert after.chapters[0].upload.id == uuid(2)
    assert [each.id for each in after.chapters[0].alternates] == [uuid(3)]
    assert {each.id: each.reason for each in after.skipped} == {
        uuid(3): SkipReason.OTHER_GROUP,
        uuid(1): SkipReason.UNAVAILABLE,
    }
    assert (after.available_pages, after.taken_pages) == (8, 8)


def test_e25_rows_of_other_chapters_are_equal_so_that_their_answers_stand() -> None:
    plan = plan_of(4, 4, 4, cap=10)
    before = {page.id: page for page in planned_pages(plan)}
    for pages in (3, 1, 9):
        after = {
            page.id: page
            for page in planned_pages(amended(plan, "c0001", upload(1, pages, version=2), "w"))
            if page.chapter != "c0001"
        }
        assert after == {key: page for key, page in before.items() if page.chapter != "c0001"}


@pytest.mark.parametrize(("now", "expected"), [(1, [2, 1, 2]), (4, [2, 2])])
def test_e24_no_amended_chapter_is_cut_within_a_double_page(now: int, expected: list[int]) -> None:
    """One page fits, where the chapter had but one: of a longer one that is half a double page."""
    plan = plan_of(2, 1, 2, cap=5, unit="single")
    after = amended(plan, "c0002", upload(2, now, version=2), "changed")
    assert takes(after) == expected
    assert after.taken_pages == after.taken_units == sum(expected)
    assert after.available_pages == 4 + now
    left_out = [(each.id, each.reason) for each in after.skipped]
    assert left_out == ([(uuid(2), SkipReason.BEYOND_CAP)] if now == 4 else [])
    lone = plan_of(1, cap=1, unit="single")
    assert takes(amended(lone, "c0001", upload(1, 4), "never empty")) == [1]


def test_e25_what_cannot_be_amended() -> None:
    plan = plan_of(4, cap=9)
    with pytest.raises(ValueError, match="no such chapter"):
        amended(plan, "c0009", upload(1, 4), "changed")
    with pytest.raises(ValueError, match="no page"):
        amended(plan, "c0001", upload(1, 0), "changed")


def test_differences_name_every_change() -> None:
    before, after = plan_of(4, 4, 4, cap=6), plan_of(4, 4, cap=5)
    assert differences(before, before) == []
    assert differences(before, after) == [
        "- c0003: Ch. 3, 4 pages, by Group A",
        "~ cap: 6 -> 5",
        "~ available units: 6 -> 4",
        "~ available pages: 12 -> 8",
        "~ taken units: 6 -> 4",
        "~ taken pages: 12 -> 8",
    ]
    assert differences(after, before)[0] == "+ c0003: Ch. 3, 4 pages, by Group A"
    assert differences(before, plan_of(4, 4, 4, cap=5)) == [
        "~ c0003: 4 of 4 pages -> 2 of 4 pages",
        "~ cap: 6 -> 5",
        "~ taken units: 6 -> 5",
        "~ taken pages: 12 -> 10",
    ]


def test_differences_between_uploads_and_states() -> None:
    plan = plan_of(4, cap=9)
    other = amended(plan, "c0001", upload(7, 4, groups=(), uploader="Ann"), "404")
    assert differences(plan, other) == [f"~ c0001: other upload {uuid(7)} by Ann; amended: 404"]
    newer = amended(plan, "c0001", upload(1, 4, version=2), "")
    assert differences(plan, newer) == ["~ c0001: version 1 -> 2"]
    assert differences(other, plan)[0].endswith("amended: no longer")
    gone = gone_plan("ink", "Ink", terms(9), NOW)
    assert f"~ the series is gone since {NOW}" in differences(plan, gone)
    assert "~ it is back" in differences(gone, plan)
    retitled = amended(plan, "c0001", upload(1, 4, title="Rain"), "")
    assert len(differences(plan, retitled)) == 1


def test_differences_see_another_order() -> None:
    choice = choice_of(4, 4)
    turned = frozen_plan("ink", "Ink", terms(9), Choice(choice.chosen[::-1], ()), NOW)
    assert differences(plan_of(4, 4, cap=9), turned) == ["~ the chapters are in another order"]


@given(
    pages=st.lists(st.integers(1, 9), min_size=1, max_size=5),
    cap=st.integers(1, 20),
    unit=st.sampled_from(UNITS),
    cover=st.sampled_from(COVERS),
    now=st.integers(1, 30),
    at=st.integers(0, 4),
)
def test_e25_an_amended_plan_stays_within_the_cap_and_leaves_other_pages_alone(
    pages: list[int], cap: int, unit: CapUnit, cover: Cover, now: int, at: int
) -> None:
    plan = plan_of(*pages, cap=cap, unit=unit, cover=cover)
    name = plan.chapters[at % len(plan.chapters)].chapter
    after = amended(plan, name, upload(99, now), "changed")
    assert after.taken_units <= cap
    assert after.taken_units <= after.available_units
    for each in after.chapters:
        if each.chapter == name and each.take < each.upload.pages:
            assert each.take % 2 == (cover == "alone") or after.taken_pages == 1
    if len(after.chapters) == len(plan.chapters):
        kept = [page for page in planned_pages(plan) if page.chapter != name]
        assert [page for page in planned_pages(after) if page.chapter != name] == kept
    FrozenPlan.model_validate(after.model_dump())
