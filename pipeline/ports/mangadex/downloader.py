"""The download of a session: several series at once, their chapters in order, their pages in any.

A chapter is leased when one of a few slots is free and its answers have room; a slot is never
held for the sake of somebody who reads slowly.
"""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine
from typing import Any, Protocol

import aiohttp

from pipeline.core.errors import StopRun
from pipeline.ports.mangadex.leases import ChapterLeases
from pipeline.ports.mangadex.misses import MissReason, PageLost
from pipeline.ports.mangadex.network import LeaseGiver, Network, RunBlocking
from pipeline.ports.mangadex.pages import PageErrand
from pipeline.ports.mangadex.stats import Stats
from pipeline.ports.mangadex.ties import SeriesTies
from pipeline.ports.mangadex.work import Answer, ChapterWork, SeriesWork
from pipeline.ports.protocols import Shelf
from schemas.profile import MangaDexParams


class Answers(Protocol):
    """Where answers go. Called in the loop."""

    def put(self, answer: Answer) -> None:
        """Never waits."""
        ...

    async def room(self) -> None:
        """Returns when somebody has read enough for more to come."""
        ...


class Downloader:
    """Made inside the event loop that it works in."""

    def __init__(
        self,
        params: MangaDexParams,
        http: aiohttp.ClientSession,
        api: LeaseGiver,
        run_blocking: RunBlocking,
    ) -> None:
        self._network = Network(params, http, api, run_blocking)

    async def bring(self, work: SeriesWork, shelf: Shelf, answers: Answers) -> None:
        """Answers every page of `work`. Cancelling it stops the work as closing an iterator does.

        Raises StopRun: of the shelf at once, of the API after the leased chapters are through.
        """
        ties = SeriesTies(self._network, shelf, work.memory)
        await _SeriesTrip(work, ties, answers).run()

    def stats(self, now: float) -> Stats:
        """A snapshot at `now`, the loop's time in seconds. From any thread."""
        return self._network.stats(now)

    def cut_short(self) -> None:
        """From now on nothing in flight is waited for."""
        self._network.finish_s = 0.0

    async def close(self) -> None:
        """Tells the reports that still wait, for at most two seconds."""
        await self._network.reports.close()


class _SeriesTrip:
    """One call of `bring`: its tasks, and the error that ends it."""

    def __init__(self, work: SeriesWork, ties: SeriesTies, answers: Answers) -> None:
        self._work = work
        self._ties = ties
        self._network = ties.network
        self._answers = answers
        self._tasks: set[asyncio.Task[None]] = set()
        self._error: BaseException | None = None
        self._ended = asyncio.Event()

    async def run(self) -> None:
        self._network.tally.planned += sum(len(each.pages) for each in self._work.chapters)
        try:
            self._start(self._all_chapters())
            await self._ended.wait()
        finally:
            await self._wind_down()
            self._work.memory.flush()
        if self._error is not None:
            raise self._error

    async def _all_chapters(self) -> None:
        for chapter in self._work.chapters:
            if lost := self._lost_already(chapter):
                self._miss_all(chapter, lost)
                continue
            await self._answers.room()
            await self._network.chapter_slots.acquire()
            if halted := self._network.api.halted:
                self._network.chapter_slots.release()
                raise halted
            task = self._start(self._chapter(chapter))
            # Not by the task itself: one that is cancelled before its first step never runs.
            task.add_done_callback(lambda _: self._network.chapter_slots.release())

    async def _chapter(self, chapter: ChapterWork) -> None:
        try:
            leases = ChapterLeases(chapter, self._network, self._work.memory)
            await leases.current()
            errands = [PageErrand(page, leases, self._ties) for page in chapter.pages]
            await asyncio.wait([self._start(self._page(errand)) for errand in errands])
        except PageLost as lost:
            self._miss_all(chapter, lost)

    async def _page(self, errand: PageErrand) -> None:
        answer = await errand.run()
        if answer is not None:
            self._answers.put(answer)

    def _lost_already(self, chapter: ChapterWork) -> PageLost | None:
        """Why no page of a chapter is worth a request."""
        if chapter.is_taken_down:
            return PageLost(MissReason.TAKEN_DOWN, f"chapter {chapter.upload} was taken down")
        if self._work.memory.is_gone(chapter.upload):
            return PageLost(
                MissReason.GONE, f"chapter {chapter.upload} was gone less than a day ago"
            )
        return None

    def _miss_all(self, chapter: ChapterWork, lost: PageLost) -> None:
        for page in chapter.pages:
            self._answers.put(self._ties.missing(page, lost))

    def _start(self, work: Coroutine[Any, Any, None]) -> asyncio.Task[None]:
        task = asyncio.get_running_loop().create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._finished)
        return task

    def _finished(self, task: asyncio.Task[None]) -> None:
        """Takes note of the first error. One of the API lets the leased chapters finish."""
        self._tasks.discard(task)
        error = None if task.cancelled() else task.exception()
        if error is not None:
            self._error = self._error or error
            is_halt = isinstance(error, StopRun) and self._network.api.halted is not None
            if not is_halt:
                self._ended.set()
        if not self._tasks:
            self._ended.set()

    async def _wind_down(self) -> None:
        """Lets what is in flight finish, within reason; everything else ends now."""
        self._ties.is_stopping = True
        in_flight = self._tasks & self._ties.busy
        for task in self._tasks - in_flight:
            task.cancel()
        if in_flight:
            _, late = await asyncio.wait(in_flight, timeout=self._network.finish_s)
            for task in late:
                task.cancel()
        if self._tasks:
            await asyncio.wait(self._tasks)
