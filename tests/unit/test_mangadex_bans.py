"""What we do when MangaDex shuts us out or wants to see a person: E3."""

from __future__ import annotations

import asyncio

import pytest

from pipeline.core.errors import Banned, HumanNeeded, ServerTrouble, StopRun, Unreachable
from pipeline.ports.mangadex.api import Api
from pipeline.ports.mangadex.limits import MemorySlots
from tests.support.asking import CHAPTER, ID, Names, asked, halts, use_at, use_by_name
from tests.support.scripted import Answer, Seen, scripted
from tests.support.virtual_time import loop_wall, run_virtual

CAPTCHA = {"result": "error", "errors": [{"title": "captcha_required_exception"}]}
FORBIDDEN = Answer(403, {"result": "error", "errors": [{"title": "Forbidden"}]})


def test_e3_a_captcha_ends_the_run_without_another_try() -> None:
    by_code = Answer(403, CAPTCHA)
    by_header = Answer(403, "<html>", {"X-Captcha-Sitekey": "k"})
    for answer in (by_code, by_header):
        _, server = asked(lambda _, a=answer: a, lambda api: halts(api, HumanNeeded, "captcha"))
        assert len(server.seen) == 1


def test_e3_whoever_waits_for_a_lane_is_told_at_once() -> None:
    def script(seen: Seen) -> Answer:
        if seen.path.startswith("/at-home"):
            return Answer(429, "", {"Retry-After": "600", "X-RateLimit-Limit": "40"})
        return Answer(403, CAPTCHA)

    async def use(api: Api) -> None:
        waiting = asyncio.create_task(api.at_home(ID))
        await asyncio.sleep(5)
        began = asyncio.get_running_loop().time()
        for call in (api.chapter(ID), waiting):
            with pytest.raises(HumanNeeded):
                await call
        assert asyncio.get_running_loop().time() - began < 1

    asked(script, use)


@pytest.mark.parametrize("banned_at", [0, 3])
def test_e3_a_ban_stops_every_task_before_it_sends_anything_more(banned_at: int) -> None:
    """Some wait in a lane, some are on their way; the answer of the ban is the last request."""

    def script(seen: Seen) -> Answer:
        return FORBIDDEN if seen.number == banned_at else Answer(body=CHAPTER.body, after_s=1.0)

    async def use(api: Api) -> None:
        calls = [api.chapter(ID) if n % 2 else api.at_home(ID) for n in range(20)]
        began = asyncio.get_running_loop().time()
        found = await asyncio.gather(*calls, return_exceptions=True)
        assert all(isinstance(each, Banned) for each in found)
        assert asyncio.get_running_loop().time() - began < 2
        assert api.counts.n_bans == 1
        await halts(api, Banned, "shut this address out .403.: run again when it lets you in")
        await asyncio.sleep(2000)

    _, server = asked(script, use)
    assert len(server.seen) == banned_at + 1


@pytest.mark.parametrize(
    ("body", "on_ban"), [(FORBIDDEN.body, "stop"), (FORBIDDEN.body, "wait"), (CAPTCHA, "stop")]
)
def test_e3_what_is_only_connecting_is_called_back(
    body: object, on_ban: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("no_proxy", "api.test")

    async def use(api: Api) -> None:
        calls = asyncio.gather(*(api.chapter(ID) for _ in range(3)), return_exceptions=True)
        await asyncio.wait([calls], timeout=100)
        calls.cancel()

    async def run() -> None:
        slow_answer = Answer(403, body, after_s=5.0)
        async with scripted(lambda _: slow_answer) as server:
            port = server.url.rsplit(":", 1)[1]
            await use_by_name(port, use, names=Names(slowness_s=9.0), on_ban=on_ban)
            assert len(server.seen) == 1

    run_virtual(run())


def test_e3_a_ban_that_is_waited_out_ends_with_one_probe() -> None:
    def script(seen: Seen) -> Answer:
        return FORBIDDEN if seen.number == 3 else Answer(body=CHAPTER.body, after_s=1.0)

    async def use(api: Api) -> None:
        found = await asyncio.gather(*(api.chapter(ID) for _ in range(8)))
        assert all(found)
        assert (api.counts.n_bans, api.counts.n_probes) == (1, 1)

    _, server = asked(script, use, on_ban="wait")
    assert server.paths.count("/ping") == 1
    assert server.paths[4] == "/ping"
    assert 900 <= server.gaps()[3] <= 901


@pytest.mark.parametrize(
    ("answer", "error"),
    [
        (FORBIDDEN, Banned),
        (Answer(429, ""), Banned),
        (Answer(403, CAPTCHA), HumanNeeded),
        (Answer(503, ""), ServerTrouble),
        (Answer(cut=True), Unreachable),
    ],
)
def test_e3_a_probe_that_fails_ends_the_run(answer: Answer, error: type[StopRun]) -> None:
    def script(seen: Seen) -> Answer:
        return answer if seen.path == "/ping" else FORBIDDEN

    async def use(api: Api) -> None:
        found = await asyncio.gather(*(api.chapter(ID) for _ in range(5)), return_exceptions=True)
        assert {type(each) for each in found} == {error}
        assert all("\n" not in str(each) and len(str(each)) > 20 for each in found)

    _, server = asked(script, use, on_ban="wait")
    assert len(server.seen) == 2


def test_e3_a_later_run_asks_nothing_during_a_ban_and_then_probes_once(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("no_proxy", "api.test")

    async def run() -> None:
        slots = MemorySlots(loop_wall())
        is_banned = True

        def script(_: Seen) -> Answer:
            return FORBIDDEN if is_banned else CHAPTER

        async with scripted(script) as server:
            port = server.url.rsplit(":", 1)[1]
            await use_by_name(port, lambda api: halts(api, Banned, "15 min"), slots)
            await asyncio.sleep(600)
            await use_by_name(port, lambda api: halts(api, Banned, "5 min"), slots)
            assert len(server.seen) == 1
            await asyncio.sleep(301)
            await use_by_name(port, lambda api: halts(api, Banned, "15 min"), slots)
            assert server.paths[1:] == ["/ping"]
            await asyncio.sleep(901)
            is_banned = False
            both = (use_by_name(port, lambda api: api.chapter(ID), slots) for _ in range(2))
            assert all(await asyncio.gather(*both))
            assert server.paths[2:] == ["/ping", f"/chapter/{ID}", f"/chapter/{ID}"]

    run_virtual(run())


def test_on_loopback_a_ban_is_forgotten_with_the_process() -> None:
    async def run() -> None:
        slots = MemorySlots(loop_wall())
        async with scripted(lambda seen: CHAPTER if seen.number else FORBIDDEN) as server:
            await use_at(server.url, lambda api: halts(api, Banned, "shut this address out"), slots)
            assert await use_at(server.url, lambda api: api.chapter(ID), slots)

    run_virtual(run())
