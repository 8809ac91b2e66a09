"""How long MangaDex is left alone: E1, E2 and E31, from headers alone."""

from __future__ import annotations

import random
from email.utils import formatdate

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.ports.mangadex.waits import (
    LONGEST_WAIT_S,
    ServerClock,
    Wait,
    hold_after_success,
    wait_after_429,
)

NOW = 1_790_000_000.0


def wait(headers: dict[str, str], guesses: int = 0, clock: ServerClock | None = None) -> Wait:
    return wait_after_429(headers, NOW, clock or ServerClock(), guesses, random.Random(1))


def skewed(offset_s: float, *, latency_s: float = 0.0) -> ServerClock:
    """A clock that has learned from one answer of a server that is `offset_s` ahead."""
    clock = ServerClock()
    date = formatdate(NOW + offset_s, usegmt=True)
    clock.learn({"Date": date}, NOW - latency_s, NOW)
    return clock


def test_e1_the_end_of_the_window_is_waited_for() -> None:
    seconds = wait({"X-RateLimit-Retry-After": str(int(NOW) + 40)}).seconds
    assert 40 <= seconds <= 41


def test_e1_a_window_that_ends_just_now_still_takes_the_least_wait() -> None:
    assert 1 <= wait({"X-RateLimit-Retry-After": str(int(NOW))}).seconds <= 2


@pytest.mark.parametrize("offset_s", [-120.0, 0.0, 120.0])
def test_e31_the_window_ends_by_the_clock_of_the_server(offset_s: float) -> None:
    headers = {"X-RateLimit-Retry-After": str(int(NOW + offset_s) + 40)}
    assert 40 <= wait(headers, clock=skewed(offset_s)).seconds <= 41


def test_e31_a_date_is_cut_to_seconds_and_answers_narrow_it() -> None:
    clock = ServerClock()
    for tenth in range(20):
        now = NOW + tenth * 1.1
        clock.learn({"Date": formatdate(int(now + 7.5), usegmt=True)}, now, now)
    assert 7.3 < clock.offset_s <= 7.5


def test_e31_a_clock_that_was_set_is_learned_anew() -> None:
    clock = skewed(-60)
    clock.learn({"Date": formatdate(NOW + 60, usegmt=True)}, NOW, NOW)
    assert clock.offset_s == pytest.approx(60)


@pytest.mark.parametrize("headers", [{"Date": "yesterday"}, {}, {"Date": ""}])
def test_e31_without_a_date_the_clocks_are_taken_to_agree(headers: dict[str, str]) -> None:
    clock = ServerClock()
    clock.learn(headers, NOW, NOW)
    assert clock.offset_s == 0


def test_e31_the_date_of_a_cached_answer_teaches_nothing() -> None:
    clock = ServerClock()
    clock.learn({"Date": formatdate(NOW - 500, usegmt=True), "Age": "500"}, NOW, NOW)
    assert clock.offset_s == 0


@pytest.mark.parametrize("epoch", ["", "soon", "nan", "60", str(int(NOW) - 300), "1790000000000"])
def test_e2_without_sense_in_the_epoch_retry_after_counts(epoch: str) -> None:
    headers = {"X-RateLimit-Retry-After": epoch, "Retry-After": "30"}
    assert 30 <= wait(headers).seconds <= 31


def test_e2_retry_after_may_be_a_date() -> None:
    date = formatdate(NOW + 90, usegmt=True)
    assert 90 <= wait({"Retry-After": date}).seconds <= 91


@pytest.mark.parametrize("text", ["-5", "1e9", "later", "Thu, 01 Jan 1970 00:00:00 GMT"])
def test_e2_without_any_sense_waits_grow_from_5_to_120_s(text: str) -> None:
    seconds = [wait({"Retry-After": text}, guesses).seconds for guesses in range(8)]
    for asked, least in zip(seconds, [5, 10, 20, 40, 80, 120, 120, 120], strict=True):
        assert least <= asked <= least * 1.1


def test_e2_no_wait_is_longer_than_15_min_and_a_cut_one_says_so() -> None:
    twenty_minutes = {"X-RateLimit-Retry-After": str(int(NOW) + 1200)}
    assert wait(twenty_minutes) == Wait(LONGEST_WAIT_S, is_cut=True)
    ten_minutes = wait({"X-RateLimit-Retry-After": str(int(NOW) + 600)})
    assert not ten_minutes.is_cut
    assert ten_minutes.seconds >= 600


def test_the_last_request_of_a_window_holds_the_lane_until_its_end() -> None:
    headers = {"X-RateLimit-Remaining": "0", "X-RateLimit-Retry-After": str(int(NOW) + 12)}
    assert hold_after_success(headers, NOW, ServerClock()) == NOW + 12


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"X-RateLimit-Remaining": "1", "X-RateLimit-Retry-After": str(int(NOW) + 12)},
        {"X-RateLimit-Remaining": "0"},
        {"X-RateLimit-Remaining": "0", "X-RateLimit-Retry-After": str(int(NOW) - 1)},
        {"X-RateLimit-Remaining": "", "X-RateLimit-Retry-After": str(int(NOW) + 12)},
    ],
)
def test_otherwise_a_success_holds_nothing(headers: dict[str, str]) -> None:
    assert hold_after_success(headers, NOW, ServerClock()) is None


@given(
    st.dictionaries(
        st.sampled_from(["X-RateLimit-Retry-After", "Retry-After", "X-RateLimit-Remaining"]),
        st.text(max_size=12) | st.floats().map(str) | st.integers().map(str),
    ),
    st.text(max_size=30),
    st.integers(0, 10**6),
)
def test_no_header_whatever_makes_us_crash_rush_or_sleep_for_ever(
    headers: dict[str, str], date: str, guesses: int
) -> None:
    clock = ServerClock()
    clock.learn({"Date": date}, NOW, NOW)
    assert 1 <= wait(headers, guesses, clock).seconds <= LONGEST_WAIT_S
    until = hold_after_success(headers, NOW, clock)
    assert until is None or NOW < until <= NOW + LONGEST_WAIT_S
