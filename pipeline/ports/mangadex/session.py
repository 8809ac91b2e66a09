"""A session with MangaDex for code that runs in threads: the catalogue, and the download."""

from __future__ import annotations

import asyncio
import atexit
import contextlib
import threading
import time
from collections.abc import AsyncIterator, Callable, Coroutine, Iterator, Sequence
from contextlib import suppress
from typing import TYPE_CHECKING, Any, Final, Self, TypeVar

from pipeline.core.errors import BrokenInvariant, Interrupted
from pipeline.ports.mangadex.loop_thread import LoopThread
from pipeline.ports.mangadex.outbox import End, Outbox
from pipeline.ports.mangadex.stats import Stats
from pipeline.ports.mangadex.work import SeriesWork
from pipeline.ports.protocols import Delivered, Missing, Shelf, Wish
from schemas.mangadex import ListedChapter, SeriesFacts
from schemas.profile import MangaDexParams

if TYPE_CHECKING:
    from pipeline.ports.mangadex.limits import SlotBook
    from pipeline.ports.mangadex.running import Running

T = TypeVar("T")

_SIGN_OF_LIFE_S: Final = 0.25
_STOPPED: Final = "stopped: run the same command again to go on where it stopped"
# Pages in flight take up to ten seconds to finish; whoever closes does not wait much longer.
_LONGEST_CLOSE_S: Final = 12.0


class MangaDexSession:
    """One loop in one thread, started by the first call. Callable from several threads at once.

    It is a Catalogue; a call that fails for good raises Retryable.
    """

    def __init__(
        self,
        params: MangaDexParams,
        *,
        slots: SlotBook | None = None,
        new_loop: Callable[[], asyncio.AbstractEventLoop] = asyncio.new_event_loop,
        wall: Callable[[], float] = time.time,
    ) -> None:
        """`slots` None: those that all processes of this user share. `wall`: epoch seconds."""
        self._params = params
        self._slots = slots
        self._new_loop = new_loop
        self._wall = wall
        self._lock = threading.Lock()
        self._thread: LoopThread | None = None
        self._running: Running | None = None
        self._is_closed = False

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def series(self, manga: str) -> SeriesFacts:
        """Raises SeriesGone if there is none of that id."""
        return self._ask(lambda running: running.api.series(manga))

    def search(self, title: str) -> Sequence[SeriesFacts]:
        """The best matches first, at most ten."""
        return self._ask(lambda running: running.api.search(title))

    def discover(self, wish: Wish) -> Iterator[SeriesFacts]:
        """Every series that fits, the most followed first; asks for more as it is read."""
        found: AsyncIterator[SeriesFacts] | None = None

        async def following(running: Running) -> SeriesFacts | None:
            nonlocal found
            found = found or running.api.discover(wish)
            return await anext(found, None)

        while (facts := self._ask(following)) is not None:
            yield facts

    def chapters(self, manga: str, language: str) -> Sequence[ListedChapter]:
        """Every upload in that language, whatever its state. Raises SeriesGone."""
        return self._ask(lambda running: running.api.chapters(manga, language))

    def chapter(self, chapter: str) -> ListedChapter | None:
        """One upload as it is now; None if it is gone."""
        return self._ask(lambda running: running.api.chapter(chapter))

    def bring(self, work: SeriesWork, shelf: Shelf) -> Iterator[Delivered | Missing | None]:
        """One answer a page in any order, and None where nothing comes for a quarter second.

        Closing the iterator stops the work; pages in flight have ten seconds to finish. Raises
        StopRun of the shelf and of the API.
        """
        work.memory.open()
        thread, running = self._started()
        outbox = Outbox(thread.loop)
        task = thread.call(running.begin(work, shelf, outbox))
        is_over = False
        try:
            while not is_over:
                answer = outbox.take(_SIGN_OF_LIFE_S)
                is_over = isinstance(answer, End)
                if not isinstance(answer, End):
                    yield answer
                elif answer.error is not None:
                    raise answer.error
        finally:
            if not is_over:
                # A session that was closed meanwhile has stopped the work itself.
                with contextlib.suppress(RuntimeError):
                    thread.loop.call_soon_threadsafe(task.cancel)
                _read_to_end(outbox)

    def stats(self) -> Stats:
        """What has been done so far."""
        running = self._running
        return Stats() if running is None else running.stats()

    def stop(self) -> None:
        """Nothing new is asked for from now on: calls that wait end with Interrupted, and a
        download after the pages of its leases, or ten seconds. Safe in a signal handler; `close`
        still follows."""
        thread, running = self._thread, self._running
        if thread is not None and running is not None:
            with suppress(RuntimeError):  # a loop that is closed has stopped already
                thread.loop.call_soon_threadsafe(running.stop, Interrupted(_STOPPED))

    def close(self) -> None:
        """Stops everything and says goodbye. A second call does nothing."""
        with self._lock:
            self._is_closed = True
            thread, running = self._thread, self._running
            self._thread = None
        if thread is None:
            return
        atexit.unregister(self.close)
        try:
            if running is not None:
                thread.call(running.close())
        finally:
            thread.close()

    def _ask(self, question: Callable[[Running], Coroutine[Any, Any, T]]) -> T:
        thread, running = self._started()
        return thread.call(question(running))

    def _started(self) -> tuple[LoopThread, Running]:
        with self._lock:
            if self._is_closed:
                raise BrokenInvariant("a session with MangaDex was used after it was closed")
            if self._thread is None:
                self._thread = LoopThread(self._new_loop)
                atexit.register(self.close)
            if self._running is None:
                self._running = self._thread.call(self._open())
            return self._thread, self._running

    async def _open(self) -> Running:
        # aiohttp takes a while to import, and most commands never speak to a network.
        from pipeline.ports.mangadex.running import Running

        return Running(self._params, self._slots, self._wall)


def _read_to_end(outbox: Outbox) -> None:
    """Waits for the end of a work that was told to stop; its last answers are not wanted."""
    until = time.monotonic() + _LONGEST_CLOSE_S
    while (left := until - time.monotonic()) > 0:
        if isinstance(outbox.take(left), End):
            return
