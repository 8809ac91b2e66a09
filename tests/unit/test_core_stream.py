"""Stages that answer all open items in one call: any order, signs of life, stops and failures."""

from __future__ import annotations

import random
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import pytest

from pipeline.core.engine import LocalEngine
from pipeline.core.errors import Banned, BrokenInvariant, Interrupted
from pipeline.core.journal import Journal
from pipeline.core.outcome import Dropped, Failed, Item, Kept, Outcome
from pipeline.core.runner import run_stage
from pipeline.core.stage import Scope, Stage, Stream
from pipeline.core.tables import Table
from pipeline.core.workspace import Workspace
from schemas.receipts import Receipt
from schemas.record import Record


class Word(Record):
    """A row for these tests."""

    id: str


class NoParams(Record):
    """Nothing to choose."""


WORDS = Table("words", "spell", Word)
KEYS = tuple(f"ink/c0001/p{number:03d}" for number in range(1, 8))

Answers = Iterator[Outcome | None]


def kept(key: str) -> Kept:
    return Kept(key, {WORDS.name: [Word(id=key)]})


def items(keys: Sequence[str] = KEYS) -> list[Item[str]]:
    return [Item(key, key) for key in keys]


def never(_: Sequence[Item[Any]]) -> list[Outcome]:
    raise AssertionError("a stage that streams is not asked batch by batch")


def stage(stream: Stream) -> Stage:
    return Stage(
        name="spell",
        version=1,
        scope=Scope.one("ink"),
        params=NoParams(),
        reads=(),
        writes=(WORDS,),
        list_items=lambda _: items(),
        act=never,
        stream=stream,
    )


def in_disorder(asked: Sequence[Item[Any]]) -> Answers:
    """Every item once, in an order of its own, with signs of life between."""
    keys = [item.key for item in asked]
    random.Random(4).shuffle(keys)
    yield None
    for key in keys:
        yield None
        yield kept(key)
    yield None


def run(stream: Stream, root: Path, engine: LocalEngine | None = None) -> Receipt:
    return run_stage(stage(stream), Workspace(root), engine or LocalEngine(0)).receipt


def journalled(root: Path, stream: Stream = in_disorder) -> list[str]:
    path = Workspace(root).journal_path("spell", "ink", stage(stream).config)
    with Journal(path) as journal:
        return [item.key for item in items() if journal.find(item.key, item.digest)]


def test_answers_come_in_any_order_and_signs_of_life_are_no_answers(tmp_path: Path) -> None:
    with LocalEngine(0) as engine:
        found = [outcome.key for outcome in engine.stream(in_disorder, items())]
    assert sorted(found) == list(KEYS)
    assert found != list(KEYS)
    receipt = run(in_disorder, tmp_path)
    assert (receipt.items, receipt.kept, receipt.fresh) == (7, 7, 7)
    assert [row.id for row in Workspace(tmp_path).read(WORDS, ["ink"])] == list(KEYS)


def test_the_order_of_the_answers_leaves_no_trace(tmp_path: Path) -> None:
    run(in_disorder, tmp_path / "a")
    run(lambda asked: (kept(item.key) for item in asked), tmp_path / "b")
    one, two = (Workspace(tmp_path / name).table_path(WORDS, "ink") for name in "ab")
    assert one.read_bytes() == two.read_bytes()


class Watched:
    """Answers item after item, calls `at` before each, and remembers whether it was closed."""

    def __init__(self, at: dict[int, Any] | None = None) -> None:
        self.at = at or {}
        self.given: list[str] = []
        self.is_closed = False

    def __call__(self, asked: Sequence[Item[Any]]) -> Answers:
        try:
            for number, item in enumerate(asked):
                self.at.get(number, lambda: None)()
                self.given.append(item.key)
                yield kept(item.key)
        finally:
            self.is_closed = True


def test_stop_ends_it_after_the_answer_on_its_way_and_closes_the_generator(tmp_path: Path) -> None:
    with LocalEngine(0, grace_s=0) as engine:
        watched = Watched({2: engine.stop.set})
        with pytest.raises(Interrupted, match="run the same command again"):
            run(watched, tmp_path, engine)
        assert watched.is_closed
        assert watched.given == list(KEYS[:3])
    assert journalled(tmp_path) == list(KEYS[:3]), "what came is kept"
    assert Workspace(tmp_path).read_receipt("spell", "ink") is None

    rest = Watched()
    receipt = run(rest, tmp_path)
    assert rest.given == list(KEYS[3:]), "what came is not asked for again"
    assert (receipt.kept, receipt.fresh) == (7, 4)


