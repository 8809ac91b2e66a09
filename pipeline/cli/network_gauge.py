"""What the network does while a download runs: a line now and then, and one at the end."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import asdict
from typing import Final

from pipeline.ports.mangadex.stats import Stats

_EVERY_S: Final = 10.0


class NetworkGauge:
    """Asked often, speaks every ten seconds, and only where something has been done since."""

    def __init__(
        self,
        stats: Callable[[], Stats],
        write: Callable[[str], None],
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._stats = stats
        self._write = write
        self._clock = clock
        self._spoke = clock()
        self._told = Stats()

    def __call__(self) -> None:
        if self._clock() - self._spoke < _EVERY_S:
            return
        self._spoke = self._clock()
        now = self._stats()
        if now.requests != self._told.requests or now.image_requests != self._told.image_requests:
            self._told = now
            self._write(f"network  {now.pages_per_s:.1f} pages/s; so far {so_far(now)}")


def so_far(stats: Stats) -> str:
    """Everything in one line: pages, bytes, leases, waits, and what went wrong."""
    pages = stats.verified + stats.kept_unverified
    parts = [
        f"{pages} pages fetched ({stats.n_bytes / 1e6:.1f} MB), {stats.adopted} found here",
        f"{stats.leases} leases, {stats.requests - stats.image_requests} requests to the API",
        f"{stats.throttled} times 429",
        f"{stats.node_failures} node failures",
        f"waited {stats.waited_s:.0f} s for the limits",
    ]
    return ", ".join(parts)


def stats_json(stats: Stats) -> dict[str, object]:
    """The same in plain values."""
    return {**asdict(stats), "missing": dict(stats.missing)}
