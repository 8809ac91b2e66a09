"""Answers on their way from the event loop to the thread that reads them."""

from __future__ import annotations

import asyncio
import contextlib
from dataclasses import dataclass
from queue import Empty, SimpleQueue
from typing import Final

from pipeline.ports.mangadex.work import Answer

_ENOUGH: Final = 256


@dataclass(frozen=True)
class End:
    """No answer follows; `error` is to be raised, where there is one."""

    error: BaseException | None = None


class Outbox:
    """A queue that holds chapters back, never pages: they have a lease that runs out."""

    def __init__(self, loop: asyncio.AbstractEventLoop, enough: int = _ENOUGH) -> None:
        self._loop = loop
        self._enough = enough
        self._queue: SimpleQueue[Answer | End] = SimpleQueue()
        self._was_read = asyncio.Event()
        self._is_awaited = False

    def put(self, answer: Answer) -> None:
        """Never waits. Called in the loop."""
        self._queue.put(answer)

    def end(self, error: BaseException | None) -> None:
        """The last word. Called in the loop."""
        self._queue.put(End(error))

    async def room(self) -> None:
        """Returns when fewer answers wait than are enough. Called in the loop, by one task."""
        while self._queue.qsize() >= self._enough:
            self._was_read.clear()
            self._is_awaited = True
            # The reader may have looked just before it could know that it is awaited.
            if self._queue.qsize() >= self._enough:
                await self._was_read.wait()
            self._is_awaited = False

    def take(self, timeout_s: float) -> Answer | End | None:
        """The next answer; None if there is none for so long. Called in the reader's thread."""
        try:
            answer = self._queue.get(timeout=timeout_s)
        except Empty:
            return None
        if self._is_awaited and self._queue.qsize() < self._enough:
            # A loop that is closed by now awaits nothing.
            with contextlib.suppress(RuntimeError):
                self._loop.call_soon_threadsafe(self._was_read.set)
        return answer
