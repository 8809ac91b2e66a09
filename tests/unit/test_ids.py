"""Ids name their parents, sort, and go through a shard key and back."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from schemas.ids import (
    character_id,
    dialog_id,
    from_shard_key,
    identity_id,
    kind_of,
    page_id,
    page_image_id,
    page_image_of,
    panel_id,
    series_of,
    shard_key,
)

words = st.from_regex(r"[a-z0-9]{1,8}(-[a-z0-9]{1,8}){0,2}", fullmatch=True)
numbers = st.integers(1, 2500)


@given(words, words, numbers, st.integers(0, 150), st.booleans())
def test_round_trip(slug: str, chapter: str, number: int, part: int, is_double: bool) -> None:
    page = page_id(slug, chapter, number)
    assert kind_of(page) == "page"
    image = page_image_id(page, page_id(slug, chapter, number + 1)) if is_double else page
    assert kind_of(image) == ("page_image" if is_double else "page")
    assert from_shard_key(shard_key(image)) == image
    for name, kind in ((panel_id, "panel"), (character_id, "character"), (dialog_id, "dialog")):
        each = name(image, part)
        assert kind_of(each) == kind
        assert page_image_of(each) == image
        assert series_of(each) == slug
    assert kind_of(identity_id(slug, part)) == "identity"


def test_ids_as_they_are_written() -> None:
    page = page_id("haruko", "c0001", 3)
    image = page_image_id(page, page_id("haruko", "c0001", 4))
    assert page == "haruko/c0001/p003"
    assert image == "haruko/c0001/p003-004"
    assert panel_id(image, 2) == "haruko/c0001/p003-004/panel02"
    assert identity_id("haruko", 7) == "haruko/who0007"
    assert shard_key(image) == "haruko_c0001_p003-004"
    assert page_image_id(page_id("a", "b", 999), page_id("a", "b", 1000)) == "a/b/p999-1000"


@pytest.mark.parametrize(
    "text",
    ["", "haruko", "Haruko/c0001/p003", "a/b/p03", "a/b/p003/panel", "a//p003", "a/b/p003\n"],
)
def test_what_is_no_id_is_unknown(text: str) -> None:
    assert kind_of(text) == "unknown"
