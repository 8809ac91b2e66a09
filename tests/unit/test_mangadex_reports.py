"""Reports to the image network: told in passing, dropped without regret (E19)."""

from __future__ import annotations

import asyncio
import gc
import json
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

import pytest
from aiohttp import web

from pipeline.ports.mangadex.exchange import new_http
from pipeline.ports.mangadex.reports import Report, Reporter, report_endpoint
from schemas.profile import MangaDexParams
from tests.support.virtual_time import run_virtual

NODE = "https://n1.mangadex.network/t/data/h/1.png"


@dataclass
class Listener:
    """A report host: `answer` decides on each request, 200 if it does not."""

    answer: Callable[[], Awaitable[int]] | None = None
    status: int = 200
    bodies: list[bytes] = field(default_factory=list)
    types: set[str | None] = field(default_factory=set)
    paths: set[str] = field(default_factory=set)

    async def __call__(self, request: web.BaseRequest) -> web.Response:
        self.bodies.append(await request.read())
        self.types.add(request.headers.get("Content-Type"))
        self.paths.add(request.path)
        status = await self.answer() if self.answer else self.status
        return web.Response(status=status)

    @property
    def successes(self) -> list[bool]:
        return [json.loads(body)["success"] for body in self.bodies]


def report(url: str = NODE, *, success: bool = True) -> Report:
    return Report(url, success, cached=False, n_bytes=5, took_s=0.25)


@asynccontextmanager
async def reporting(listener: Listener, mode: str = "auto") -> AsyncIterator[Reporter]:
    server = web.Server(listener, handler_cancellation=True, access_log=None)
    runner = web.ServerRunner(server, shutdown_timeout=0.1)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    url = f"http://127.0.0.1:{runner.addresses[0][1]}"
    params = MangaDexParams.model_validate({"report_url": url, "report": mode})
    async with new_http(params) as http:
        reporter = Reporter(params, http)
        yield reporter
        await reporter.close()
    await runner.cleanup()


def test_a_report_says_what_the_network_asks_for() -> None:
    async def run(listener: Listener) -> int:
        async with reporting(listener) as reporter:
            reporter.tell(Report(NODE, success=True, cached=True, n_bytes=7, took_s=0.1234))
            await reporter.close()
            return reporter.sent

    listener = Listener()
    assert run_virtual(run(listener)) == 1
    assert listener.types == {"application/json"}
    assert listener.paths == {"/report"}
    assert json.loads(listener.bodies[0]) == {
        "url": NODE,
        "success": True,
        "cached": True,
        "bytes": 7,
        "duration": 123,
    }


@pytest.mark.parametrize(
    ("setting", "endpoint"),
    [
        ("https://api.mangadex.network", "https://api.mangadex.network/report"),
        ("https://api.mangadex.network/", "https://api.mangadex.network/report"),
        ("https://api.mangadex.network/report", "https://api.mangadex.network/report"),
        ("http://127.0.0.1:1/x/report/", "http://127.0.0.1:1/x/report"),
    ],
)
def test_the_endpoint_is_not_doubled(setting: str, endpoint: str) -> None:
    assert report_endpoint(setting) == endpoint


def test_nothing_is_told_of_mangadex_org_or_when_switched_off() -> None:
    async def run(listener: Listener, mode: str, url: str) -> int:
        async with reporting(listener, mode) as reporter:
            reporter.tell(report(url))
            await reporter.close()
            return reporter.sent + reporter.dropped

    listener = Listener()
    assert run_virtual(run(listener, "auto", "https://uploads.mangadex.org/data/h/1.png")) == 0
    assert run_virtual(run(listener, "off", NODE)) == 0
    assert not listener.bodies


def test_failures_are_told_first() -> None:
    async def run(listener: Listener) -> None:
        async with reporting(listener) as reporter:
            for _ in range(10):
                reporter.tell(report())
            reporter.tell(report(success=False))

    listener = Listener()
    run_virtual(run(listener))
    assert len(listener.bodies) == 11
    assert not all(listener.successes[:4])


