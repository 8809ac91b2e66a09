"""How often a call is tried again, and when the server as a whole is given up."""

from __future__ import annotations

import random
from dataclasses import dataclass
from typing import Final

from pipeline.core.errors import Retryable, StopRun
from pipeline.ports.mangadex import stops
from pipeline.ports.mangadex.exchange import Lost, Query
from pipeline.ports.mangadex.halting import Halting
from pipeline.ports.mangadex.waits import Wait

_TRIES: Final = 6
_TRIES_AT_FIRST_CONTACT: Final = 3
_FIRST_BACKOFF_S: Final = 0.5
_LONGEST_BACKOFF_S: Final = _FIRST_BACKOFF_S * 2 ** (_TRIES - 2)
_FAILURES_IN_A_ROW: Final = 20
_STRIKES_A_CALL: Final = 8
_STRIKES_IN_A_ROW: Final = 20
# To be told twice to wait for longer than a quarter of an hour is answer enough.
_STRIKES_OF_A_CUT_WAIT: Final = 4


@dataclass
class Counts:
    """What has been asked so far, and at what price. Lane waits are seconds of the one in front."""

    requests: int = 0
    leases: int = 0
    n_429: int = 0
    n_errors: int = 0
    n_lost: int = 0
    n_bans: int = 0
    n_probes: int = 0
    waits_s: float = 0.0
    backoff_s: float = 0.0


@dataclass
class Call:
    """What is asked for, and how often it has failed and been asked to wait."""

    path: str
    query: Query = ()
    is_lease: bool = False
    is_text: bool = False
    failures: int = 0
    strikes: int = 0


class Patience:
    """Failures in a row over all calls. A wait that we are asked for is a strike, no failure."""

    def __init__(self, host: str, halting: Halting, counts: Counts, rng: random.Random) -> None:
        self._host = host
        self._halting = halting
        self._counts = counts
        self._rng = rng
        self._failures = 0
        self.strikes = 0

    def is_restored(self) -> None:
        """Somebody had a sensible answer."""
        self._failures = 0
        self.strikes = 0

    def strike(self, call: Call, wait: Wait) -> None:
        """A 429. Raises Retryable, or RateLimited for all, if there were too many."""
        self._counts.n_429 += 1
        strikes = _STRIKES_OF_A_CUT_WAIT if wait.is_cut else 1
        self.strikes += strikes
        call.strikes += strikes
        if self.strikes >= _STRIKES_IN_A_ROW:
            self._halting.end(stops.rate_limited(self._host))
        if call.strikes >= _STRIKES_A_CALL:
            raise Retryable(f"{call.path}: still rate limited (429): the next run tries again")

    async def after_loss(self, call: Call, lost: Lost, *, is_first_contact: bool) -> None:
        """Pauses before another try. Raises Retryable, or Unreachable for all."""
        self._counts.n_lost += 1
        error = stops.unreachable(self._host, lost)
        is_hopeless = is_first_contact and lost.is_before_any_answer
        if is_hopeless and call.failures + 1 >= _TRIES_AT_FIRST_CONTACT:
            self._halting.end(error)
        await self._back_off(call, lost.detail, error)

    async def after_error(self, call: Call, detail: str, least_s: float = 0.0) -> None:
        """Pauses before another try, for `least_s` where that is no longer than we ever do.

        Raises Retryable, or ServerTrouble for all.
        """
        self._counts.n_errors += 1
        error = stops.server_trouble(self._host, detail)
        await self._back_off(call, detail, error, min(least_s, _LONGEST_BACKOFF_S))

    async def _back_off(
        self, call: Call, detail: str, last_straw: StopRun, least_s: float = 0.0
    ) -> None:
        self._failures += 1
        if self._failures >= _FAILURES_IN_A_ROW:
            self._halting.end(last_straw)
        call.failures += 1
        if call.failures >= _TRIES:
            raise Retryable(f"{call.path}: {detail}, {_TRIES} times: the next run tries again")
        own_s = _FIRST_BACKOFF_S * 2 ** (call.failures - 1)
        seconds = max(own_s, least_s) * (1 + self._rng.uniform(0, 0.5))
        self._counts.backoff_s += seconds
        await self._halting.pause(seconds)
