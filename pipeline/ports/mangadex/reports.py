"""Reports to the image network: how its nodes did. Told in passing; no page waits for one.

Without the report of a failure the network names the same node again, so failures are told
before successes. Where nobody listens, a breaker ends the telling.
"""

from __future__ import annotations

import asyncio
import json
from collections import deque
from dataclasses import dataclass
from typing import Final, Literal

import aiohttp

from pipeline.core.errors import BadConfig
from pipeline.ports.mangadex.hosts import wants_reports
from pipeline.ports.mangadex.proxies import proxy_for
from schemas.profile import MangaDexParams

LONGEST_FLUSH_S: Final = 2.0

_MOST_WAITING: Final = 200
_AT_ONCE: Final = 4
_PATIENCE: Final = aiohttp.ClientTimeout(total=2.0)
_FAILURES_TO_BREAK: Final = 5
_BROKEN_FOR_S: Final = 60.0
_HEADERS: Final = {"Content-Type": "application/json"}


@dataclass(frozen=True, slots=True)
class Report:
    """How one transfer went. `n_bytes` is 0 where no connection came about."""

    url: str
    success: bool
    cached: bool
    n_bytes: int
    took_s: float

    def body(self) -> bytes:
        """As the network wants it: the duration in whole milliseconds."""
        return json.dumps(
            {
                "url": self.url,
                "success": self.success,
                "cached": self.cached,
                "bytes": self.n_bytes,
                "duration": round(self.took_s * 1000),
            }
        ).encode()


class Reporter:
    """A bounded queue and a few couriers, all in one event loop."""

    def __init__(self, params: MangaDexParams, http: aiohttp.ClientSession) -> None:
        self._url = report_endpoint(params.report_url)
        self._mode: Literal["auto", "on", "off"] = params.report
        self._http = http
        self._failed: deque[Report] = deque()
        self._went_well: deque[Report] = deque()
        self._couriers: set[asyncio.Task[None]] = set()
        self._failures_in_a_row = 0
        self._silent_until = 0.0
        self.sent = 0
        self.dropped = 0

    def tell(self, report: Report) -> None:
        """Takes the report for later, or drops it: never waits, never raises."""
        if self._mode == "off" or not wants_reports(report.url):
            return
        if self._is_broken or not self._make_room(report):
            self.dropped += 1
            return
        (self._went_well if report.success else self._failed).append(report)
        if len(self._couriers) < _AT_ONCE:
            courier = asyncio.get_running_loop().create_task(self._carry())
            self._couriers.add(courier)
            courier.add_done_callback(self._couriers.discard)

    async def close(self) -> None:
        """Tells what still waits, for at most LONGEST_FLUSH_S seconds, and drops the rest."""
        if self._couriers:
            _, late = await asyncio.wait(self._couriers, timeout=LONGEST_FLUSH_S)
            # A cancellation may come just as a time-out does, and be taken for one: then the
            # courier must find nothing more to carry.
            self._drop_all()
            for courier in late:
                courier.cancel()
            await asyncio.gather(*late, return_exceptions=True)
        self._mode = "off"

    @property
    def _is_broken(self) -> bool:
        if self._failures_in_a_row < _FAILURES_TO_BREAK:
            return False
        return self._mode == "auto" or asyncio.get_running_loop().time() < self._silent_until

    def _make_room(self, report: Report) -> bool:
        """Whether there is a place for it: that of the oldest success, for a failure."""
        if len(self._failed) + len(self._went_well) < _MOST_WAITING:
            return True
        if report.success or not self._went_well:
            return False
        self._went_well.popleft()
        self.dropped += 1
        return True

    async def _carry(self) -> None:
        while waiting := self._failed or self._went_well:
            if self._is_broken:
                self._drop_all()
                return
            if await self._post(waiting.popleft()):
                self.sent += 1
                self._failures_in_a_row = 0
            else:
                self.dropped += 1
                self._failures_in_a_row += 1
                self._silent_until = asyncio.get_running_loop().time() + _BROKEN_FOR_S

    async def _post(self, report: Report) -> bool:
        try:
            async with self._http.post(
                self._url,
                data=report.body(),
                headers=_HEADERS,
                allow_redirects=False,
                timeout=_PATIENCE,
                **proxy_for(self._url),
            ) as response:
                return response.status < 300
        except (aiohttp.ClientError, TimeoutError, OSError, UnicodeError, BadConfig):
            # BadConfig: the proxy for it is none that we can use. No page is worth less for that.
            return False

    def _drop_all(self) -> None:
        self.dropped += len(self._failed) + len(self._went_well)
        self._failed.clear()
        self._went_well.clear()


def report_endpoint(report_url: str) -> str:
    """Where reports go, whether or not the setting names the endpoint itself."""
    base = report_url.rstrip("/")
    return base if base.endswith("/report") else f"{base}/report"
