"""What the emulator saw. Every rule of politeness has its number here."""

from __future__ import annotations

from collections import Counter, deque
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any


@dataclass
class Peak:
    """The most events in any window of `length_s`, wherever it begins."""

    length_s: float
    most: int = 0
    recent: deque[float] = field(default_factory=deque)

    def add(self, now: float) -> None:
        self.recent.append(now)
        while self.recent[0] <= now - self.length_s:
            self.recent.popleft()
        self.most = max(self.most, len(self.recent))


@dataclass
class Stats:
    """Counts since the start or the last reset. `snapshot` gives them as plain JSON values."""

    requests: Counter[str] = field(default_factory=Counter)
    """By route."""
    statuses: Counter[str] = field(default_factory=Counter)
    """By host and status: `api 200`."""
    violations: Counter[str] = field(default_factory=Counter)
    """By rule: token_leak, no_user_agent, via, foreign_referer, over_image_cap, early, in_ban,
    report_for_mangadex_org, report_type, ..."""
    faults: Counter[str] = field(default_factory=Counter)
    """Those that happened, by kind."""
    reports: Counter[str] = field(default_factory=Counter)
    """valid, invalid, and of the valid ones success and failure."""
    ignored_parameters: Counter[str] = field(default_factory=Counter)
    good_pages: Counter[tuple[str, int, str]] = field(default_factory=Counter)
    """(chapter id, page from 1, quality): how often it was sent whole and right."""
    served: Counter[str] = field(default_factory=Counter)
    """By sha256: the same."""
    api_rate: Peak = field(default_factory=lambda: Peak(1.0))
    at_home_rate: Peak = field(default_factory=lambda: Peak(60.0))
    image_bytes: int = 0
    limited: int = 0
    """429s, and 400s that stand for one."""
    bans: int = 0
    running: Counter[str] = field(default_factory=Counter)
    peak_running: Counter[str] = field(default_factory=Counter)
    """By host, and `images` for all image hosts together."""
    lease_uses: int = 0
    lease_age_sum_s: float = 0.0
    lease_age_max_s: float = 0.0
    leases_untouched_max: int = 0
    """The most leases at one time of which no page had been asked for."""
    trace: deque[tuple[float, str, str, int]] = field(default_factory=lambda: deque(maxlen=20_000))
    """(time since the start, host, path, status) of the last requests; tokens left out."""

    @contextmanager
    def in_flight(self, *hosts: str) -> Iterator[None]:
        """Counts a request as running on those hosts."""
        for host in hosts:
            self.running[host] += 1
            self.peak_running[host] = max(self.peak_running[host], self.running[host])
        try:
            yield
        finally:
            for host in hosts:
                self.running[host] -= 1

    def lease_used(self, age_s: float) -> None:
        self.lease_uses += 1
        self.lease_age_sum_s += age_s
        self.lease_age_max_s = max(self.lease_age_max_s, age_s)

    @property
    def duplicate_pages(self) -> int:
        """How many times a page was sent whole that had been sent whole before."""
        return self.good_pages.total() - len(self.good_pages)

    @property
    def early_requests(self) -> int:
        """Requests before the time that a 429 announced."""
        return self.violations["early"]

    @property
    def requests_in_ban(self) -> int:
        return self.violations["in_ban"]

    def snapshot(self) -> dict[str, Any]:
        """All of it but the trace and the single pages."""
        return {
            "requests": dict(self.requests),
            "statuses": dict(self.statuses),
            "violations": dict(self.violations),
            "faults": dict(self.faults),
            "reports": dict(self.reports),
            "ignored_parameters": dict(self.ignored_parameters),
            "limited": self.limited,
            "early_requests": self.early_requests,
            "requests_in_ban": self.requests_in_ban,
            "bans": self.bans,
            "peak_api_per_second": self.api_rate.most,
            "peak_at_home_per_minute": self.at_home_rate.most,
            "peak_running": dict(self.peak_running),
            "pages_served": self.good_pages.total(),
            "different_pages_served": len(self.good_pages),
            "duplicate_pages": self.duplicate_pages,
            "image_bytes": self.image_bytes,
            "lease_uses": self.lease_uses,
            "lease_age_mean_s": self.lease_age_sum_s / max(1, self.lease_uses),
            "lease_age_max_s": self.lease_age_max_s,
            "leases_untouched_max": self.leases_untouched_max,
        }
