"""What we do when the API is busy, broken or out of reach: E1, E2, E18, E31."""

from __future__ import annotations

import asyncio
import socket

import pytest

from pipeline.core.errors import (
    ProxyInTheWay,
    RateLimited,
    Retryable,
    ServerTrouble,
    Unreachable,
)
from pipeline.ports.mangadex.api import Api
from pipeline.ports.mangadex.limits import AT_HOME_LANE, MemorySlots
from tests.support.asking import CHAPTER, ID, LEASE, Names, asked, halts, use_at, use_by_name
from tests.support.scripted import Answer, Seen, scripted
from tests.support.virtual_time import loop_wall, run_virtual


def at_epoch(after_s: float) -> str:
    return str(int(1_790_000_000 + asyncio.get_running_loop().time() + after_s))


@pytest.mark.parametrize("skew_s", [-120.0, 0.0, 120.0])
def test_e1_e31_a_429_holds_the_lane_until_the_window_ends_for_everybody(skew_s: float) -> None:
    def script(seen: Seen) -> Answer:
        if seen.number == 1:
            headers = {"X-RateLimit-Retry-After": at_epoch(40 + skew_s)}
            return Answer(429, {"result": "error"}, headers)
        return LEASE if "at-home" in seen.path else CHAPTER

    async def use(api: Api) -> None:
        await asyncio.gather(*(api.at_home(ID) for _ in range(4)), other(api))
        assert api.counts.n_429 == 1
        assert api.counts.waits_s > 39

    async def other(api: Api) -> None:
        await asyncio.sleep(10)
        await api.chapter(ID)

    _, server = asked(script, use, skew_s=skew_s)
    assert len(server.seen) == 6
    first, limited, unlimited, *rest = server.seen
    assert unlimited.path.startswith("/chapter")
    assert unlimited.at - first.at < 11
    assert 39 < rest[0].at - limited.at < 43
    assert rest[1].at - rest[0].at >= 1.4


@pytest.mark.parametrize("status", [429, 400])
def test_e2_without_headers_everything_waits_longer_and_longer(status: int) -> None:
    def script(seen: Seen) -> Answer:
        if seen.number < 3:
            return Answer(status, "<h1>Your browser sent an invalid request.</h1>")
        return CHAPTER

    async def use(api: Api) -> None:
        assert await api.chapter(ID)
        assert (api.counts.n_429, api.counts.n_errors) == (3, 0)

    _, server = asked(script, use)
    for gap, least in zip(server.gaps(), [5, 10, 20], strict=True):
        assert least <= gap <= least * 1.1 + 0.3


def test_e2_a_call_gives_up_after_eight_429s_and_the_run_after_twenty_in_a_row() -> None:
    async def use(api: Api) -> None:
        for expected in (8, 16):
            with pytest.raises(Retryable, match=r"still rate limited \(429\)"):
                await api.chapter(ID)
            assert api.counts.n_429 == expected
        await halts(api, RateLimited, "keeps asking us to wait")
        assert api.counts.n_429 == 20

    asked(lambda _: Answer(429, ""), use)


def test_e2_a_wait_of_over_15_min_is_cut_and_the_second_one_ends_the_call() -> None:
    async def use(api: Api) -> None:
        with pytest.raises(Retryable):
            await api.chapter(ID)

    def script(_: Seen) -> Answer:
        return Answer(429, "", {"X-RateLimit-Retry-After": at_epoch(5000)})

    _, server = asked(script, use)
    assert server.gaps() == [pytest.approx(900, abs=0.01)]


def test_the_last_lease_of_a_window_holds_the_lane() -> None:
    def script(seen: Seen) -> Answer:
        left = {"X-RateLimit-Remaining": "0", "X-RateLimit-Retry-After": at_epoch(30)}
        return Answer(body=LEASE.body, headers=left if seen.number == 0 else {})

    async def use(api: Api) -> None:
        await api.at_home(ID)
        await asyncio.gather(api.at_home(ID), api.at_home(ID))

    _, server = asked(script, use)
    first, second = server.gaps()
    assert 29 <= first <= 32
    assert second == pytest.approx(1.52)


TROUBLE = [
    Answer(500, ""),
    Answer(503, {"result": "error", "errors": [{"detail": "down\nfor maintenance"}]}),
    Answer(522, "<html>"),
    Answer(200, b'{"data": {"id": "0000'),
    Answer(200, "<html>welcome to the hotel</html>"),
    Answer(200, {"result": "error"}),
    Answer(200, {"data": {}}),
    Answer(200, [1]),
    Answer(200, b"\xff\xfe{}"),
    Answer(302, "", {"Location": "http://127.0.0.1:1/"}),
    Answer(cut=True),
]


