"""Which chapters are held back, and why: tombstones of each kind, and uploads that are gone."""

from __future__ import annotations

import pytest

from pipeline.manga.chapters import Choice, Chosen
from pipeline.manga.page_plan import frozen_plan
from pipeline.manga.rights import Withheld, withheld_chapters
from pipeline.manga.screening import DropReason
from schemas.mangadex import FrozenPlan, Group, Tombstones
from tests.support.small_plans import MANGA, NOW, A, terms, upload, uuid

B = Group(id=uuid(0xB), name="Group B")
OTHER = uuid(0xEEEE)


def plan() -> FrozenPlan:
    """c0001 by A, c0002 by A and B with an alternate, c0003 by nobody who is named."""
    chosen = (
        Chosen("c0001", upload(1, 4), ()),
        Chosen("c0002", upload(2, 4, groups=(A, B)), (upload(22, 4, groups=(B,)),)),
        Chosen("c0003", upload(3, 4, groups=()), ()),
    )
    return frozen_plan("ink", "Ink", terms(99), Choice(chosen, ()), NOW)


TAKEN_DOWN, GONE = Withheld.TAKEN_DOWN, Withheld.GONE
ALL = {"c0001": TAKEN_DOWN, "c0002": TAKEN_DOWN, "c0003": TAKEN_DOWN}


@pytest.mark.parametrize(
    ("tombstones", "expected"),
    [
        ({}, {}),
        ({"manga": [MANGA]}, ALL),
        ({"manga": [OTHER]}, {}),
        ({"chapter": [uuid(2)]}, {"c0002": TAKEN_DOWN}),
        ({"chapter": [uuid(1), uuid(3)]}, {"c0001": TAKEN_DOWN, "c0003": TAKEN_DOWN}),
        ({"chapter": [uuid(22)]}, {}),
        ({"group": [A.id]}, {"c0001": TAKEN_DOWN, "c0002": TAKEN_DOWN}),
        ({"group": [B.id]}, {"c0002": TAKEN_DOWN}),
        ({"group": [uuid(2)], "manga": [uuid(2)]}, {}),
        ({"manga": [MANGA], "chapter": [uuid(1)], "group": [B.id]}, ALL),
    ],
)
def test_a_tombstone_names_a_series_an_upload_or_a_group(
    tombstones: dict[str, list[str]], expected: dict[str, Withheld]
) -> None:
    assert withheld_chapters(plan(), Tombstones.model_validate(tombstones), ()) == expected


def test_an_upload_that_its_source_deleted_is_held_back() -> None:
    """E6: removed from what is exported."""
    assert withheld_chapters(plan(), Tombstones(), {uuid(3), OTHER}) == {"c0003": GONE}


def test_an_alternate_that_is_gone_holds_nothing_back() -> None:
    assert withheld_chapters(plan(), Tombstones(), {uuid(22)}) == {}


def test_what_was_asked_for_comes_before_what_merely_happened() -> None:
    tombstones = Tombstones(chapter=(uuid(3),))
    assert withheld_chapters(plan(), tombstones, {uuid(3), uuid(1)}) == {
        "c0001": GONE,
        "c0003": TAKEN_DOWN,
    }


def test_the_screen_knows_every_reason_by_the_same_name() -> None:
    assert {each.value for each in Withheld} <= {each.value for each in DropReason}
