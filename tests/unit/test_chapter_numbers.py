"""What people typed as numbers: one spelling, an order, and names (E10, E11, E12)."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.manga.chapter_numbers import (
    ChapterKey,
    canonical,
    chapter_names,
    place_of_number,
    place_of_volume,
)

SLUG = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*")
HUGE = "9" * 10_000
UPLOAD = "00000001-0000-4000-8000-000000000001"


def key_of(number: str, volume: str = "") -> ChapterKey:
    if not canonical(number):
        return ChapterKey("", "", UPLOAD)
    return ChapterKey(canonical(volume), canonical(number))


def name_of(number: str, volume: str = "") -> str:
    (name,) = chapter_names([key_of(number, volume)]).values()
    return name


@pytest.mark.parametrize(
    ("typed", "expected"),
    [
        ("12", "c0012"),
        ("012.50", "c0012-5"),
        ("12.05", "c0012-05"),
        (".5", "c0000-5"),
        ("12345", "c12345"),
        ("-1", "cminus0001"),
        ("12a", r"c0012a-[0-9a-f]{8}"),
        ("12-13", r"c0012-13-[0-9a-f]{8}"),
        ("Extra 2", r"x-extra-2-[0-9a-f]{8}"),
        ("1e999", r"c0001e999-[0-9a-f]{8}"),
        ("NaN", r"x-nan-[0-9a-f]{8}"),
        ("Infinity", r"x-infinity-[0-9a-f]{8}"),
        ("😀", r"x-[0-9a-f]{8}"),
        ("\ud800", r"x-[0-9a-f]{8}"),
        (HUGE, r"c99999999-[0-9a-f]{8}"),
        ("0" * 10_000 + "7", "c0007"),
        (f"{HUGE}.{HUGE}x", r"c99999999-[0-9a-f]{8}"),
        ("", r"oneshot-00000001"),
    ],
)
def test_e10_e11_names_come_from_numbers_and_are_bounded(typed: str, expected: str) -> None:
    assert re.fullmatch(expected, name_of(typed))


@pytest.mark.parametrize(
    ("volume", "number", "expected"),
    [
        ("2", "3", "v02-c0003"),
        ("2.5", "3.5", "v02-5-c0003-5"),
        ("", "3", "c0003"),
        ("3Cxx", "1", r"v03cxx-[0-9a-f]{8}-c0001"),
        ("TBD", "1", r"vx-tbd-[0-9a-f]{8}-c0001"),
        ("2", "", "oneshot-00000001"),
        (HUGE, HUGE, r"v9{8}-[0-9a-f]{8}-c9{8}-[0-9a-f]{8}"),
    ],
)
def test_e12_names_where_numbers_restart(volume: str, number: str, expected: str) -> None:
    assert re.fullmatch(expected, name_of(number, volume))


def test_names_that_would_be_shared_are_made_long() -> None:
    # The digests of these two begin with the same eight digits, 69e6f2b6.
    shared = chapter_names([key_of("徊丁"), key_of("易三"), key_of("3")]).values()
    assert len(set(shared)) == 3
    assert all(re.fullmatch("c-[0-9a-f]{32}|c0003", name) for name in shared)
    assert name_of("徊丁") == "x-69e6f2b6"


def test_nobody_types_one_of_our_names_for_another_chapter() -> None:
    typed = ["oneshot-00000001", "c0012-5", "v02-c0003", "12.5", ""]
    found = chapter_names([key_of(number) for number in typed])
    assert len(set(found.values())) == 5


def test_e11_numbers_in_order() -> None:
    typed = ["-1", "0", "0.5", "1", "2", "9", "10", "12", "12-13", "12a", "12b", "12.5", "13"]
    typed += ["extra", "extra 2", "extra 009", "extra 10", ""]
    assert sorted(reversed(typed), key=place_of_number) == typed


def test_volumes_in_order_text_after_numbers_and_none_last() -> None:
    typed = ["0", "1", "1.5", "2", "10", "3Cxx", "30Cxx", "TBD", ""]
    assert sorted(reversed(typed), key=place_of_volume) == typed


@given(st.lists(st.one_of(st.text(max_size=6), st.text(alphabet="-+.0123456789eE_ ")), max_size=9))
def test_e11_every_text_has_one_spelling_a_place_and_a_name(typed: list[str]) -> None:
    for number in typed:
        assert canonical(canonical(number)) == canonical(number)
    ordered = sorted(typed, key=place_of_number)
    assert [place_of_number(each) for each in ordered] == sorted(map(place_of_number, typed))
    keys = {ChapterKey(canonical(a), canonical(b)) for a in typed for b in typed if canonical(b)}
    found = chapter_names(keys)
    assert len(set(found.values())) == len(keys)
    assert all(SLUG.fullmatch(name) and len(name) <= 40 for name in found.values())
