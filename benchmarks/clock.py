"""Wall and CPU seconds of a piece of work, worker processes included."""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from statistics import median


@dataclass
class Cost:
    """Seconds. CPU is that of this process and all below it, so it may exceed the wall's."""

    wall: float = 0.0
    cpu: float = 0.0

    def __add__(self, other: Cost) -> Cost:
        return Cost(self.wall + other.wall, self.cpu + other.cpu)

    def per(self, count: int, unit: float = 1.0) -> dict[str, float]:
        """The share of one of `count`, in seconds over `unit`: 1e-3 gives milliseconds."""
        return {
            "wall": round(self.wall / count / unit, 4),
            "cpu": round(self.cpu / count / unit, 4),
        }

    def seconds(self) -> dict[str, float]:
        return self.per(1)


@contextmanager
def timed() -> Iterator[Cost]:
    """A cost that is known once the block has ended."""
    cost = Cost()
    below, own, wall = _seconds_below(), time.process_time(), time.perf_counter()
    yield cost
    cost.wall = time.perf_counter() - wall
    cost.cpu = time.process_time() - own  # before asking for the others, which costs too
    cost.cpu += _seconds_below() - below


def repeated(work: Callable[[], object], times: int) -> list[Cost]:
    """The cost of each of so many runs."""
    costs = []
    for _ in range(times):
        with timed() as cost:
            work()
        costs.append(cost)
    return costs


def typical(costs: Iterable[Cost]) -> Cost:
    """The median of each measure: one slow run on a busy machine does not move it."""
    known = list(costs)
    return Cost(median(cost.wall for cost in known), median(cost.cpu for cost in known))


def cpu_seconds() -> float:
    """User and system time of this process, of children that ended, and of those that live."""
    return time.process_time() + _seconds_below()


def _seconds_below() -> float:
    told = os.times()
    ended = told.children_user + told.children_system
    return ended + sum(_of_living(child) for child in _children(os.getpid()))


def _children(pid: int) -> list[int]:
    """Empty where the kernel does not list them (not Linux): then only ended ones count."""
    listed = Path(f"/proc/{pid}/task").glob("*/children")
    return [int(child) for path in listed for child in _read(path).split()]


def _of_living(pid: int) -> float:
    """A process and what is below it, from fields 14 to 17 of /proc/<pid>/stat: in clock ticks."""
    fields = _read(Path(f"/proc/{pid}/stat")).rpartition(")")[2].split()
    ticks = sum(int(field) for field in fields[11:15])
    return ticks / os.sysconf("SC_CLK_TCK") + sum(_of_living(child) for child in _children(pid))


def _read(path: Path) -> str:
    try:
        return path.read_text()
    except OSError:
        return ""
