"""The local engine: in-process and over processes, stopped, killed, and with failing items."""

from __future__ import annotations

import os
import signal
import threading
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest

from pipeline.core.engine import Batch, LocalEngine, answer
from pipeline.core.errors import BadItem, BrokenInvariant, DiskFull, Interrupted, WorkerDied
from pipeline.core.outcome import Dropped, Failed, Item, Outcome


def items(n: int) -> list[Item[int]]:
    return [Item(f"k{number:02d}", number) for number in range(n)]


def singly(n: int) -> list[Batch]:
    return [[item] for item in items(n)]


def drop(batch: Sequence[Item[Any]]) -> list[Outcome]:
    return [Dropped(item.key, "tiny", str(os.getpid())) for item in batch]


def dislike_three(batch: Sequence[Item[Any]]) -> list[Outcome]:
    if any(item.payload == 3 for item in batch):
        raise BadItem("three is bad")
    return drop(batch)


def kill_itself(batch: Sequence[Item[Any]]) -> list[Outcome]:
    if batch[0].payload == 2:
        os.kill(os.getpid(), signal.SIGKILL)
    return drop(batch)


def find_the_disk_full(batch: Sequence[Item[Any]]) -> list[Outcome]:
    raise DiskFull("no room")


def dawdle(batch: Sequence[Item[Any]]) -> list[Outcome]:
    time.sleep(0.05)
    return drop(batch)


def test_a_bad_item_fails_alone_and_the_rest_of_its_batch_goes_on() -> None:
    outcomes = answer(dislike_three, items(6))
    assert [type(outcome) for outcome in outcomes] == [Dropped] * 3 + [Failed] + [Dropped] * 2
    assert outcomes[3] == Failed("k03", "BadItem", "three is bad")


def test_a_reason_to_stop_stops() -> None:
    with pytest.raises(DiskFull):
        answer(find_the_disk_full, items(2))


def test_a_lost_item_is_our_bug() -> None:
    with pytest.raises(BrokenInvariant, match="k00"):
        answer(lambda batch: drop(batch)[1:], items(2))


def test_in_process_stops_at_the_next_batch() -> None:
    with LocalEngine(0) as engine:
        answers = engine.map(drop, singly(5), in_processes=True)
        assert next(answers)[0].key == "k00"
        engine.stop.set()
        with pytest.raises(Interrupted, match="run the same command again"):
            next(answers)


def test_worker_processes_answer_all_from_several_threads_that_end() -> None:
    """Each series has its thread; a worker must not end with the thread that started it."""
    found: list[Outcome] = []

    def work(engine: LocalEngine) -> None:
        for outcomes in engine.map(drop, singly(9), in_processes=True):
            found.extend(outcomes)

    with LocalEngine(2) as engine:
        for _ in range(2):
            thread = threading.Thread(target=work, args=(engine,))
            thread.start()
            thread.join()
            time.sleep(0.3)
        work(engine)
    assert sorted(outcome.key for outcome in found) == sorted([i.key for i in items(9)] * 3)
    workers = {int(outcome.detail) for outcome in found if isinstance(outcome, Dropped)}
    assert os.getpid() not in workers
    assert 1 <= len(workers) <= 2


def test_worker_processes_end_with_an_interruption_or_a_stop() -> None:
    with LocalEngine(1) as engine:
        answers = engine.map(dawdle, singly(50), in_processes=True)
        next(answers)
        engine.stop.set()
        with pytest.raises(Interrupted):
            list(answers)
        engine.stop.clear()
        with pytest.raises(DiskFull, match="no room"):
            list(engine.map(find_the_disk_full, singly(3), in_processes=True))
        assert len(list(engine.map(dislike_three, singly(5), in_processes=True))) == 5


def test_a_killed_worker_is_told_in_one_line() -> None:
    with (
        LocalEngine(1) as engine,
        pytest.raises(WorkerDied, match="run again with WORKERS=1") as caught,
    ):
        list(engine.map(kill_itself, singly(8), in_processes=True))
    assert caught.value.exit_code == 12


def note_and_dawdle(batch: Sequence[Item[Any]]) -> list[Outcome]:
    """Leaves a mark that the item was worked on."""
    Path(batch[0].payload).touch()
    return dawdle(batch)


def test_after_a_stop_every_item_that_was_worked_on_is_still_answered(tmp_path: Path) -> None:
    marks = [Item(f"k{n}", str(tmp_path / f"k{n}")) for n in range(9)]
    answered: list[str] = []
    with LocalEngine(1) as engine:
        answers = engine.map(note_and_dawdle, [[mark] for mark in marks], in_processes=True)
        answered.append(next(answers)[0].key)
        engine.stop.set()
        with pytest.raises(Interrupted):
            answered.extend(outcome.key for outcomes in answers for outcome in outcomes)
    assert sorted(answered) == sorted(path.name for path in tmp_path.iterdir())
    assert len(answered) < len(marks)
