"""The log of a series' download: a JSON line a change, and what later runs need to remember.

Written for people and for ourselves: which chapters were gone less than a day ago, and which hash
a chapter had when it was last leased. No line carries a token: nodes go by host and port.
"""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

from pipeline.core.errors import StopRun, disk_errors_explained
from pipeline.ports.mangadex.log_lines import ChapterLine, Event, Gone, Leased, chapter_lines

GONE_FOR_S: Final = 24 * 3600.0
"""How long a chapter that was gone is not asked for again."""

_FLUSH_S: Final = 1.0


@dataclass(frozen=True, slots=True)
class SeenHash:
    """The hash of a chapter, and the stamp of the plan under which it was leased."""

    hash: str
    stamp: str


class ChapterMemory:
    """One log file. `wall` gives epoch seconds. Read by `open`, then used in one event loop."""

    def __init__(self, path: Path, wall: Callable[[], float] = time.time) -> None:
        self._path = path
        self._wall = wall
        self._gone_at: dict[str, float] = {}
        self._hashes: dict[str, SeenHash] = {}
        self._lines: list[str] = []
        self._flush_timer: asyncio.TimerHandle | None = None

    def open(self) -> None:
        """Reads what is there. Raises NotWritable or DiskFull where no line can be added."""
        with disk_errors_explained(self._path.parent):
            self._path.parent.mkdir(parents=True, exist_ok=True)
            with self._path.open("ab+") as stream:
                stream.seek(0)
                content = stream.read()
                if content and not content.endswith(b"\n"):
                    stream.write(b"\n")
        for line in chapter_lines(content):
            self._recall(line)

    def is_gone(self, chapter: str) -> bool:
        """Whether the upload was found gone less than a day ago."""
        at = self._gone_at.get(chapter)
        return at is not None and 0 <= self._wall() - at < GONE_FOR_S

    def hash_of(self, chapter: str) -> SeenHash | None:
        """The hash that the upload had when it was last leased."""
        return self._hashes.get(chapter)

    def remember_gone(self, chapter: str) -> None:
        self._gone_at[chapter] = self._wall()
        self.note(Event.GONE, chapter=chapter)

    def remember_lease(self, chapter: str, seen: SeenHash, node: str, pages: int) -> None:
        self._gone_at.pop(chapter, None)
        self._hashes[chapter] = seen
        self.note(
            Event.LEASED, chapter=chapter, hash=seen.hash, stamp=seen.stamp, node=node, pages=pages
        )

    def note(self, event: Event, **ids: str | int) -> None:
        """Adds a line; it is on disk within a second of the loop's time, or after `flush`."""
        moment = datetime.fromtimestamp(self._wall(), UTC).isoformat(timespec="milliseconds")
        self._lines.append(json.dumps({"time": moment, "event": event, **ids}))
        if self._flush_timer is None:
            loop = asyncio.get_running_loop()
            self._flush_timer = loop.call_later(_FLUSH_S, self._flush_in_passing)

    def flush(self) -> None:
        """Writes what waits. Raises DiskFull or NotWritable; the lines then wait on."""
        if self._flush_timer is not None:
            self._flush_timer.cancel()
            self._flush_timer = None
        if not self._lines:
            return
        text = "".join(f"{line}\n" for line in self._lines)
        with disk_errors_explained(self._path.parent), self._path.open("ab") as stream:
            stream.write(text.encode())
        self._lines.clear()

    def _flush_in_passing(self) -> None:
        self._flush_timer = None
        try:
            self.flush()
        except StopRun:
            # A full disk is told by the pages, and by the flush at the end; the lines wait.
            return

    def _recall(self, line: ChapterLine) -> None:
        if isinstance(line, Gone):
            self._gone_at[line.chapter] = line.at.timestamp()
        elif isinstance(line, Leased):
            self._gone_at.pop(line.chapter, None)
            self._hashes[line.chapter] = SeenHash(line.hash, line.stamp)