def test_e19_after_five_failures_nobody_is_asked_any_more() -> None:
    async def run(listener: Listener) -> tuple[int, int]:
        async with reporting(listener) as reporter:
            for _ in range(40):
                reporter.tell(report())
            await asyncio.sleep(5)
            reporter.tell(report())
            await asyncio.sleep(120)
            reporter.tell(report())
            return reporter.sent, reporter.dropped

    listener = Listener(status=522)
    assert run_virtual(run(listener)) == (0, 42)
    assert 5 <= len(listener.bodies) <= 8, "up to three more were on their way"


def test_e19_on_tries_again_after_a_minute() -> None:
    async def run(listener: Listener) -> int:
        async with reporting(listener, "on") as reporter:
            for _ in range(20):
                reporter.tell(report())
            await asyncio.sleep(30)
            reporter.tell(report())
            await asyncio.sleep(1)
            asked = len(listener.bodies)
            listener.status = 200
            await asyncio.sleep(61)
            reporter.tell(report())
            await asyncio.sleep(1)
            assert len(listener.bodies) == asked + 1
            return reporter.sent

    assert run_virtual(run(Listener(status=500))) == 1


def test_e19_a_success_in_between_counts_from_the_start() -> None:
    async def run(listener: Listener) -> int:
        async with reporting(listener) as reporter:
            for n in range(24):
                listener.status = 200 if n % 4 == 3 else 500
                reporter.tell(report())
                await asyncio.sleep(1)
            return len(listener.bodies)

    assert run_virtual(run(Listener())) == 24


def test_e19_the_queue_is_bounded_and_keeps_failures() -> None:
    async def hold() -> int:
        await asyncio.sleep(1.9)
        return 200

    async def run(listener: Listener) -> tuple[int, int]:
        async with reporting(listener) as reporter:
            for _ in range(1000):
                reporter.tell(report())
            reporter.tell(report(success=False))
            dropped = reporter.dropped
            await asyncio.sleep(4)
            return dropped, listener.successes.count(False)

    dropped, failures_told = run_virtual(run(Listener(hold)))
    assert dropped == 801
    assert failures_told == 1


def test_e34_the_flush_takes_two_seconds_at_most() -> None:
    async def hang() -> int:
        await asyncio.sleep(1000)
        return 200

    async def run(listener: Listener) -> tuple[float, int]:
        async with reporting(listener) as reporter:
            for _ in range(100):
                reporter.tell(report())
            began = asyncio.get_running_loop().time()
            await reporter.close()
            return asyncio.get_running_loop().time() - began, reporter.dropped

    seconds, dropped = run_virtual(run(Listener(hang)))
    assert seconds <= 2.1
    assert dropped >= 96


@pytest.mark.parametrize(
    ("url", "proxy"),
    [("https://api.test", "socks5://proxy.test"), (f"http://{'a' * 64}.test", "")],
)
def test_e19_a_report_that_has_no_way_is_dropped(
    url: str, proxy: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """And no courier is lost with an exception that nobody looks at."""
    for name in ("http_proxy", "https_proxy", "no_proxy", "all_proxy"):
        monkeypatch.delenv(name, raising=False)
        monkeypatch.delenv(name.upper(), raising=False)
    monkeypatch.setenv("https_proxy", proxy)

    async def run() -> tuple[int, int, list[object]]:
        unseen: list[object] = []
        asyncio.get_running_loop().set_exception_handler(lambda _, what: unseen.append(what))
        params = MangaDexParams(report_url=url)
        async with new_http(params) as http:
            reporter = Reporter(params, http)
            for _ in range(3):
                reporter.tell(report())
            await reporter.close()
        gc.collect()
        return reporter.sent, reporter.dropped, unseen

    assert run_virtual(run()) == (0, 3, [])
