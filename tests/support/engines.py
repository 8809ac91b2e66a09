"""Engines that stop, shuffle or kill: the seams through which the laws are tried."""

from __future__ import annotations

import os
import random
import signal
from collections.abc import Generator, Iterable, Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass, field, replace
from typing import Any

from pipeline.core.engine import Batch, answer
from pipeline.core.errors import Interrupted
from pipeline.core.outcome import Item, Outcome
from pipeline.core.stage import Act, Inputs, Stage, Stream
from schemas.receipts import Receipt


@dataclass
class CountingEngine:
    """In-process; remembers the keys that it was asked for."""

    asked: list[str] = field(default_factory=list)

    def map(
        self, act: Act, batches: Iterable[Batch], *, in_processes: bool
    ) -> Iterator[list[Outcome]]:
        for batch in batches:
            self.asked += [item.key for item in batch]
            yield answer(act, batch)

    def stream(self, stream: Stream, items: Batch) -> Iterator[Outcome]:
        self.asked += [item.key for item in items]
        return (outcome for outcome in stream(items) if outcome is not None)


@dataclass
class StoppingEngine:
    """Answers `left` items over all stages, then is interrupted."""

    left: int

    def map(
        self, act: Act, batches: Iterable[Batch], *, in_processes: bool
    ) -> Iterator[list[Outcome]]:
        for batch in batches:
            for item in batch:
                if not self.left:
                    raise Interrupted("stopped by the test")
                self.left -= 1
                yield answer(act, [item])

    def stream(self, stream: Stream, items: Batch) -> Iterator[Outcome]:
        with closing(_answers(stream, items)) as answers:
            for outcome in answers:
                if not self.left:
                    raise Interrupted("stopped by the test")
                self.left -= 1
                yield outcome


def _answers(stream: Stream, items: Batch) -> Generator[Outcome]:
    yield from (outcome for outcome in stream(items) if outcome is not None)


@dataclass
class ShufflingEngine:
    """Answers all batches, then gives the outcomes in an order of its own."""

    seed: int

    def map(
        self, act: Act, batches: Iterable[Batch], *, in_processes: bool
    ) -> Iterator[list[Outcome]]:
        waiting = list(batches)
        dice = random.Random(self.seed)
        dice.shuffle(waiting)
        answers = [outcome for batch in waiting for outcome in answer(act, batch)]
        dice.shuffle(answers)
        return iter([answers[:3], answers[3:]])

    def stream(self, stream: Stream, items: Batch) -> Iterator[Outcome]:
        answers = [outcome for outcome in stream(items) if outcome is not None]
        random.Random(self.seed).shuffle(answers)
        return iter(answers)


@dataclass
class KillingProgress:
    """Kills its own process, with SIGKILL, when a stage has given so many outcomes."""

    stage: str
    after: int

    def started(self, stage: str, scope: str, items: int, already_done: int) -> None:
        self.left = self.after

    def advanced(self, stage: str, scope: str, outcome: Outcome) -> None:
        if stage == self.stage:
            self.left -= 1
            if not self.left:
                os.kill(os.getpid(), signal.SIGKILL)

    def finished(self, receipt: Receipt, *, was_done: bool) -> None:
        return


def listed_in_disorder(stage: Stage, seed: int) -> Stage:
    """The stage with its items listed in another order."""

    def list_items(inputs: Inputs) -> Sequence[Item[Any]]:
        items = list(stage.list_items(inputs))
        random.Random(seed).shuffle(items)
        return items

    return replace(stage, list_items=list_items)
