"""Chapters that changed or went away after they were planned: planned anew, with the reason."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from pipeline.core.workspace import Workspace
from pipeline.ports.frozen_plans import read_frozen_plan
from pipeline.stages.tables import CREDITS, PAGES, PLAN
from schemas.mangadex import FrozenPlan
from tests.support.mangadex.corpus import INK, REED, Chapter, Corpus, Series, uid
from tests.support.mangadex.faults import Fault
from tests.support.mangadex.rules import unlimited
from tests.support.mangadex.server import Emulator, emulator_thread
from tests.support.mangadex.shapes import pages
from tests.support.net import Desk, Listed, own_lines


def chapter(number: int, n_pages: int, group: str = "ink") -> Chapter:
    key = f"{number}/{group}"
    groups = {"ink": (INK,), "reed": (REED,)}[group]
    return Chapter(
        uid("chapter", key), number=str(number), pictures=pages(n_pages, key), groups=groups
    )


FIRST, SECOND, OTHER = chapter(1, 4), chapter(2, 6), chapter(2, 6, "reed")
SERIES = Series(uid("series", "changing"), "Changing", (FIRST, SECOND, OTHER))


@pytest.fixture(scope="module")
def shared() -> Iterator[Emulator]:
    with emulator_thread(Corpus((SERIES,)), rules=unlimited()) as emulator:
        yield emulator


@pytest.fixture
def emulator(shared: Emulator) -> Emulator:
    shared.reset()
    return shared


@pytest.fixture
def desk(emulator: Emulator, tmp_path: Path) -> Desk:
    """Planned by the group with the most chapters, nothing fetched yet."""
    desk = Desk(tmp_path, emulator.api_url).prepare(Listed("ink", SERIES.id, cap=5))
    assert desk.plan().code == 0
    assert [each.upload.id for each in frozen(desk).chapters] == [FIRST.id, SECOND.id]
    return desk


def frozen(desk: Desk) -> FrozenPlan:
    found = read_frozen_plan(Workspace(desk.work).frozen_plan_path("ink"))
    assert found is not None
    return found


def in_store(desk: Desk) -> list[str]:
    return [page.sha256 for page in Workspace(desk.work).read(PAGES, ["ink"])]


def shas(of: Chapter) -> list[str]:
    return [picture.sha256 for picture in of.pictures]


def test_another_upload_steps_in_for_one_that_is_gone(desk: Desk, emulator: Emulator) -> None:
    """E6, E8: the recorded alternate, whole; its group gets the credit."""
    emulator.world.remove(SECOND.id)
    said = desk.fetch()
    assert said.code == 0, said.err
    assert in_store(desk) == shas(FIRST) + shas(OTHER)
    amended = frozen(desk).chapters[1]
    assert (amended.upload.id, amended.chapter) == (OTHER.id, "c0002")
    assert f"upload {SECOND.id} is gone: {OTHER.id} instead" in amended.amended
    credits = Workspace(desk.work).read(CREDITS, ["ink"])
    assert [row.groups for row in credits] == [("Ink Circle",), ("Reed Scans",)]
    assert [row.id for row in Workspace(desk.work).read(PLAN, ["ink"])][4:6] == [
        "ink/c0002/p001",
        "ink/c0002/p002",
    ]


def test_a_chapter_with_other_pages_is_taken_as_it_is_now(desk: Desk, emulator: Emulator) -> None:
    """E25: re-verified, and the plan says why it is no longer as it was."""
    now = replace(SECOND, version=2, pictures=pages(5, "second edition"))
    emulator.world.replace(now)
    said = desk.fetch()
    assert said.code == 0, said.err
    assert in_store(desk) == shas(FIRST) + shas(now)
    amended = frozen(desk).chapters[1]
    assert (amended.upload.id, amended.take) == (SECOND.id, 5)
    assert "pages 6 -> 5, version 1 -> 2" in amended.amended


def test_a_chapter_that_the_listing_miscounts_is_planned_anew_once(
    desk: Desk, emulator: Emulator
) -> None:
    """E25: the listing says 4 and the leases give 3, run after run; one page cannot be had."""
    emulator.faults.add(Fault("fewer_pages", chapter=FIRST.id, times=None))
    emulator.faults.add(Fault("not_found", chapter=FIRST.id, page=2, times=None))
    digests, takes = [], []
    for _ in range(5):
        assert desk.fetch().code == 14
        digests.append(frozen(desk).sha256)
        takes.append(frozen(desk).chapters[0].take)
    assert takes[1:] == [3] * 4
    assert len(set(digests[1:])) == 1
    assert in_store(desk) == [shas(FIRST)[0], shas(FIRST)[2], *shas(SECOND)]


def test_a_chapter_that_is_gone_for_good_is_partial_and_left_alone_for_a_day(
    desk: Desk, emulator: Emulator
) -> None:
    """E6: counted by its reason; the other chapter is here, and indices are as planned."""
    emulator.world.remove(FIRST.id)
    said = desk.fetch()
    assert said.code == 14
    assert said.out.endswith("status: partial\n")
    assert "4 of 10 planned pages are missing (4 gone)" in own_lines(said)[-1]
    assert in_store(desk) == shas(SECOND)
    places = [page.order for page in Workspace(desk.work).read(PAGES, ["ink"])]
    assert places == [*range(10_000, 10_006)]
    leases = emulator.stats.requests["at-home"]
    assert desk.fetch().code == 14
    assert emulator.stats.requests["at-home"] == leases


def test_what_is_here_stays_when_the_source_forgets_it(desk: Desk, emulator: Emulator) -> None:
    assert desk.fetch().code == 0
    emulator.world.remove(SERIES.id)
    emulator.stats.requests.clear()
    said = desk.fetch()
    assert said.code == 0, said.err
    assert not emulator.stats.requests, "a plan is asked about again on request only"
    assert len(in_store(desk)) == 10
