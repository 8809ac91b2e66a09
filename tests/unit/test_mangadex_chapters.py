"""Chapters that are gone (E6), changed (E25), empty (E7) or taken down, and an API in trouble."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from pathlib import Path

import pytest

from pipeline.core.errors import StopRun
from pipeline.ports.mangadex.misses import MissReason
from pipeline.ports.mangadex.work import ChapterWork
from tests.support.downloads import Collected, Rig, chapter_work, rigged
from tests.support.mangadex import Fault, regular
from tests.support.mangadex.at_home import replaced
from tests.support.virtual_time import run_virtual

CORPUS = regular(1, 3, 4)
FIRST, SECOND, THIRD = CORPUS.chapters
ALL = [chapter_work(chapter, at) for at, chapter in enumerate(CORPUS.chapters)]


def in_rig(folder: Path, act: Callable[[Rig], Awaitable[None]], *faults: Fault) -> Rig:
    async def run() -> Rig:
        async with rigged(CORPUS, folder, faults=faults) as rig:
            await act(rig)
            return rig

    return run_virtual(run())


def reasons(answers: Collected) -> dict[str, set[str]]:
    """Chapter -> reasons of its missing pages."""
    found: dict[str, set[str]] = {}
    for page, missing in answers.missing.items():
        found.setdefault(page.split("/")[1], set()).add(missing.reason)
    return found


@pytest.mark.parametrize("kind", ["at_home_404", "at_home_410", "chapter_gone"])
def test_e6_a_chapter_that_is_gone_is_not_asked_for_again(kind: str, tmp_path: Path) -> None:
    async def twice(rig: Rig) -> None:
        for _ in range(2):
            answers = await rig.bring(ALL)
            assert reasons(answers) == {"c0002": {MissReason.GONE}}
            assert len(answers.missing) == 4
            assert len(answers.rows) == 8
        assert not any(missing.is_final for missing in answers.missing.values())

    rig = in_rig(tmp_path, twice, Fault(kind, chapter=SECOND.id))
    assert rig.emulator.stats.requests["at-home"] == 5


def test_e7_an_empty_listing_is_no_finished_chapter(tmp_path: Path) -> None:
    async def act(rig: Rig) -> None:
        answers = await rig.bring(ALL)
        assert reasons(answers) == {"c0002": {MissReason.EMPTY_CHAPTER}}
        assert len(answers.rows) == 8

    in_rig(tmp_path, act, Fault("empty_listing", chapter=SECOND.id))


@pytest.mark.parametrize("kind", ["fewer_pages", "more_pages"])
def test_e25_another_page_count_is_not_downloaded(kind: str, tmp_path: Path) -> None:
    async def act(rig: Rig) -> None:
        answers = await rig.bring([ALL[0]])
        assert reasons(answers) == {"c0001": {MissReason.CHAPTER_CHANGED}}
        assert "planned were 4" in answers.missing["haruko/c0001/p001"].detail

    rig = in_rig(tmp_path, act, Fault(kind))
    assert rig.emulator.stats.requests["image"] == 0


def test_e25_other_files_wait_for_another_plan(tmp_path: Path) -> None:
    """After the first lease the files change: nothing comes until the chapter is planned anew."""

    async def act(rig: Rig) -> None:
        first, rest = _halves(ALL[0])
        assert len((await rig.bring([first])).rows) == 2
        rig.emulator.world.replace(replaced(FIRST))
        for _ in range(2):
            answers = await rig.bring([rest])
            assert reasons(answers) == {"c0001": {MissReason.CHAPTER_CHANGED}}
            assert "other files" in answers.missing["haruko/c0001/p003"].detail
        answers = await rig.bring([chapter_work(FIRST, stamp="planned anew")])
        assert len(answers.rows) == 4
        assert not answers.missing

    in_rig(tmp_path, act)


def test_e25_a_new_plan_of_the_same_files_is_no_change(tmp_path: Path) -> None:
    async def act(rig: Rig) -> None:
        first, _ = _halves(ALL[0])
        await rig.bring([first])
        answers = await rig.bring([chapter_work(FIRST, stamp="planned anew")])
        assert len(answers.rows) == 4

    rig = in_rig(tmp_path, act)
    assert rig.emulator.stats.requests["image"] == 4, "what was there is adopted"


def test_e25_files_that_change_between_two_leases_end_the_chapter(tmp_path: Path) -> None:
    """Page 1 has come when page 3 makes for a second lease, which names other files."""

    async def act(rig: Rig) -> None:
        answers = await rig.bring([ALL[0]])
        found = {page[-3:] for page in answers.missing}
        assert "003" in found
        assert reasons(answers) == {"c0001": {MissReason.CHAPTER_CHANGED}}
        assert len(answers.by_page) == 4

    in_rig(
        tmp_path,
        act,
        Fault("not_found", page=3, times=None),
        Fault("chapter_replaced", nth=2),
    )


def test_a_chapter_that_was_taken_down_is_not_asked_for(tmp_path: Path) -> None:
    async def act(rig: Rig) -> None:
        answers = await rig.bring([chapter_work(FIRST, is_taken_down=True), ALL[1]])
        assert reasons(answers) == {"c0001": {MissReason.TAKEN_DOWN}}
        assert all(missing.is_final for missing in answers.missing.values())
        assert len(answers.rows) == 4

    rig = in_rig(tmp_path, act)
    assert rig.emulator.stats.requests["at-home"] == 1


def test_one_lease_that_the_api_cannot_give_costs_one_chapter(tmp_path: Path) -> None:
    async def act(rig: Rig) -> None:
        answers = await rig.bring(ALL)
        assert reasons(answers) == {"c0002": {MissReason.API_TROUBLE}}
        assert len(answers.rows) == 8

    in_rig(tmp_path, act, Fault("api_500", chapter=SECOND.id, times=None))


def test_a_captcha_stops_everything_at_once(tmp_path: Path) -> None:
    async def act(rig: Rig) -> None:
        answers = Collected()
        with pytest.raises(StopRun, match="captcha"):
            await rig.bring(ALL, answers)
        assert not answers.missing
        before = rig.emulator.stats.requests["at-home"]
        with pytest.raises(StopRun, match="captcha"):
            await rig.bring(ALL, Collected())
        assert rig.emulator.stats.requests["at-home"] == before

    in_rig(tmp_path, act, Fault("captcha", route="at-home", times=None))


def _halves(work: ChapterWork) -> Sequence[ChapterWork]:
    return [
        ChapterWork(work.upload, work.n_pages, work.pages[:2]),
        ChapterWork(work.upload, work.n_pages, work.pages[2:]),
    ]
