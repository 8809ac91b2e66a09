"""How long a server asks us to wait, read from the headers of its answers. Pure.

Times are epoch seconds; a header names the server's clock, which need not agree with ours.
"""

from __future__ import annotations

import math
import random
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC
from email.utils import parsedate_to_datetime
from typing import Final

LONGEST_WAIT_S: Final = 15 * 60.0
"""No single wait is longer, whatever a header says."""

_LEAST_WAIT_S: Final = 1.0
_FIRST_GUESS_S: Final = 5.0
_LONGEST_GUESS_S: Final = 120.0
_JITTER_S: Final = 1.0
_JITTER_PART: Final = 0.1
# The end of a window may have passed while the answer travelled; further back is another matter.
_JUST_PAST_S: Final = 2.0
_ABSURD_S: Final = 24 * 3600.0


class ServerClock:
    """How far the server's clock is ahead of ours, from the Date headers of its answers.

    A Date is cut to whole seconds, so an answer narrows the offset to an interval; several
    narrow it further. One that contradicts the others means that a clock was set: begin anew.
    """

    def __init__(self) -> None:
        self._low = -math.inf
        self._high = math.inf

    def learn(self, headers: Mapping[str, str], sent: float, received: float) -> None:
        """Takes in an answer to a request that was sent and answered at these times of ours."""
        date = _epoch_of(headers.get("Date", ""))
        if date is None or headers.get("Age", "0").strip() != "0":
            # A cache gives the Date of the answer that it kept.
            return
        low, high = date - received, date + 1.0 - sent
        if low > self._high or high < self._low:
            self._low, self._high = low, high
        self._low = max(self._low, low)
        self._high = min(self._high, high)

    @property
    def offset_s(self) -> float:
        """Server minus ours, at the least that it can be: what is waited for is surely over."""
        return self._low if math.isfinite(self._low) else 0.0

    def ours(self, server_time: float) -> float:
        """When it is, by our clock, surely as late as `server_time` on the server."""
        return server_time - self.offset_s


@dataclass(frozen=True)
class Wait:
    """Seconds to wait, and whether the server asked for longer than we do."""

    seconds: float
    is_cut: bool = False


def wait_after_429(
    headers: Mapping[str, str],
    now: float,
    clock: ServerClock,
    guesses: int,
    rng: random.Random,
) -> Wait:
    """How long to stay away after a 429.

    X-RateLimit-Retry-After is the end of the window on the server's clock; where it is missing,
    long past or absurd, Retry-After counts; where that is too, we guess 5 s, and twice as long
    with every one of `guesses` before, up to 120 s.
    """
    asked = _window_end(headers, now, clock)
    if asked is None:
        asked = retry_after(headers, now, clock)
    if asked is None:
        guess = min(_FIRST_GUESS_S * 2 ** min(guesses, 10), _LONGEST_GUESS_S)
        return Wait(guess * (1 + rng.uniform(0, _JITTER_PART)))
    seconds = max(_LEAST_WAIT_S, asked) + rng.uniform(0, _JITTER_S)
    return Wait(min(seconds, LONGEST_WAIT_S), is_cut=asked > LONGEST_WAIT_S)


def hold_after_success(headers: Mapping[str, str], now: float, clock: ServerClock) -> float | None:
    """When, by our clock, the next request may go if this one was the last of its window."""
    if _number(headers.get("X-RateLimit-Remaining")) != 0:
        return None
    left = _window_end(headers, now, clock)
    return None if left is None or left <= 0 else now + min(left, LONGEST_WAIT_S)


def retry_after(headers: Mapping[str, str], now: float, clock: ServerClock) -> float | None:
    """Retry-After in seconds, given as such or as a date; None where there is no sense in it."""
    text = headers.get("Retry-After")
    delta = _number(text)
    if delta is None and (date := _epoch_of(text or "")) is not None:
        delta = clock.ours(date) - now
    return delta if delta is not None and 0 <= delta <= _ABSURD_S else None


def _window_end(headers: Mapping[str, str], now: float, clock: ServerClock) -> float | None:
    """Seconds until the announced end of the window; None where no sense can be made of it."""
    end = _number(headers.get("X-RateLimit-Retry-After"))
    if end is None:
        return None
    left = clock.ours(end) - now
    return left if -_JUST_PAST_S <= left <= _ABSURD_S else None


def _number(text: str | None) -> float | None:
    try:
        number = float(text or "")
    except ValueError:
        return None
    return number if math.isfinite(number) else None


def _epoch_of(text: str) -> float | None:
    """The epoch seconds of an HTTP date."""
    try:
        date = parsedate_to_datetime(text)
        return (date if date.tzinfo else date.replace(tzinfo=UTC)).timestamp()
    except (ValueError, TypeError, IndexError, OverflowError):
        return None
