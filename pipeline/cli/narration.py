"""How a run looks while it works: live bars on a terminal, plain lines elsewhere."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Final

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, TaskID, TextColumn, TimeElapsedColumn
from rich.progress import Progress as Bars

from pipeline.core.outcome import Outcome
from pipeline.core.progress import Progress
from schemas.receipts import DATASET_SCOPE, Receipt

_EVERY_S: Final = 10.0
"""How often a stage at work writes a plain line."""


@contextmanager
def narrated(console: Console) -> Iterator[Progress]:
    """A listener for the block: bars that update in place, or lines where nobody watches."""
    if not console.is_terminal:
        yield PlainLines(lambda line: console.print(line, markup=False, highlight=False))
        return
    columns = (
        TextColumn("{task.fields[stage]:<9}{task.fields[scope]:<20}"),
        BarColumn(bar_width=28),
        MofNCompleteColumn(),
        TimeElapsedColumn(),
        TextColumn("{task.fields[note]}"),
    )
    with Bars(*columns, console=console) as bars:
        yield LiveBars(bars)


class LiveBars:
    """One bar a stage and scope, gone when the stage is finished."""

    def __init__(self, bars: Bars) -> None:
        self._bars = bars
        self._tasks: dict[tuple[str, str], TaskID] = {}

    def started(self, stage: str, scope: str, items: int, already_done: int) -> None:
        self._tasks[stage, scope] = self._bars.add_task(
            "",
            total=items,
            completed=already_done,
            stage=stage,
            scope=spoken(scope),
            note=f"{already_done} done before" if already_done else "",
        )

    def advanced(self, stage: str, scope: str, outcome: Outcome) -> None:
        self._bars.advance(self._tasks[stage, scope])

    def finished(self, receipt: Receipt, *, was_done: bool) -> None:
        task = self._tasks.pop((receipt.stage, receipt.scope), None)
        if task is not None:
            self._bars.remove_task(task)
            self._bars.console.print(finished_line(receipt), markup=False, highlight=False)


class PlainLines:
    """A line when a stage ends, and one every ten seconds while it works."""

    def __init__(
        self, write: Callable[[str], None], clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._write = write
        self._clock = clock
        self._guard = threading.Lock()
        self._counts: dict[tuple[str, str], list[int]] = {}
        self._spoke: dict[tuple[str, str], float] = {}

    def started(self, stage: str, scope: str, items: int, already_done: int) -> None:
        with self._guard:
            self._counts[stage, scope] = [already_done, items]
            self._spoke[stage, scope] = self._clock()

    def advanced(self, stage: str, scope: str, outcome: Outcome) -> None:
        with self._guard:
            count = self._counts[stage, scope]
            count[0] += 1
            if self._clock() - self._spoke[stage, scope] >= _EVERY_S:
                self._spoke[stage, scope] = self._clock()
                self._write(f"{stage:<9}{spoken(scope):<20}{count[0]} of {count[1]} ...")

    def finished(self, receipt: Receipt, *, was_done: bool) -> None:
        if not was_done:
            self._write(finished_line(receipt))


def finished_line(receipt: Receipt) -> str:
    """One line on a stage that has just ended."""
    lost = {**receipt.dropped, **{f"failed {k}": n for k, n in receipt.failed.items()}}
    why = f" ({', '.join(f'{n} {reason}' for reason, n in lost.items())})" if lost else ""
    return (
        f"{receipt.stage:<9}{spoken(receipt.scope):<20}"
        f"{receipt.kept} of {receipt.items} kept{why}, {receipt.seconds:.1f} s"
    )


def spoken(scope: str) -> str:
    """The scope as people say it."""
    return "all series" if scope == DATASET_SCOPE else scope
