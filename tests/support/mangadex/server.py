"""Starts and stops the emulated site: every logical host on its own loopback port."""

from __future__ import annotations

import asyncio
import math
import socket
import threading
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable, Iterator
from contextlib import asynccontextmanager, contextmanager
from typing import Final

from aiohttp import web

from tests.support.mangadex.admin_routes import AdminHost
from tests.support.mangadex.api_routes import ApiHost
from tests.support.mangadex.corpus import Corpus
from tests.support.mangadex.faults import Fault, FaultBook
from tests.support.mangadex.image_routes import ImageHost
from tests.support.mangadex.leases import UPLOADS
from tests.support.mangadex.report_routes import ReportHost
from tests.support.mangadex.rules import Rules
from tests.support.mangadex.site import Site
from tests.support.mangadex.stats import Stats
from tests.support.mangadex.world import World

LOOPBACK: Final = "127.0.0.1"
Answering = Callable[[web.BaseRequest], Awaitable[web.StreamResponse]]


class Emulator:
    """An emulated site that is up. Its clock is the loop's that it was started on."""

    def __init__(self, site: Site, api: ApiHost) -> None:
        self.site = site
        self._api = api

    @property
    def api_url(self) -> str:
        return self.site.urls["api"]

    @property
    def report_url(self) -> str:
        return self.site.urls["report"]

    @property
    def admin_url(self) -> str:
        return self.site.urls["admin"]

    @property
    def uploads_url(self) -> str:
        return self.site.urls[UPLOADS]

    @property
    def stats(self) -> Stats:
        return self.site.stats

    @property
    def faults(self) -> FaultBook:
        """`add` more at any time; `clear` ends them."""
        return self.site.faults

    @property
    def world(self) -> World:
        """Lets a test remove or replace a chapter while the site is up."""
        return self.site.world

    def ban(self, seconds: float) -> None:
        """Shuts everybody out of the API from now on, for so long."""
        self.site.ban(seconds)

    def reset(self) -> None:
        """Counts, corpus, leases and limits as at the start; no faults, no ban."""
        self.site.stats.__init__()  # type: ignore[misc]
        self.site.faults.clear()
        self.site.banned_until = -math.inf
        self.site.rebuild()
        self._api.reset()


@asynccontextmanager
async def emulated(
    corpus: Corpus,
    *,
    rules: Rules | None = None,
    faults: Iterable[Fault] = (),
    wall: Callable[[], float] | None = None,
    api_port: int = 0,
) -> AsyncIterator[Emulator]:
    """The site on the running loop, until the block ends. `wall`: epoch seconds, if not the
    loop's time from a fixed epoch."""
    site = Site(corpus, rules or Rules(), faults, wall)
    api = ApiHost(site)
    emulator = Emulator(site, api)
    hosts: dict[str, Answering] = {"api": api, "report": ReportHost(site)}
    hosts["admin"] = AdminHost(site, emulator.reset)
    for node in {**dict.fromkeys(site.leases.styles), UPLOADS: None}:
        hosts[node] = ImageHost(site, node)
    runners: list[web.ServerRunner] = []
    with _address_of_nobody() as nobody:
        site.urls["dead"] = nobody
        try:
            for name, host in hosts.items():
                runners.append(await _listening(site, name, host, api_port if name == "api" else 0))
            yield emulator
        finally:
            for runner in runners:
                await runner.cleanup()


async def _listening(site: Site, name: str, host: Answering, port: int) -> web.ServerRunner:
    # A client that goes away takes its request along; stalled answers would outlive the test.
    server = web.Server(host, handler_cancellation=True, access_log=None)
    runner = web.ServerRunner(server, shutdown_timeout=0.1)
    await runner.setup()
    await web.TCPSite(runner, LOOPBACK, port).start()
    site.urls[name] = f"http://{LOOPBACK}:{runner.addresses[0][1]}"
    return runner


@contextmanager
def _address_of_nobody() -> Iterator[str]:
    """A port that is taken, so that nobody else gets it, and at which nobody listens."""
    with socket.socket() as taken:
        taken.bind((LOOPBACK, 0))
        yield f"http://{LOOPBACK}:{taken.getsockname()[1]}"


def real_wall(loop: asyncio.AbstractEventLoop) -> Callable[[], float]:
    """The machine's wall clock now, and from then on at the speed of the loop's."""
    epoch0 = time.time() - loop.time()
    return lambda: epoch0 + loop.time()


@contextmanager
def emulator_thread(
    corpus: Corpus,
    *,
    rules: Rules | None = None,
    faults: Iterable[Fault] = (),
    new_loop: Callable[[], asyncio.AbstractEventLoop] = asyncio.new_event_loop,
) -> Iterator[Emulator]:
    """The site in a thread with a loop of its own, for callers that have none."""
    ready: list[Emulator | BaseException] = []
    is_up, done = threading.Event(), asyncio.Event()
    loop = new_loop()

    async def serve() -> None:
        try:
            async with emulated(
                corpus, rules=rules, faults=faults, wall=real_wall(loop)
            ) as emulator:
                ready.append(emulator)
                is_up.set()
                await done.wait()
        except OSError as error:
            ready.append(error)
            is_up.set()

    def run() -> None:
        asyncio.set_event_loop(loop)
        try:
            loop.run_until_complete(serve())
        finally:
            loop.close()

    thread = threading.Thread(target=run, name="emulator", daemon=True)
    thread.start()
    is_up.wait()
    try:
        if isinstance(ready[0], BaseException):
            raise ready[0]
        yield ready[0]
    finally:
        if thread.is_alive():
            loop.call_soon_threadsafe(done.set)
        thread.join(timeout=20)
