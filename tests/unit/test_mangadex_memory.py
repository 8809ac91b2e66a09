"""The log of a download: a line a change (E35), and what is read back of it (E6, E25)."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from pipeline.core.errors import DiskFull, NotWritable
from pipeline.ports.mangadex.log_lines import Event
from pipeline.ports.mangadex.memory import GONE_FOR_S, ChapterMemory, SeenHash
from tests.support.virtual_time import loop_wall, run_virtual

NODE = "https://n1.mangadex.network:443"


@pytest.fixture
def log(tmp_path: Path) -> Path:
    return tmp_path / "log" / "haruko.jsonl"


def written(log: Path, write: Callable[[ChapterMemory], None], wall: float = 1e9) -> None:
    """A run that writes into the log and ends well."""

    async def run() -> None:
        memory = opened(log, wall)
        write(memory)
        memory.flush()

    run_virtual(run())


def opened(log: Path, wall: float = 1e9) -> ChapterMemory:
    memory = ChapterMemory(log, lambda: wall)
    memory.open()
    return memory


def lines(log: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in log.read_text().splitlines()]


def test_e6_a_gone_chapter_is_remembered_for_a_day(log: Path) -> None:
    written(log, lambda memory: memory.remember_gone("c1"))
    assert opened(log, 1e9 + GONE_FOR_S - 1).is_gone("c1")
    assert not opened(log, 1e9 + GONE_FOR_S + 1).is_gone("c1")
    assert not opened(log, 1e9 + 1).is_gone("c2")
    assert not opened(log, 1e9 - 3600).is_gone("c1"), "a clock that was set back since"


def test_e6_a_chapter_that_came_back_is_gone_no_longer(log: Path) -> None:
    written(log, lambda memory: memory.remember_gone("c1"))
    written(log, lambda memory: memory.remember_lease("c1", SeenHash("h", "s"), NODE, 3))
    assert not opened(log).is_gone("c1")


def test_e25_the_last_hash_counts(log: Path) -> None:
    written(log, lambda memory: memory.remember_lease("c1", SeenHash("h1", "s1"), NODE, 3))
    written(log, lambda memory: memory.remember_lease("c1", SeenHash("h2", "s2"), NODE, 3))
    assert opened(log).hash_of("c1") == SeenHash("h2", "s2")
    assert opened(log).hash_of("c2") is None


def test_e35_a_line_says_when_and_what(log: Path) -> None:
    written(
        log,
        lambda memory: memory.note(
            Event.FAILED, page="haruko/c0001/p003", reason="mismatch", node=NODE
        ),
    )
    assert lines(log) == [
        {
            "time": "2001-09-09T01:46:40.000+00:00",
            "event": "failed",
            "page": "haruko/c0001/p003",
            "reason": "mismatch",
            "node": NODE,
        }
    ]


def test_e35_a_line_is_on_disk_within_a_second(log: Path) -> None:
    async def run() -> tuple[bool, bool]:
        memory = ChapterMemory(log, loop_wall())
        memory.open()
        memory.note(Event.ADOPTED, page="p")
        before = bool(lines(log))
        await asyncio.sleep(1.01)
        return before, bool(lines(log))

    assert run_virtual(run()) == (False, True)


def test_cut_and_foreign_lines_are_passed_over(log: Path) -> None:
    written(log, lambda memory: memory.remember_gone("c1"))
    whole = log.read_bytes()
    foreign = b'"gone"\n["gone"]\n{"event":"gone"}\n{"event":"gone","chapter":"c9"}\n\xff"gone"\n'
    log.write_bytes(foreign + whole + whole[:40])
    memory = opened(log)
    assert memory.is_gone("c1")
    assert not memory.is_gone("c9"), "without a time it was gone long ago"


def test_a_line_after_a_cut_one_is_whole(log: Path) -> None:
    written(log, lambda memory: memory.remember_gone("c1"))
    log.write_bytes(log.read_bytes()[:-10])
    written(log, lambda memory: memory.remember_gone("c2"))
    assert opened(log).is_gone("c2")
    assert not opened(log).is_gone("c1")


def test_a_log_that_cannot_be_written_is_told_at_once(log: Path) -> None:
    log.mkdir(parents=True)
    with pytest.raises(NotWritable):
        opened(log)


def test_lines_wait_where_there_is_no_room(log: Path) -> None:
    """Nothing raises in passing; the end does."""

    async def run() -> None:
        memory = ChapterMemory(Path("/dev/full"), lambda: 1e9)
        memory.note(Event.ADOPTED, page="p")
        await asyncio.sleep(2)
        with pytest.raises(DiskFull):
            memory.flush()

    run_virtual(run())
