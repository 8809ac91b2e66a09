"""A ban: MangaDex answers 403 and wants to be left alone. So it is, by every task and process.

Nothing is asked for a quarter of an hour; then one request finds out whether it is over. The ban is
written into the book of slots, where later runs find it too. On loopback it is not: an emulator
says itself how long it bans, and the next one may listen on the same port.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import Final
from urllib.parse import urlsplit

from pipeline.core.errors import Banned, StopRun
from pipeline.ports.mangadex.halting import Halting
from pipeline.ports.mangadex.limits import SlotBook
from pipeline.ports.mangadex.settings import is_loopback
from schemas.profile import MangaDexParams

COOL_DOWN_S: Final = 15 * 60.0
_BAN: Final = "ban"
_PROBE: Final = "probe"
_PROBE_INTERVAL_S: Final = 30.0


class Ban:
    """Whether we are shut out, and the one way back in."""

    def __init__(
        self,
        params: MangaDexParams,
        slots: SlotBook,
        wall: Callable[[], float],
        halting: Halting,
        probe: Callable[[], Awaitable[StopRun | None]],
    ) -> None:
        """`probe` sends one request and gives None if it was answered well."""
        self._host = urlsplit(params.api_url).netloc
        self._waits = params.on_ban == "wait"
        self._is_shared = not is_loopback(params.api_url)
        self._slots = slots
        self._wall = wall
        self._halting = halting
        self._probe = probe
        self._until = 0.0
        self._lock = asyncio.Lock()

    def strike(self) -> None:
        """We have been shut out just now: nothing that is not answered yet may still go."""
        self._until = self._wall() + COOL_DOWN_S
        if self._is_shared:
            self._slots.hold(_BAN, self._until)
        self._halting.recall()
        if not self._waits:
            self._halting.halt(self._error())

    @property
    def until(self) -> float:
        """When the cool-down ends or has ended; 0.0 where there is no ban to find out about."""
        shared = self._slots.held_until(_BAN) if self._is_shared else 0.0
        return max(self._until, shared)

    async def pass_by(self) -> None:
        """Returns when we are not shut out. Raises Banned, or what else halts the run."""
        self._halting.check()
        if not self.until:
            return
        async with self._lock:
            while until := self.until:
                left = until - self._wall()
                if left > 0 and not self._waits:
                    self._halting.end(self._error())
                await self._halting.pause(left)
                if left <= 0:
                    await self._find_out()

    async def _find_out(self) -> None:
        """Probes once, unless another process is just doing so."""
        now = self._wall()
        turn = self._slots.reserve(_PROBE, _PROBE_INTERVAL_S, now) if self._is_shared else now
        if turn > now:
            await self._halting.pause(turn - now)
            if not 0 < self.until <= self._wall():
                return
        failure = await self._probe()
        if isinstance(failure, Banned):
            self.strike()
            failure = self._error()
        if failure is not None:
            self._halting.end(failure)
        self._until = 0.0
        self._slots.release(_BAN)

    def _error(self) -> Banned:
        if not self._is_shared:
            return Banned(
                f"{self._host} has shut this address out (403): run again when it lets you in, "
                "what is finished stays finished"
            )
        minutes = max(1, round((self.until - self._wall()) / 60))
        return Banned(
            f"{self._host} has shut this address out (403): nothing is asked for {minutes} min; "
            "run again after that, what is finished stays finished"
        )
