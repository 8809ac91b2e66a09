"""Lanes: how requests are spaced so that MangaDex never has to ask for less.

The documented limits are 5 requests a second over all, and 40 leases a minute. A lane has a burst
of one: its requests go one by one, at least an interval apart, whatever a server's window is. The
spacing is a little wider than the limit asks, and `slack` says how late a request may leave its
slot without the next one being put off: what is spared covers a busy machine, and the pace holds.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Final

from pipeline.ports.mangadex.slots import MachineSlots, MemorySlots, SlotBook, default_slots
from schemas.profile import MangaDexParams

__all__ = [
    "API_LANE",
    "AT_HOME_LANE",
    "Lane",
    "Lanes",
    "MachineSlots",
    "MemorySlots",
    "Pace",
    "SlotBook",
    "default_slots",
]

API_LANE: Final = "api"
AT_HOME_LANE: Final = "at-home"

# On a machine that is always late, somebody has to go at last.
_LATE_TRIES: Final = 10

Pause = Callable[[float], Awaitable[None]]


@dataclass(frozen=True)
class Pace:
    """A lane's requests `interval_s` apart, where a server allows `count` in any `window_s`."""

    lane: str
    interval_s: float
    count: int
    window_s: float

    @property
    def slack_s(self) -> float:
        """How late a request may be: half of what count intervals are longer than the window."""
        return max((self.interval_s * self.count - self.window_s) / 2, 0.0)


class Lane:
    """Lets requests go one at a time, first come first served. Made for one event loop."""

    def __init__(
        self,
        pace: Pace,
        slots: SlotBook,
        wall: Callable[[], float],
        pause: Pause,
        *,
        inner: Lane | None = None,
    ) -> None:
        """`wall` gives epoch seconds; `pause` sleeps, and may raise to send everybody home.

        `inner` is a lane that the requests of this one pass too: last, and before its own.
        """
        self._pace = pace
        self._slots = slots
        self._wall = wall
        self._pause = pause
        self._inner = inner
        self._queue = asyncio.Lock()
        self._front = asyncio.Lock()

    async def go(self) -> None:
        """Returns when the caller may send one request, which it does at once."""
        async with self._queue:
            await self._pass()

    async def _pass(self) -> None:
        async with self._front:
            for _ in range(_LATE_TRIES):
                at = await self._slot()
                if self._inner is not None:
                    await self._inner._pass()
                if self._leaves(at):
                    return

    async def _slot(self) -> float:
        while True:
            now = self._wall()
            at = self._slots.reserve(self._pace.lane, self._pace.interval_s, now)
            await self._pause(at - now)
            if self._slots.held_until(self._pace.lane) <= max(at, self._wall()):
                return at

    def _leaves(self, at: float) -> bool:
        """Whether the slot still holds good. One that is used too late moves what follows.

        It cannot where another process has been given the next one already.
        """
        latest = self._wall() - self._pace.slack_s
        return (
            self._pace.interval_s == 0
            or latest <= at
            or self._slots.move(self._pace.lane, at, to=latest)
        )


class Lanes:
    """The lanes of the API: every request takes the one, a request for a lease both."""

    def __init__(
        self, params: MangaDexParams, slots: SlotBook, wall: Callable[[], float], pause: Pause
    ) -> None:
        api = Pace(API_LANE, params.api_interval_s, 5, 1.0)
        at_home = Pace(AT_HOME_LANE, params.at_home_interval_s, 40, 60.0)
        self._api = Lane(api, slots, wall, pause)
        self._at_home = Lane(at_home, slots, wall, pause, inner=self._api)

    async def go(self, *, is_lease: bool) -> None:
        """Returns when the caller may send one request, which it does at once."""
        await (self._at_home if is_lease else self._api).go()
