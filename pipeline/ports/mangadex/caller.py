"""Asking politely: one call, from the lanes to what its answer asks for.

A call waits out a ban, passes the lanes, goes over the wire, and its answer decides: a 429 holds a
lane for everybody, trouble is tried again a few times, and a ban, a captcha, a proxy in the way, or
a server that has only errors left halts every call of the run.
"""

from __future__ import annotations

import asyncio
import random
from collections.abc import Callable
from typing import Any, TypeVar
from urllib.parse import urlsplit

import aiohttp

from pipeline.core.errors import Banned, Retryable, StopRun
from pipeline.ports.mangadex import stops
from pipeline.ports.mangadex.answers import BadAnswer
from pipeline.ports.mangadex.bans import Ban
from pipeline.ports.mangadex.exchange import Lost, Reply, ask
from pipeline.ports.mangadex.halting import Halting
from pipeline.ports.mangadex.limits import API_LANE, AT_HOME_LANE, Lanes, SlotBook
from pipeline.ports.mangadex.patience import Call, Counts, Patience
from pipeline.ports.mangadex.proxies import proxy_for
from pipeline.ports.mangadex.replies import Meaning, Reading, read_reply
from pipeline.ports.mangadex.waits import (
    ServerClock,
    hold_after_success,
    retry_after,
    wait_after_429,
)
from schemas.profile import MangaDexParams

T = TypeVar("T")


class Caller:
    """Sends the requests of one run. Made for one event loop."""

    def __init__(
        self,
        params: MangaDexParams,
        http: aiohttp.ClientSession,
        slots: SlotBook,
        wall: Callable[[], float],
        rng: random.Random,
    ) -> None:
        self.counts = Counts()
        self.halting = Halting()
        self._base = params.api_url.rstrip("/")
        self._host = urlsplit(params.api_url).netloc
        # Inside TLS, only a proxy that we are told of could have written a Via.
        self._may_be_proxied = self._base.startswith("http:") or bool(proxy_for(self._base))
        self._http = http
        self._slots = slots
        self._wall = wall
        self._rng = rng
        self._clock = ServerClock()
        self._lanes = Lanes(params, slots, wall, self._pause_in_lane)
        self._ban = Ban(params, slots, wall, self.halting, self._probe)
        self._patience = Patience(self._host, self.halting, self.counts, rng)
        self._has_answered = False

    async def get(self, call: Call, parse: Callable[[Any], T]) -> T | None:
        """What `parse` makes of the document; None where there is no such thing (404, 410).

        A BadAnswer of `parse` counts as an error of the server. Raises Retryable where the call
        failed for good, and the StopRun that halted the run.
        """
        while True:
            answer = await self._exchange(call)
            if isinstance(answer, Lost):
                is_first = not self._has_answered
                await self._patience.after_loss(call, answer, is_first_contact=is_first)
                continue
            reading = self._read(call, answer)
            if reading.meaning is Meaning.GONE:
                self._went_well(call, answer)
                return None
            if reading.meaning is Meaning.FINE:
                try:
                    found = parse(reading.document)
                except BadAnswer as error:
                    await self._patience.after_error(call, str(error))
                    continue
                self._went_well(call, answer)
                return found
            await self._went_badly(call, answer, reading)

    async def _exchange(self, call: Call) -> Reply | Lost:
        """One request and its answer. One that a ban recalls goes again when the ban is over."""
        while True:
            await self._ban.pass_by()
            await self._lanes.go(is_lease=call.is_lease)
            if self._ban.until:
                continue
            answer = await self._send(call)
            if answer is not None:
                return answer

    async def _send(self, call: Call) -> Reply | Lost | None:
        self.counts.requests += 1
        self.counts.leases += call.is_lease
        asked = ask(self._http, self._base + call.path, call.query, self._wall)
        answer = await self.halting.on_the_way(asked)
        if isinstance(answer, Reply):
            self._has_answered = True
            self._clock.learn(answer.headers, answer.sent, answer.received)
        return answer

    def _read(self, call: Call, answer: Reply) -> Reading:
        return read_reply(answer, is_text=call.is_text, may_be_proxied=self._may_be_proxied)

    def _went_well(self, call: Call, answer: Reply) -> None:
        self._patience.is_restored()
        if call.is_lease:
            until = hold_after_success(answer.headers, self._wall(), self._clock)
            if until is not None:
                self._slots.hold(AT_HOME_LANE, until)

    async def _went_badly(self, call: Call, answer: Reply, reading: Reading) -> None:
        """Returns where the call may be repeated."""
        match reading.meaning:
            case Meaning.TROUBLE:
                asked = retry_after(answer.headers, self._wall(), self._clock)
                await self._patience.after_error(call, reading.detail, asked or 0.0)
            case Meaning.SLOW_DOWN:
                self._slow_down(call, answer)
            case Meaning.BANNED:
                self.counts.n_bans += 1
                self._ban.strike()
                self.halting.check()
            case Meaning.CAPTCHA:
                self.halting.end(stops.human_needed(self._host))
            case Meaning.PROXY:
                self.halting.end(stops.proxy_in_the_way(self._host, reading.detail))
            case _:
                self._patience.is_restored()
                raise Retryable(f"{call.path}: refused with {reading.detail}")

    def _slow_down(self, call: Call, answer: Reply) -> None:
        """Holds the lane that is too fast, for everybody."""
        now = self._wall()
        strikes = self._patience.strikes
        wait = wait_after_429(answer.headers, now, self._clock, strikes, self._rng)
        # Without the headers of a limited route, nobody says that only that route is meant.
        is_route = call.is_lease and any(
            name.lower().startswith("x-ratelimit-") for name in answer.headers
        )
        self._slots.hold(AT_HOME_LANE if is_route else API_LANE, now + wait.seconds)
        self._patience.strike(call, wait)

    async def _probe(self) -> StopRun | None:
        """One small request after a ban; None where it is answered as it should be."""
        call = Call("/ping", is_text=True)
        await self._lanes.go(is_lease=False)
        self.counts.n_probes += 1
        answer = await self._send(call)
        self.halting.check()
        if answer is None:
            return Banned("recalled by another ban")
        if isinstance(answer, Lost):
            return stops.unreachable(self._host, answer)
        reading = self._read(call, answer)
        match reading.meaning:
            case Meaning.FINE | Meaning.GONE:
                return None
            case Meaning.TROUBLE:
                return stops.server_trouble(self._host, reading.detail)
            case Meaning.CAPTCHA:
                return stops.human_needed(self._host)
            case _:
                return Banned(reading.detail)

    async def _pause_in_lane(self, seconds: float) -> None:
        began = asyncio.get_running_loop().time()
        try:
            await self.halting.pause(seconds)
        finally:
            self.counts.waits_s += asyncio.get_running_loop().time() - began
