"""What stops every call at once, and wakes or recalls those that wait."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine
from contextlib import suppress
from typing import Any, NoReturn, TypeVar

from pipeline.core.errors import StopRun

T = TypeVar("T")


class Halting:
    """Whether the run has been halted. Made for one event loop."""

    def __init__(self) -> None:
        self.halted: StopRun | None = None
        self._stopped = asyncio.Event()
        self._on_the_way: set[asyncio.Task[Any]] = set()

    def halt(self, error: StopRun) -> None:
        """Ends every pause and every exchange on its way. The first error is the one that stays."""
        if self.halted is None:
            self.halted = error
        self._stopped.set()
        self.recall()

    def end(self, error: StopRun) -> NoReturn:
        """Halts, and raises what halted first."""
        self.halt(error)
        first = self.halted or error
        raise type(first)(*first.args)

    def recall(self) -> None:
        """Gives up every exchange that has no answer yet, so that none of them starts late."""
        for task in self._on_the_way:
            task.cancel()

    def check(self) -> None:
        """Raises what halted the run, if anything has."""
        if self.halted is not None:
            # A new one each time: an exception that several tasks raise collects their tracebacks.
            raise type(self.halted)(*self.halted.args)

    async def pause(self, seconds: float) -> None:
        """Sleeps, not at all where `seconds` is not positive. Raises what halts the run."""
        self.check()
        if seconds > 0:
            with suppress(TimeoutError):
                async with asyncio.timeout(seconds):
                    await self._stopped.wait()
            self.check()

    async def on_the_way(self, exchange: Coroutine[Any, Any, T]) -> T | None:
        """The exchange's result; None where it was recalled."""
        task = asyncio.ensure_future(exchange)
        self._on_the_way.add(task)
        try:
            return await task
        except asyncio.CancelledError:
            current = asyncio.current_task()
            if current is not None and current.cancelling():
                raise
            return None
        finally:
            self._on_the_way.discard(task)
