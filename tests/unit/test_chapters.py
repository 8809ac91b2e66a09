"""Which uploads are chosen and in which order: E7 to E12, E32, tombstones."""

from __future__ import annotations

import random
import re
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.manga.chapters import Choice, ChoiceRule, choose
from schemas.mangadex import Group, ListedChapter, SkipReason, Tombstones

SLUG = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*")
NOW = "2026-01-01T00:00:00+00:00"


def uuid(number: int) -> str:
    return f"{number:08x}-0000-4000-8000-{number:012x}"


def group(number: int, *, official: bool = False) -> Group:
    return Group(id=uuid(0xA000 + number), name=f"Group {number}", is_official=official)


A, B, C = group(1), group(2), group(3)
RULE = ChoiceRule("en", (), official=False, restarts_numbers=False, now_iso=NOW)
RESTARTS = replace(RULE, restarts_numbers=True)


def upload(
    id_: int, number: str = "1", *groups: Group, volume: str = "", **facts: Any
) -> ListedChapter:
    known = {
        "id": uuid(id_),
        "number": number,
        "volume": volume,
        "groups": groups or (A,),
        "language": "en",
        "pages": 20,
        "publish_at": "2020-01-01T00:00:00+00:00",
        "readable_at": "2020-01-01T00:00:00+00:00",
    }
    return ListedChapter.model_validate(known | facts)


def taken(listed: list[ListedChapter], rule: ChoiceRule = RULE) -> list[int]:
    return [int(each.upload.id[:8], 16) for each in choose(listed, rule).chosen]


def names(listed: list[ListedChapter], rule: ChoiceRule = RULE) -> list[str]:
    return [each.chapter for each in choose(listed, rule).chosen]


def reasons(choice: Choice) -> dict[int, str]:
    return {int(each.id[:8], 16): each.reason.value for each in choice.skipped}


LATER = "2026-01-01T00:00:01+00:00"
UNREADABLE: list[tuple[dict[str, Any], SkipReason]] = [
    ({"external_url": "https://example.org"}, SkipReason.EXTERNAL),
    ({"is_unavailable": True}, SkipReason.UNAVAILABLE),
    ({"pages": 0}, SkipReason.EMPTY),
    ({"publish_at": LATER}, SkipReason.NOT_YET_PUBLISHED),
    ({"language": "fr"}, SkipReason.OTHER_LANGUAGE),
    ({"language": ""}, SkipReason.OTHER_LANGUAGE),
    ({"groups": (C,)}, SkipReason.TAKEN_DOWN),
    ({"groups": (group(9, official=True),)}, SkipReason.OFFICIAL),
]


@pytest.mark.parametrize(("facts", "reason"), UNREADABLE)
def test_e7_e9_e32_what_cannot_be_taken_never_beats_what_can(
    facts: dict[str, Any], reason: SkipReason
) -> None:
    # By every preference the first would win: its group is wished for and newer.
    rule = replace(RULE, groups=(A.id,), tombstones=Tombstones(group=(C.id,)))
    unreadable = upload(1, readable_at="2025-01-01", **({"pages": 99} | facts))
    choice = choose([unreadable, upload(2, "1", B)], rule)
    assert [each.upload.id for each in choice.chosen] == [uuid(2)]
    assert choice.chosen[0].alternates == ()
    assert reasons(choice) == {1: reason.value}


def test_the_first_reason_that_applies_is_named() -> None:
    official = group(9, official=True)
    wrong: dict[str, Any] = {"groups": (C, official)}
    for facts, _ in UNREADABLE[:5]:
        wrong |= facts
    repairs: list[tuple[SkipReason, dict[str, Any]]] = [
        (SkipReason.EXTERNAL, {"external_url": ""}),
        (SkipReason.UNAVAILABLE, {"is_unavailable": False}),
        (SkipReason.EMPTY, {"pages": 20}),
        (SkipReason.NOT_YET_PUBLISHED, {"publish_at": "2020-01-01"}),
        (SkipReason.OTHER_LANGUAGE, {"language": "en"}),
        (SkipReason.TAKEN_DOWN, {"groups": (official,)}),
        (SkipReason.OFFICIAL, {"groups": (A,)}),
    ]
    rule = replace(RULE, tombstones=Tombstones(group=(C.id,)))
    for reason, repair in repairs:
        assert reasons(choose([upload(1, **wrong)], rule)) == {1: reason.value}
        wrong |= repair
    assert taken([upload(1, **wrong)], rule) == [1]


