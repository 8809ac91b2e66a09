"""How strict the emulated site is. The defaults are the documented limits."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, Final, Literal

LimitHeaders = Literal["epoch", "none", "retry_after", "past", "far", "html_400"]
NodeStyle = Literal["token", "prefix", "bare"]


@dataclass(frozen=True)
class Rules:
    """Times in seconds on the emulator's clock. None switches a limit off."""

    api_per_second: int | None = 5
    load_balancers: int = 1
    """The limit holds for each of so many, and requests go to them in turn."""
    at_home_per_minute: int | None = 40
    limit_headers: LimitHeaders = "epoch"
    """What a 429 says; `far` announces a time ten minutes ahead, `past` one gone by."""
    ban_after: int | None = 3
    """More requests than these before the announced time bring a ban."""
    ban_s: float = 900.0
    ban_is_html: bool = False

    lease_s: float = 900.0
    nodes: tuple[NodeStyle, ...] = ("token", "prefix")
    """One image node each: a token in the path, a prefix and a token, or neither."""
    uploads_serves: bool = True
    """Whether the fixed image host takes its turn among the nodes."""
    tries_per_node: int = 2
    """After so many leases of a chapter it goes to the next node without a report, too."""

    image_cap: int = 32
    """More requests than these at once on one image host are counted."""
    image_cap_is_429: bool = False
    image_latency_s: float = 0.0
    api_latency_s: float = 0.0
    chunked_images: bool = False
    ranges: bool = True

    clock_skew_s: float = 0.0
    """How far the site's clock is ahead of the wall's, in Date and in the limit headers."""
    report_is_up: bool = True
    seed: int = 0


def unlimited(**other: Any) -> Rules:
    """No request limits and no bans; everything else as said."""
    return Rules(api_per_second=None, at_home_per_minute=None, ban_after=None, **other)


@dataclass
class Window:
    """A fixed window: `limit` requests until the clock's next multiple of `length_s`."""

    limit: int
    length_s: float
    number: int = -1
    used: int = 0

    def take(self, now: float) -> bool:
        """Counts a request; False where there is no room for it."""
        number = int(now // self.length_s)
        if number != self.number:
            self.number, self.used = number, 0
        self.used += 1
        return self.used <= self.limit

    @property
    def remaining(self) -> int:
        return max(0, self.limit - self.used)

    @property
    def ends_at(self) -> float:
        return (self.number + 1) * self.length_s


@dataclass
class Gate:
    """One limit over any number of load balancers, and what it last announced."""

    name: str
    windows: list[Window]
    announced: float = 0.0
    turn: int = field(default=0)

    def take(self, now: float) -> tuple[bool, Window]:
        """Whether the request may pass, and the window that it counted in."""
        window = self.windows[self.turn % len(self.windows)]
        self.turn += 1
        return window.take(now), window


_NO_LIMIT: Final = 10**9


def gates(rules: Rules) -> tuple[Gate, Gate]:
    """The limit over everything, and the one on leases."""
    per_second, per_minute = rules.api_per_second, rules.at_home_per_minute
    everything = [
        Window(_NO_LIMIT if per_second is None else per_second, 1.0)
        for _ in range(rules.load_balancers)
    ]
    leases = Window(_NO_LIMIT if per_minute is None else per_minute, 60.0)
    return Gate("api", everything), Gate("at-home", [leases])
