"""What a session has done so far, in numbers."""

from __future__ import annotations

from collections import Counter, deque
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

_WINDOW_S: Final = 10.0


@dataclass(frozen=True, slots=True)
class Stats:
    """A snapshot. `missing` is by reason; `pages_per_s` over the last ten seconds."""

    planned: int = 0
    verified: int = 0
    kept_unverified: int = 0
    adopted: int = 0
    missing: Mapping[str, int] = field(default_factory=dict)
    n_bytes: int = 0
    pages_per_s: float = 0.0
    requests: int = 0
    image_requests: int = 0
    throttled: int = 0
    waited_s: float = 0.0
    leases: int = 0
    node_failures: int = 0
    reports_sent: int = 0
    reports_dropped: int = 0


class Tally:
    """Counts in one event loop; read from any thread."""

    def __init__(self) -> None:
        self.planned = 0
        self.verified = 0
        self.kept_unverified = 0
        self.adopted = 0
        self.missing: Counter[str] = Counter()
        self.n_bytes = 0
        self.image_requests = 0
        self.throttled = 0
        self.leases = 0
        self.node_failures = 0
        self._seconds: deque[tuple[int, int]] = deque(maxlen=int(_WINDOW_S))

    def downloaded(self, n_bytes: int, now: float, *, is_verified: bool) -> None:
        """A page came over the network; `now` is the loop's time in seconds."""
        if is_verified:
            self.verified += 1
        else:
            self.kept_unverified += 1
        self.n_bytes += n_bytes
        second, pages = self._seconds[-1] if self._seconds else (-1, 0)
        if second == int(now):
            self._seconds[-1] = (second, pages + 1)
        else:
            self._seconds.append((int(now), 1))

    def pages_per_s(self, now: float) -> float:
        """Pages that came over the network in the last ten seconds, by the second."""
        recent = sum(pages for second, pages in list(self._seconds) if now - second <= _WINDOW_S)
        return recent / _WINDOW_S