def test_what_is_published_just_now_counts_and_an_unreadable_time_is_long_ago() -> None:
    assert taken([upload(1, publish_at="2026-01-01T09:00:00+09:00")]) == [1]
    assert taken([upload(1, publish_at=when) for when in ("", "soon", "0001-01-01")]) == [1]
    assert taken([upload(1, publish_at="9999-12-31T23:59:59-14:00")]) == []
    assert taken([upload(1)], replace(RULE, now_iso="2026-01-01T00:00:00Z")) == [1]
    assert taken([upload(1)], replace(RULE, now_iso="2026-01-01T00:00:00")) == [1]


@pytest.mark.parametrize(
    ("stones", "left"),
    [
        (Tombstones(chapter=(uuid(1),)), [2]),
        (Tombstones(group=(B.id,)), [1]),
        (Tombstones(manga=(uuid(77),)), []),
        (Tombstones(manga=(uuid(78),)), [1, 2]),
    ],
)
def test_tombstones_by_chapter_group_and_series(stones: Tombstones, left: list[int]) -> None:
    rule = replace(RULE, tombstones=stones, manga=uuid(77))
    assert taken([upload(1, "1", A), upload(2, "2", A, B)], rule) == left


def test_e9_official_uploads_where_they_are_wanted() -> None:
    official = upload(1, "1", group(9, official=True))
    assert taken([official], replace(RULE, official=True)) == [1]


NUMBERS_THAT_RUN_ON = [
    ("one number written in three ways", [("", "012"), ("", "12"), ("", "12.0")], [[1, 2, 3]]),
    ("a null volume mixed with volumes", [("2", "12"), ("", "12"), ("3", "12")], [[1, 2, 3]]),
    ("decimals are their own chapters", [("1", "12"), ("1", "12.5")], [[1], [2]]),
    ("12.50 is 12.5", [("1", "12.5"), ("1", "12.50")], [[1, 2]]),
    ("text in two cases", [("1", "12a"), ("1", " 12A ")], [[1, 2]]),
    ("text is not its number", [("1", "12a"), ("1", "12")], [[1], [2]]),
    ("zeros and signs", [("1", "0"), ("1", "-0"), ("1", "00")], [[1, 2, 3]]),
    ("a negative number", [("1", "-1"), ("1", "1")], [[1], [2]]),
    ("full-width digits", [("1", "１２"), ("1", "12")], [[1, 2]]),
    ("superscripts are no digits", [("1", "1²"), ("1", "12")], [[1], [2]]),
    ("no number, two chapters", [("1", ""), ("1", " ")], [[1], [2]]),
    ("none is not zero", [("1", ""), ("1", "0")], [[1], [2]]),
]
NUMBERS_THAT_RESTART = [
    ("each volume has its own", [("1", "1"), ("2", "1")], [[1], [2]]),
    ("one volume written in two ways", [("01", "1"), ("1", "1.0")], [[1, 2]]),
    ("text volumes", [("3Cxx", "1"), ("3cXX", "1"), ("3", "1")], [[1, 2], [3]]),
    ("no volume is a volume", [("1", "1"), ("", "1"), ("", "01")], [[1], [2, 3]]),
]


@pytest.mark.parametrize(
    ("rule", "typed", "expected"),
    [
        *(pytest.param(RULE, t, e, id=name) for name, t, e in NUMBERS_THAT_RUN_ON),
        *(pytest.param(RESTARTS, t, e, id=name) for name, t, e in NUMBERS_THAT_RESTART),
    ],
)
def test_e10_e11_e12_which_uploads_are_one_chapter(
    rule: ChoiceRule, typed: list[tuple[str, str]], expected: list[list[int]]
) -> None:
    listed = [upload(at, number, volume=volume) for at, (volume, number) in enumerate(typed, 1)]
    found = [
        sorted(int(one.id[:8], 16) for one in (each.upload, *each.alternates))
        for each in choose(listed, rule).chosen
    ]
    assert sorted(found) == expected


