"""The book of request slots: when the next request of a lane may go, and what holds a lane.

All times are wall clock, in epoch seconds, because processes share them. A limit is per address,
so one book serves all processes of a user on a machine (`MachineSlots`); `MemorySlots` serves one.
"""

from __future__ import annotations

import fcntl
import json
import math
import os
import re
import stat
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final, Protocol
from urllib.parse import urlsplit

from pipeline.core.errors import NotWritable

LIMITS_DIR_VARIABLE: Final = "MANGAZERO_LIMITS_DIR"

# Not what TMPDIR or XDG_RUNTIME_DIR say: a login has them, and a cron job has others or none.
_SHARED_BY_ALL: Final = Path("/tmp")
# A hold or a queue longer than any that we make was written by a clock that has been set since.
_LONGEST_HOLD_S: Final = 20 * 60.0
_LONGEST_QUEUE_S: Final = 60.0


class SlotBook(Protocol):
    """Who may go when. Lanes are named by their users; a new name is a new, empty lane."""

    def reserve(self, lane: str, interval_s: float, now: float) -> float:
        """Takes the lane's next slot at or after `now`, and gives its time.

        Slots lie `interval_s` apart, are given in the order of asking, and not inside a hold.
        """
        ...

    def move(self, lane: str, at: float, to: float) -> bool:
        """Puts the slot that was given for `at` off to the time `to` at which it is really used.

        False, and nothing is changed, where another slot has been given since.
        """
        ...

    def hold(self, lane: str, until: float) -> None:
        """Nobody goes before `until`. A hold never shortens a longer one."""
        ...

    def held_until(self, lane: str) -> float:
        """When the last hold ends or has ended; 0.0 where there was none."""
        ...

    def release(self, lane: str) -> None:
        """Forgets the lane's hold."""
        ...


@dataclass
class _Page:
    """The state of all lanes: the last slot given, and the end of the last hold."""

    last: dict[str, float] = field(default_factory=dict)
    held: dict[str, float] = field(default_factory=dict)

    def reserve(self, lane: str, interval_s: float, now: float) -> float:
        held = self.held_until(lane, now)
        last = self.last.get(lane, -math.inf)
        if last > max(now, held) + _LONGEST_QUEUE_S:
            last = -math.inf
        self.last[lane] = max(now, held, last + interval_s)
        return self.last[lane]

    def move(self, lane: str, at: float, to: float) -> bool:
        if self.last.get(lane) != at:
            return False
        self.last[lane] = to
        return True

    def hold(self, lane: str, until: float, now: float) -> None:
        self.held[lane] = max(until, self.held_until(lane, now))

    def held_until(self, lane: str, now: float) -> float:
        until = self.held.get(lane, 0.0)
        return until if until <= now + _LONGEST_HOLD_S else 0.0


class MemorySlots:
    """A book for one process, used by one event loop."""

    def __init__(self, wall: Callable[[], float] = time.time) -> None:
        self._page = _Page()
        self._wall = wall

    def reserve(self, lane: str, interval_s: float, now: float) -> float:
        return self._page.reserve(lane, interval_s, now)

    def move(self, lane: str, at: float, to: float) -> bool:
        return self._page.move(lane, at, to)

    def hold(self, lane: str, until: float) -> None:
        self._page.hold(lane, until, self._wall())

    def held_until(self, lane: str) -> float:
        return self._page.held_until(lane, self._wall())

    def release(self, lane: str) -> None:
        self._page.held.pop(lane, None)


class MachineSlots:
    """A book in a small JSON file, under a lock that dies with its holder.

    What cannot be read in it counts as never written. Every method raises NotWritable if the
    file cannot be used: limits that are not shared would be broken.
    """

    def __init__(self, path: Path, wall: Callable[[], float] = time.time) -> None:
        self.path = path
        self._wall = wall

    def reserve(self, lane: str, interval_s: float, now: float) -> float:
        with self._open_page() as page:
            return page.reserve(lane, interval_s, now)

    def move(self, lane: str, at: float, to: float) -> bool:
        with self._open_page() as page:
            return page.move(lane, at, to)

    def hold(self, lane: str, until: float) -> None:
        with self._open_page() as page:
            page.hold(lane, until, self._wall())

    def held_until(self, lane: str) -> float:
        with self._open_page() as page:
            return page.held_until(lane, self._wall())

    def release(self, lane: str) -> None:
        with self._open_page() as page:
            page.held.pop(lane, None)

    @contextmanager
    def _open_page(self) -> Iterator[_Page]:
        with _refusals_explained(self.path):
            descriptor = os.open(self.path, os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW, 0o600)
            try:
                fcntl.flock(descriptor, fcntl.LOCK_EX)
                before = os.read(descriptor, 100_000)
                page = _page_from(before)
                yield page
                after = json.dumps({"last": page.last, "held": page.held}).encode()
                if after != before:
                    os.pwrite(descriptor, after, 0)
                    os.ftruncate(descriptor, len(after))
            finally:
                os.close(descriptor)


def default_slots(api_url: str, environ: Mapping[str, str] | None = None) -> MachineSlots:
    """The book that every process of this user on this machine shares for one API.

    It lies in a folder that only the user may enter. Raises NotWritable where that folder cannot
    be made or belongs to somebody else.
    """
    folder = limits_folder(os.environ if environ is None else environ)
    with _refusals_explained(folder):
        folder.mkdir(mode=0o700, exist_ok=True)
        found = folder.lstat()
    if not stat.S_ISDIR(found.st_mode) or found.st_uid != os.getuid() or found.st_mode & 0o077:
        raise NotWritable(
            f"{folder} keeps the request limits and must be yours alone: remove it, or chmod 700 it"
        )
    parts = urlsplit(api_url)
    port = parts.port or {"http": 80}.get(parts.scheme, 443)
    host = re.sub(r"[^a-z0-9.-]", "_", parts.hostname or "")
    return MachineSlots(folder / f"mangadex-{host}-{port}.json")


def limits_folder(environ: Mapping[str, str]) -> Path:
    """Where the books lie: the same place for every process, unless MANGAZERO_LIMITS_DIR is set."""
    named = environ.get(LIMITS_DIR_VARIABLE, "").strip()
    return Path(named) if named else _SHARED_BY_ALL / f"mangazero-{os.getuid()}"


@contextmanager
def _refusals_explained(path: Path) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise NotWritable(
            f"cannot keep the request limits in {path} ({error.strerror}): make it writable, "
            f"or set {LIMITS_DIR_VARIABLE} to a folder of yours"
        ) from error


def _page_from(content: bytes) -> _Page:
    try:
        document = json.loads(content, parse_int=float)
    except (ValueError, RecursionError):
        return _Page()
    if not isinstance(document, dict):
        return _Page()
    return _Page(last=_times(document.get("last")), held=_times(document.get("held")))


def _times(found: object) -> dict[str, float]:
    if not isinstance(found, dict):
        return {}
    return {
        str(lane): at for lane, at in found.items() if isinstance(at, float) and math.isfinite(at)
    }
