"""What lives in a session's event loop. Importing this imports aiohttp; a session does so late."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Final, TypeVar

from pipeline.core.errors import StopRun
from pipeline.ports.mangadex.api import Api, new_http
from pipeline.ports.mangadex.downloader import Downloader
from pipeline.ports.mangadex.limits import SlotBook, default_slots
from pipeline.ports.mangadex.network import LONGEST_FINISH_S
from pipeline.ports.mangadex.outbox import Outbox
from pipeline.ports.mangadex.stats import Stats
from pipeline.ports.mangadex.work import SeriesWork
from pipeline.ports.protocols import Shelf
from schemas.profile import MangaDexParams

T = TypeVar("T")

# Decoding and sha256 let other threads run; more of them than this only take turns.
_SHELF_THREADS: Final = 4


class Running:
    """The API, the downloader, and the threads of the shelf. Made inside the loop."""

    def __init__(
        self, params: MangaDexParams, slots: SlotBook | None, wall: Callable[[], float]
    ) -> None:
        slots = slots or default_slots(params.api_url)
        self._loop = asyncio.get_running_loop()
        self._pool = ThreadPoolExecutor(_SHELF_THREADS, thread_name_prefix="mangadex-shelf")
        self._http = new_http(params)
        self.api = Api(params, self._http, slots, wall)
        self._downloader = Downloader(params, self._http, self.api, self._run_blocking)
        self._trips: set[asyncio.Task[None]] = set()
        self._is_stopping = False

    async def begin(self, work: SeriesWork, shelf: Shelf, outbox: Outbox) -> asyncio.Task[None]:
        """Starts a series; its answers, and how it ended, go to the outbox."""
        task = self._loop.create_task(self._downloader.bring(work, shelf, outbox))
        self._trips.add(task)
        task.add_done_callback(self._trips.discard)
        task.add_done_callback(
            lambda done: outbox.end(self.api.halted if done.cancelled() else done.exception())
        )
        return task

    def stop(self, error: StopRun) -> None:
        """Asks for nothing new; what is leased has ten seconds, then everything ends."""
        if self._is_stopping:
            return
        self._is_stopping = True
        self.api.halt(error)
        self._loop.call_later(LONGEST_FINISH_S, self._cut_short)

    def _cut_short(self) -> None:
        self._downloader.cut_short()
        for trip in self._trips:
            trip.cancel()

    def stats(self) -> Stats:
        """From any thread."""
        return self._downloader.stats(self._loop.time())

    async def close(self) -> None:
        """Stops what runs: at most ten seconds for pages in flight, two for reports."""
        try:
            for trip in self._trips:
                trip.cancel()
            if self._trips:
                await asyncio.wait(self._trips)
            await self._downloader.close()
        finally:
            await self._http.close()
            self._pool.shutdown(wait=False, cancel_futures=True)
            # The connections say goodbye in the loop's next turn.
            await asyncio.sleep(0)

    def _run_blocking(self, work: Callable[[], T]) -> Awaitable[T]:
        return self._loop.run_in_executor(self._pool, work)