def test_names_stay_when_chapters_are_added_or_another_group_is_taken() -> None:
    before = names([upload(1, "2"), upload(2, "12a")])
    after = names([upload(3, "1"), upload(4, "12A", B, pages=50), upload(1, "2"), upload(5, "0")])
    assert [name for name in after if name in before] == before


def test_e10_oneshots_whose_ids_begin_alike_get_their_whole_id() -> None:
    ids = ["00000001-0000-4000-8000-00000000000a", "00000001-0000-4000-8000-00000000000b"]
    listed = [upload(1, "").model_copy(update={"id": each}) for each in ids]
    assert names(listed) == [f"oneshot-{each.replace('-', '')}" for each in ids]


def test_e12_a_missing_volume_does_not_disturb_the_order() -> None:
    listed = [
        upload(1, "1", volume="1"),
        upload(2, "2"),
        upload(3, "3", volume="1"),
        upload(4, "10", volume="3Cxx"),
        upload(5, "4", volume="2"),
    ]
    assert taken(listed) == [1, 2, 3, 5, 4]


def test_e12_order_where_numbers_restart() -> None:
    listed = [
        upload(1, "1"),
        upload(2, "2", volume="1"),
        upload(3, "", volume="1"),
        upload(4, "1", volume="1"),
        upload(5, "1", volume="2"),
        upload(6, "1", volume="3Cxx"),
        upload(7, "1", volume="10"),
    ]
    assert taken(listed, RESTARTS) == [4, 2, 3, 5, 7, 6, 1]


def test_e10_oneshots_follow_by_volume_then_by_time() -> None:
    listed = [
        upload(1, "", publish_at="2019-01-01T00:00:00+00:00"),
        upload(2, "", volume="2", publish_at="2021-01-01T09:00:00+09:00"),
        upload(3, "", volume="2", publish_at="2021-01-01T00:00:01+00:00"),
        upload(4, "", volume="1", publish_at="2022-01-01T00:00:00+00:00"),
        upload(5, "7"),
    ]
    assert taken(listed) == [5, 4, 2, 3, 1]


def other_chapters(*groups: Group, start: int = 100) -> list[ListedChapter]:
    """A chapter for each, so that the group covers more of the series."""
    return [upload(start + at, str(start + at), each) for at, each in enumerate(groups)]


NEWER = "2024-01-01T00:00:00+00:00"
TRUTH: list[tuple[str, tuple[str, ...], list[ListedChapter], int]] = [
    (
        "a preferred group before coverage and pages",
        (C.id,),
        [upload(1, "1", A, pages=99), upload(2, "1", C), *other_chapters(A, A)],
        2,
    ),
    (
        "preferred groups in their order",
        (B.id, A.id),
        [upload(1, "1", A, pages=99), upload(2, "1", B), *other_chapters(A)],
        2,
    ),
    (
        "coverage before pages",
        (),
        [upload(1, "1", A, pages=99), upload(2, "1", B), *other_chapters(B)],
        2,
    ),
    (
        "coverage counts readable chapters only",
        (),
        [
            upload(1, "1", A),
            upload(2, "1", B, pages=19),
            upload(3, "2", B, external_url="https://x.example"),
            upload(4, "3", B, is_unavailable=True),
        ],
        1,
    ),
    (
        "coverage counts a chapter once",
        (),
        [upload(1, "1", A, pages=30), upload(2, "1", B), upload(3, "1", B)],
        1,
    ),
    (
        "a joint upload counts for both groups",
        (),
        [
            upload(1, "1", A, pages=99),
            upload(2, "1", B),
            upload(4, "2", C, B),
            *other_chapters(A),
            *other_chapters(B, start=200),
        ],
        2,
    ),
    (
        "a joint upload is as good as its best group",
        (),
        [upload(1, "1", A, pages=30), upload(2, "1", C, B), *other_chapters(B)],
        2,
    ),
    (
        "who uploads without a group is a group of one",
        (),
        [
            upload(1, "1", A, pages=30),
            upload(2, "1", groups=(), uploader_id=uuid(5)),
            upload(3, "2", groups=(), uploader_id=uuid(5)),
        ],
        2,
    ),
    ("then more pages", (), [upload(1, "1", A), upload(2, "1", B, pages=21)], 2),
    ("then the newest", (), [upload(1, "1", A), upload(2, "1", B, readable_at=NEWER)], 2),
    ("then the group's id", (), [upload(2, "1", B), upload(1, "1", C)], 2),
    ("within a group, more pages", (), [upload(1, "1", A), upload(2, "1", A, pages=21)], 2),
    (
        "within a group, the newest",
        (),
        [upload(1, "1", A), upload(2, "1", A, readable_at=NEWER)],
        2,
    ),
    ("and the upload's id", (), [upload(2, "1", A), upload(1, "1", A)], 1),
]