@pytest.mark.parametrize("answer", TROUBLE)
def test_e18_trouble_is_tried_again_with_growing_pauses(answer: Answer) -> None:
    _, server = asked(
        lambda seen: answer if seen.number < 5 else CHAPTER, lambda api: api.chapter(ID)
    )
    for gap, least in zip(server.gaps(), [0.5, 1, 2, 4, 8], strict=True):
        assert least <= gap <= least * 1.5 + 0.26


@pytest.mark.parametrize("answer", [Answer(500, ""), Answer(cut=True)])
def test_e18_a_call_fails_after_six_tries_and_the_run_after_twenty(answer: Answer) -> None:
    error = Unreachable if answer.cut else ServerTrouble

    async def use(api: Api) -> None:
        await api.ping()
        for _ in range(3):
            with pytest.raises(Retryable, match=r"^/chapter/[^\n]* 6 times: the next run tries"):
                await api.chapter(ID)
        await halts(api, error, "then run again")

    _, server = asked(lambda seen: answer if seen.number else Answer(body="pong"), use)
    assert len(server.seen) == 21


def test_e18_a_success_in_between_starts_the_count_anew() -> None:
    async def use(api: Api) -> None:
        for _ in range(30):
            assert await api.chapter(ID)
        assert api.halted is None

    asked(lambda seen: CHAPTER if seen.number % 2 else Answer(502, ""), use)


def test_e29_an_endless_answer_is_cut_off() -> None:
    async def use(api: Api) -> None:
        assert await api.chapter(ID)
        assert api.counts.n_lost == 1

    huge = Answer(200, b" " * 17_000_000)
    asked(lambda seen: CHAPTER if seen.number else huge, use)


def test_a_server_that_stalls_is_left_after_20_s() -> None:
    async def use(api: Api) -> None:
        assert await api.chapter(ID)

    stalled = Answer(body=CHAPTER.body, after_s=500)
    _, server = asked(lambda seen: CHAPTER if seen.number else stalled, use)
    assert 20 <= server.gaps()[0] <= 22


@pytest.mark.parametrize("status", [400, 401])
def test_a_refusal_fails_the_call_with_the_words_of_the_server(status: int) -> None:
    error = {"status": status, "detail": "limit\nis \x1b[31mtoo large"}

    async def use(api: Api) -> None:
        with pytest.raises(Retryable, match=rf"refused with {status}: limit is \[31mtoo large$"):
            await api.chapter(ID)
        assert api.halted is None

    _, server = asked(lambda _: Answer(status, {"result": "error", "errors": [error]}), use)
    assert len(server.seen) == 1


@pytest.mark.parametrize(
    "answer",
    [
        Answer(body=CHAPTER.body, headers={"Via": "1.1 squid"}),
        Answer(400, {"result": "error", "errors": [{"detail": "Via header is not allowed"}]}),
    ],
)
def test_a_proxy_that_adds_via_ends_the_run(answer: Answer) -> None:
    asked(lambda _: answer, lambda api: halts(api, ProxyInTheWay, "unset http_proxy"))


def test_no_such_host_and_nobody_there_are_told_apart_after_two_quick_retries(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("no_proxy", "api.test")

    async def run() -> None:
        began = asyncio.get_running_loop().time()
        name = r"there is no such host as api.test:1, or no DNS: check its spelling"
        unknown = Names(is_known=False)
        await use_by_name("1", lambda api: halts(api, Unreachable, name), names=unknown)
        with socket.socket() as unused:
            unused.bind(("127.0.0.1", 0))
            port = unused.getsockname()[1]
            words = rf"127.0.0.1:{port} refuses connections \(Connection refused\)"
            await use_at(f"http://127.0.0.1:{port}", lambda api: halts(api, Unreachable, words))
        assert asyncio.get_running_loop().time() - began < 10

    run_virtual(run())


def test_a_cancelled_call_is_cancelled_and_leaves_the_lane_free() -> None:
    async def use(api: Api) -> None:
        slow = asyncio.create_task(api.at_home(ID))
        await asyncio.sleep(1)
        slow.cancel()
        with pytest.raises(asyncio.CancelledError):
            await slow
        assert await api.at_home(ID)

    stalled = Answer(body=LEASE.body, after_s=15)
    asked(lambda seen: LEASE if seen.number else stalled, use)


def test_a_hold_of_another_process_is_kept() -> None:
    async def run() -> None:
        slots = MemorySlots(loop_wall())
        slots.hold(AT_HOME_LANE, loop_wall()() + 60)
        async with scripted(lambda _: LEASE) as server:
            began = asyncio.get_running_loop().time()
            await use_at(server.url, lambda api: api.at_home(ID), slots)
            assert server.seen[0].at - began == pytest.approx(60)

    run_virtual(run())


def test_a_server_without_tls_is_no_secure_one() -> None:
    async def run() -> None:
        async with scripted(lambda _: CHAPTER) as server:
            url = server.url.replace("http:", "https:")
            await use_at(url, lambda api: halts(api, Unreachable, "no secure connection to"))

    run_virtual(run())