def test_what_still_comes_after_a_stop_is_kept(tmp_path: Path) -> None:
    """Whoever answers has been told to begin nothing new, and ends by itself."""
    with LocalEngine(0, grace_s=60) as engine:
        watched = Watched({2: engine.stop.set})
        receipt = run(watched, tmp_path, engine)
    assert watched.given == list(KEYS)
    assert receipt.kept == len(KEYS)


def test_stop_is_seen_at_a_sign_of_life(tmp_path: Path) -> None:
    """A network may be silent for long: nobody waits for the next page."""
    with LocalEngine(0, grace_s=0.05) as engine:
        closed: list[bool] = []

        def silent(_: Sequence[Item[Any]]) -> Answers:
            try:
                engine.stop.set()
                while True:
                    yield None
            finally:
                closed.append(True)

        with pytest.raises(Interrupted):
            run(silent, tmp_path, engine)
    assert closed == [True]


def test_nothing_is_asked_for_after_a_stop() -> None:
    watched = Watched()
    with LocalEngine(0) as engine:
        engine.stop.set()
        with pytest.raises(Interrupted):
            list(engine.stream(watched, items()))
    assert watched.given == []


def test_who_stops_listening_ends_the_work() -> None:
    watched = Watched()
    with LocalEngine(0) as engine:
        answers = engine.stream(watched, items())
        assert next(answers).key == KEYS[0]
        answers.close()  # type: ignore[attr-defined]
    assert watched.is_closed
    assert watched.given == [KEYS[0]]


def test_a_reason_to_stop_passes_and_the_journal_keeps_what_came(tmp_path: Path) -> None:
    def ban() -> None:
        raise Banned("shut out until noon")

    watched = Watched({3: ban})
    with pytest.raises(Banned, match="until noon"):
        run(watched, tmp_path)
    assert watched.is_closed
    assert journalled(tmp_path) == list(KEYS[:3])


def test_any_iterator_will_do() -> None:
    with LocalEngine(0) as engine:
        found = list(engine.stream(lambda asked: iter([kept(i.key) for i in asked]), items()))
    assert [outcome.key for outcome in found] == list(KEYS)


def test_each_outcome_keeps_its_kind_and_only_failed_ones_are_asked_again(tmp_path: Path) -> None:
    asked: list[list[str]] = []

    def mixed(batch: Sequence[Item[Any]]) -> Answers:
        asked.append([item.key for item in batch])
        for item in batch:
            match int(item.key[-1]) % 3:
                case 0:
                    yield Failed(item.key, "unreachable", "nobody answers")
                case 1:
                    yield Dropped(item.key, "gone")
                case _:
                    yield kept(item.key)

    first = run(mixed, tmp_path)
    assert (first.kept, first.dropped, first.failed) == (2, {"gone": 3}, {"unreachable": 2})
    second = run(mixed, tmp_path)
    assert asked == [list(KEYS), [KEYS[2], KEYS[5]]]
    assert (second.items, second.fresh) == (7, 2)


def test_a_stage_without_open_items_is_not_called(tmp_path: Path) -> None:
    run(in_disorder, tmp_path)
    Workspace(tmp_path).receipt_path("spell", "ink").unlink()
    watched = Watched()
    assert run(watched, tmp_path).fresh == 0
    assert not watched.is_closed
    assert watched.given == []


def losing(asked: Sequence[Item[Any]]) -> Answers:
    return (kept(item.key) for item in asked[1:])


def inventing(asked: Sequence[Item[Any]]) -> Answers:
    yield from (kept(item.key) for item in asked)
    yield kept("nobody/asked/for-this")


@pytest.mark.parametrize(
    ("faulty", "told"), [(losing, "1 items without an outcome"), (inventing, "nobody asked")]
)
def test_a_faulty_stream_commits_nothing(faulty: Stream, told: str, tmp_path: Path) -> None:
    with pytest.raises(BrokenInvariant, match=told):
        run(faulty, tmp_path)
    assert Workspace(tmp_path).read_receipt("spell", "ink") is None
    assert Workspace(tmp_path).read(WORDS, ["ink"]) == []


class Unwritable:
    """Progress that finds the disk full in the middle."""

    def started(self, stage: str, scope: str, items: int, already_done: int) -> None:
        self.left = 2

    def advanced(self, stage: str, scope: str, outcome: Outcome) -> None:
        self.left -= 1
        if not self.left:
            raise Banned("told by the listener")

    def finished(self, receipt: Receipt, *, was_done: bool) -> None:
        return


def test_an_error_of_ours_closes_the_generator_at_once(tmp_path: Path) -> None:
    """The work behind it must not go on while the error is on its way to the operator."""
    watched = Watched()
    with pytest.raises(Banned) as caught:
        run_stage(stage(watched), Workspace(tmp_path), LocalEngine(0), Unwritable())
    assert caught.value.__traceback__ is not None, "its frames are alive still"
    assert watched.is_closed