@pytest.mark.parametrize(
    ("wished", "listed", "expected"),
    [pytest.param(wished, listed, expected, id=name) for name, wished, listed, expected in TRUTH],
)
def test_e8_which_upload_is_chosen(
    wished: tuple[str, ...], listed: list[ListedChapter], expected: int
) -> None:
    for order in (listed, listed[::-1]):
        choice = choose(order, replace(RULE, groups=wished))
        chosen = {each.chapter: each for each in choice.chosen}["c0001"]
        assert chosen.upload.id == uuid(expected)
        for other in chosen.alternates:
            assert reasons(choice)[int(other.id[:8], 16)] == SkipReason.OTHER_GROUP.value


def test_e8_two_groups_with_equally_many_chapters_do_not_take_turns() -> None:
    listed = [
        *(upload(at, str(at), A, pages=20 + at % 2) for at in range(1, 7)),
        *(upload(10 + at, str(at), B, pages=20 + (at + 1) % 2) for at in range(1, 7)),
    ]
    assert taken(listed) == [1, 2, 3, 4, 5, 6]


def test_e8_alternates_are_best_first() -> None:
    listed = [upload(3, "1", C), upload(1, "1", A, pages=30), upload(2, "1", B, pages=25)]
    (chosen,) = choose([*listed], RULE).chosen
    assert [each.id for each in (chosen.upload, *chosen.alternates)] == [uuid(1), uuid(2), uuid(3)]


def test_e23_an_upload_listed_twice_is_one_and_the_newer_version_stands() -> None:
    old, new = upload(1, "2", version=1), upload(1, "1", version=3)
    for listed in ([old, new], [new, old]):
        choice = choose(listed, RULE)
        assert [each.upload for each in choice.chosen] == [new]
        assert choice.skipped == ()


typed_numbers = st.one_of(
    st.sampled_from(["", "1", "01", "1.0", "2", "2.5", "10", "12a", "12A", "extra", "-1", "😀"]),
    st.text(max_size=6),
)
uploads = st.builds(
    upload,
    st.integers(1, 40),
    typed_numbers,
    volume=st.sampled_from(["", "1", "01", "2", "3Cxx", "x"]),
    groups=st.lists(st.sampled_from([A, B, C, group(9, official=True)]), max_size=2),
    pages=st.integers(0, 3),
    version=st.integers(1, 2),
    language=st.sampled_from(["en", "en", "en", "fr"]),
    publish_at=st.sampled_from(["2020-01-01", "2021-01-01T00:00:00+00:00", LATER, "?"]),
    readable_at=st.sampled_from(["2020-01-01", "2021-01-01T00:00:00+00:00", ""]),
    uploader_id=st.sampled_from(["", uuid(5), uuid(6)]),
)


@given(
    listed=st.lists(uploads, max_size=14),
    rule=st.sampled_from([RULE, RESTARTS, replace(RULE, groups=(B.id,), official=True)]),
    seed=st.integers(),
)
def test_the_same_choice_whatever_the_order_and_every_upload_once(
    listed: list[ListedChapter], rule: ChoiceRule, seed: int
) -> None:
    choice = choose(listed, rule)
    shuffled = list(listed)
    random.Random(seed).shuffle(shuffled)
    assert choose(shuffled, rule) == choice

    chosen = [each.upload.id for each in choice.chosen]
    skipped = [each.id for each in choice.skipped]
    assert sorted(chosen + skipped) == sorted({each.id for each in listed})
    alternates = [other.id for each in choice.chosen for other in each.alternates]
    assert sorted(alternates) == sorted(
        each.id for each in choice.skipped if each.reason is SkipReason.OTHER_GROUP
    )
    found = [each.chapter for each in choice.chosen]
    assert len(set(found)) == len(found)
    assert all(SLUG.fullmatch(name) and len(name) <= 40 for name in found)
