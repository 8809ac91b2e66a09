"""What all series of a session share: the API, the nodes, the limits, the counts."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import Final, Protocol, TypeVar

import aiohttp

from pipeline.core.errors import StopRun
from pipeline.ports.mangadex.answers import AtHome
from pipeline.ports.mangadex.nodes import Nodes
from pipeline.ports.mangadex.patience import Counts
from pipeline.ports.mangadex.reports import Reporter
from pipeline.ports.mangadex.stats import Stats, Tally
from schemas.profile import MangaDexParams

T = TypeVar("T")

CHAPTERS_AT_ONCE: Final = 6
"""How many chapters of a session hold a lease at one time."""


class RunBlocking(Protocol):
    """Runs work that touches the disk or decodes, outside of the loop."""

    def __call__(self, work: Callable[[], T]) -> Awaitable[T]: ...


class LeaseGiver(Protocol):
    """The part of the API that a download needs."""

    @property
    def halted(self) -> StopRun | None: ...

    @property
    def counts(self) -> Counts: ...

    async def at_home(self, chapter: str) -> AtHome | None: ...


LONGEST_FINISH_S: Final = 10.0
"""How long pages in flight may take to finish after a stop."""


class Network:
    """Made inside the event loop that uses it."""

    def __init__(
        self,
        params: MangaDexParams,
        http: aiohttp.ClientSession,
        api: LeaseGiver,
        run_blocking: RunBlocking,
    ) -> None:
        self.params = params
        self.http = http
        self.api = api
        self.run_blocking = run_blocking
        self.nodes = Nodes(params)
        self.reports = Reporter(params, http)
        self.tally = Tally()
        self.finish_s = LONGEST_FINISH_S
        self.chapter_slots = asyncio.Semaphore(CHAPTERS_AT_ONCE)
        self._same_bytes: dict[str, tuple[asyncio.Lock, int]] = {}

    @asynccontextmanager
    async def alone_with(self, sha256: str) -> AsyncIterator[None]:
        """One page at a time for the same bytes: the second finds what the first has stored."""
        lock, users = self._same_bytes.get(sha256) or (asyncio.Lock(), 0)
        self._same_bytes[sha256] = (lock, users + 1)
        try:
            async with lock:
                yield
        finally:
            lock, users = self._same_bytes[sha256]
            if users == 1:
                del self._same_bytes[sha256]
            else:
                self._same_bytes[sha256] = (lock, users - 1)

    def stats(self, now: float) -> Stats:
        """A snapshot at `now`, the loop's time in seconds."""
        tally, counts = self.tally, self.api.counts
        return Stats(
            planned=tally.planned,
            verified=tally.verified,
            kept_unverified=tally.kept_unverified,
            adopted=tally.adopted,
            missing=dict(tally.missing),
            n_bytes=tally.n_bytes,
            pages_per_s=tally.pages_per_s(now),
            requests=counts.requests + tally.image_requests,
            image_requests=tally.image_requests,
            throttled=counts.n_429 + tally.throttled,
            waited_s=counts.waits_s,
            leases=tally.leases,
            node_failures=tally.node_failures,
            reports_sent=self.reports.sent,
            reports_dropped=self.reports.dropped,
        )
