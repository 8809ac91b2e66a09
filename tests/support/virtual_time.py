"""Event loops whose clock is not the wall's: a fifteen-minute wait is a matter of milliseconds.

Everything that asks the loop for the time or sleeps on it follows, aiohttp's time-outs included.
What does not: `time.time()`, and with it the Date header that an aiohttp server adds by itself.
A server under test sets its own from `loop_wall`.
"""

from __future__ import annotations

import asyncio
import selectors
import time
from collections.abc import Callable, Coroutine
from typing import Any, TypeVar

T = TypeVar("T")

# The kernel hands loopback traffic over at once, unless the machine is busy. A jump over a short
# pause harms nobody if it comes early; a jump over seconds would set off a time-out.
_GRACE_S = 0.001
_LONG_JUMP_S = 2.0
_LONG_GRACE_S = 0.003
_THREADS_POLL_S = 0.05


class _JumpingSelector(selectors.DefaultSelector):
    """Waits for I/O only; where there is none, time passes at once."""

    def __init__(self) -> None:
        super().__init__()
        self.now = 1000.0
        self.in_threads = 0

    def select(self, timeout: float | None = None) -> list[Any]:
        events = super().select(0)
        if events or (timeout is not None and timeout <= 0):
            return events
        if timeout is None:
            return super().select(None)
        while self.in_threads:
            if events := super().select(_THREADS_POLL_S):
                return events
        if events := super().select(_LONG_GRACE_S if timeout >= _LONG_JUMP_S else _GRACE_S):
            return events
        self.now += timeout
        return []


class VirtualLoop(asyncio.SelectorEventLoop):
    """Time stands still while anything happens, and jumps to the next timer when nothing does.

    Work in an executor counts as something that happens; a thread of one's own does not.
    """

    def __init__(self) -> None:
        self._clock = _JumpingSelector()
        super().__init__(self._clock)

    def time(self) -> float:
        return self._clock.now

    def run_in_executor(self, executor: Any, func: Any, *args: Any) -> asyncio.Future[Any]:
        future = super().run_in_executor(executor, func, *args)
        self._clock.in_threads += 1
        future.add_done_callback(self._left_thread)
        return future

    def _left_thread(self, _: asyncio.Future[Any]) -> None:
        self._clock.in_threads -= 1


class _ScaledSelector(selectors.DefaultSelector):
    """Waits a fraction of what it is asked to."""

    def __init__(self, factor: float) -> None:
        super().__init__()
        self.factor = factor

    def select(self, timeout: float | None = None) -> list[Any]:
        return super().select(timeout / self.factor if timeout else timeout)


class ScaledLoop(asyncio.SelectorEventLoop):
    """Time runs `factor` times as fast as it does. A wait is late by up to `factor` ms."""

    def __init__(self, factor: float) -> None:
        self._factor = factor
        self._began = time.monotonic()
        super().__init__(_ScaledSelector(factor))

    def time(self) -> float:
        return self._began + (time.monotonic() - self._began) * self._factor


def run_virtual(coro: Coroutine[Any, Any, T]) -> T:
    """Runs the coroutine on a new VirtualLoop to its end and closes the loop."""
    with asyncio.Runner(loop_factory=VirtualLoop) as runner:
        return runner.run(coro)


def loop_wall(epoch0: float = 1_790_000_000.0) -> Callable[[], float]:
    """A wall clock in epoch seconds that goes as the running loop's does."""
    return lambda: epoch0 + asyncio.get_running_loop().time()
