"""Stopped by hand (E34): pages in flight finish, nothing comes twice (E20); whose turn it is."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from pipeline.ports.mangadex.nodes import Node, Nodes
from pipeline.ports.mangadex.work import ChapterWork
from schemas.profile import MangaDexParams
from tests.support.downloads import Collected, Rig, chapter_work, rigged
from tests.support.mangadex import Fault, Rules, regular, unlimited
from tests.support.virtual_time import run_virtual

CORPUS = regular(1, 12, 6)


def work() -> list[ChapterWork]:
    return [chapter_work(chapter, at) for at, chapter in enumerate(CORPUS.chapters)]


async def stopped(rig: Rig, after_s: float) -> tuple[Collected, float]:
    """The answers until a stop, and how long the stop took."""
    clock = asyncio.get_running_loop().time
    answers = Collected()
    task = asyncio.create_task(rig.bring(work(), answers))
    await asyncio.sleep(after_s)
    began = clock()
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    return answers, clock() - began


@pytest.mark.parametrize("after_s", [0.0, 0.4, 1.5, 2.0, 3.3])
def test_e20_what_a_stop_leaves_is_adopted(after_s: float, tmp_path: Path) -> None:
    """Rows that a stop has lost are made again from the bytes: no page is sent twice."""

    async def run() -> None:
        rules = unlimited(image_latency_s=1.0, api_latency_s=0.3)
        async with rigged(CORPUS, tmp_path, rules=rules) as rig:
            _, seconds = await stopped(rig, after_s)
            assert seconds <= 1.01
            answers = await rig.bring(work())
            assert len(answers.rows) == 72
            assert rig.emulator.stats.duplicate_pages == 0
            assert rig.emulator.stats.good_pages.total() == 72

    run_virtual(run())


def test_e34_pages_in_flight_reach_the_shelf_and_nothing_else_begins(tmp_path: Path) -> None:
    async def run() -> None:
        rules = unlimited(image_latency_s=3.0)
        async with rigged(CORPUS, tmp_path, rules=rules, pages_in_flight=5) as rig:
            _, seconds = await stopped(rig, 1.0)
            assert seconds == pytest.approx(2.0, abs=0.1)
            assert rig.emulator.stats.requests["image"] == 5
            assert len(rig.shelf.blobs) == 5
            leased = rig.emulator.stats.requests["at-home"]
            await asyncio.sleep(60)
            assert rig.emulator.stats.requests["image"] == 5
            assert rig.emulator.stats.requests["at-home"] == leased

    run_virtual(run())


def test_e34_a_page_that_hangs_is_left_after_ten_seconds(tmp_path: Path) -> None:
    async def run() -> None:
        async with rigged(CORPUS, tmp_path, faults=[Fault("stall", times=None)]) as rig:
            _, seconds = await stopped(rig, 1.0)
            assert seconds == pytest.approx(10.0, abs=0.1)
            assert not rig.shelf.blobs

    run_virtual(run())


def test_e34_waiting_for_a_lease_ends_at_once(tmp_path: Path) -> None:
    """The lease lane may be shut for minutes: a stop does not wait for it."""

    async def run() -> None:
        rules = Rules(api_per_second=None, at_home_per_minute=1, ban_after=None)
        async with rigged(CORPUS, tmp_path, rules=rules) as rig:
            answers, seconds = await stopped(rig, 5.0)
            assert seconds == 0
            assert len(answers.rows) == 6

    run_virtual(run())


def test_a_stop_gives_the_slots_back(tmp_path: Path) -> None:
    """Stopped again and again, the session can still bring everything."""

    async def run() -> None:
        rules = unlimited(image_latency_s=0.5, api_latency_s=0.1)
        async with rigged(CORPUS, tmp_path, rules=rules) as rig:
            for n in range(8):
                await stopped(rig, 0.05 * n)
            answers = await rig.bring(work())
            assert len(answers.rows) == 72

    run_virtual(run())


def test_the_log_is_on_disk_when_a_stop_is_over(tmp_path: Path) -> None:
    async def run() -> None:
        async with rigged(CORPUS, tmp_path, rules=unlimited(image_latency_s=0.2)) as rig:
            await stopped(rig, 0.5)
            text = rig.log.read_text()
            assert text.count('"verified"') == len(rig.shelf.blobs)

    run_virtual(run())


def test_e34_a_page_that_fails_after_a_stop_is_not_asked_for_again(tmp_path: Path) -> None:
    async def run() -> None:
        rules = unlimited(image_latency_s=3.0)
        faults = [Fault("not_found", times=None)]
        async with rigged(CORPUS, tmp_path, rules=rules, faults=faults, pages_in_flight=5) as rig:
            task = asyncio.create_task(rig.bring(work()))
            await asyncio.sleep(1.0)
            leased = rig.emulator.stats.requests["at-home"]
            task.cancel()
            await asyncio.wait([task])
            assert rig.emulator.stats.requests["image"] == 5
            assert rig.emulator.stats.requests["at-home"] == leased

    run_virtual(run())


def test_a_page_that_is_being_stored_keeps_no_other_from_its_node() -> None:
    async def run() -> None:
        nodes = Nodes(MangaDexParams(pages_in_flight=2, pages_per_node=1))
        node = nodes.of("https://n1.mangadex.network/token")
        assert node is nodes.of("https://n1.mangadex.network:443/other")
        async with nodes.turn(node) as first:
            first.leave_node()
            async with nodes.turn(node):
                third = asyncio.create_task(_turn(nodes, node))
                await asyncio.sleep(1)
                assert not third.done(), "two are in flight already"
        await third
        await asyncio.gather(*(_turn(nodes, node) for _ in range(5)))

    run_virtual(run())


def test_a_node_that_asks_for_patience_takes_no_slot_meanwhile() -> None:
    async def run() -> None:
        nodes = Nodes(MangaDexParams(pages_in_flight=1))
        closed, other = (nodes.of(f"https://n{n}.mangadex.network") for n in (1, 2))
        closed.stay_away(60)
        closed.stay_away(5)
        clock = asyncio.get_running_loop().time
        began = clock()
        waiting = asyncio.create_task(_turn(nodes, closed))
        await asyncio.sleep(0)
        await _turn(nodes, other)
        assert clock() == began
        await waiting
        assert clock() - began == pytest.approx(60)

    run_virtual(run())


async def _turn(nodes: Nodes, node: Node) -> None:
    async with nodes.turn(node):
        pass
