"""What the pages of one series have in common while they are brought."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager

from pipeline.ports.mangadex.log_lines import Event
from pipeline.ports.mangadex.memory import ChapterMemory
from pipeline.ports.mangadex.misses import PageLost
from pipeline.ports.mangadex.network import Network
from pipeline.ports.protocols import Missing, Shelf
from schemas.pages import PlannedPage


class SeriesTies:
    """Shelf, log and network of a series, and which of its pages are under way just now."""

    def __init__(self, network: Network, shelf: Shelf, memory: ChapterMemory) -> None:
        self.network = network
        self.shelf = shelf
        self.memory = memory
        self.is_stopping = False
        self.busy: set[asyncio.Task[object]] = set()

    @contextmanager
    def in_flight(self) -> Iterator[None]:
        """While in the block, the running task is let finish when the work is stopped."""
        task = asyncio.current_task()
        assert task is not None
        self.busy.add(task)
        try:
            yield
        finally:
            self.busy.discard(task)

    def missing(self, page: PlannedPage, lost: PageLost) -> Missing:
        """The answer for a page that will not come, counted and written down."""
        self.network.tally.missing[lost.reason] += 1
        self.memory.note(Event.MISSING, page=page.id, reason=lost.reason, detail=lost.detail)
        return Missing(page.id, lost.reason, lost.detail, is_final=lost.reason.is_final)
