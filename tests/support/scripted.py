"""A server that answers what a test's script says, in the same loop as the client under test."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from email.utils import formatdate
from itertools import pairwise

from aiohttp import web

from tests.support.virtual_time import loop_wall


@dataclass(frozen=True)
class Seen:
    """A request: its number from 0, when it came (loop time), and what it asked."""

    number: int
    at: float
    path: str
    query: tuple[tuple[str, str], ...]
    headers: Mapping[str, str]

    def value(self, name: str) -> str:
        return dict(self.query)[name]

    def values(self, name: str) -> list[str]:
        return [value for key, value in self.query if key == name]


@dataclass(frozen=True)
class Answer:
    """What to answer: JSON, or raw bytes or text. `cut` resets the connection instead."""

    status: int = 200
    body: object = None
    headers: Mapping[str, str] = field(default_factory=dict)
    after_s: float = 0.0
    cut: bool = False


Script = Callable[[Seen], Answer]


@dataclass
class Server:
    """Where it listens, and what it has seen so far."""

    url: str = ""
    seen: list[Seen] = field(default_factory=list)

    @property
    def paths(self) -> list[str]:
        return [each.path for each in self.seen]

    def gaps(self) -> list[float]:
        """Seconds between requests."""
        times = [each.at for each in self.seen]
        return [later - sooner for sooner, later in pairwise(times)]


@asynccontextmanager
async def scripted(script: Script, skew_s: float = 0.0) -> AsyncIterator[Server]:
    """Serves on loopback. Its Date is the loop's wall clock, `skew_s` ahead."""
    server = Server()
    wall = loop_wall()

    async def respond(request: web.Request) -> web.StreamResponse:
        now = asyncio.get_running_loop().time()
        query = tuple(request.query.items())
        seen = Seen(len(server.seen), now, request.path, query, dict(request.headers))
        server.seen.append(seen)
        answer = script(seen)
        await asyncio.sleep(answer.after_s)
        if answer.cut and request.transport is not None:
            request.transport.abort()
        headers = {"Date": formatdate(int(wall() + skew_s), usegmt=True), **answer.headers}
        if isinstance(answer.body, bytes | str):
            body = answer.body.encode() if isinstance(answer.body, str) else answer.body
            kind = headers.pop("Content-Type", "text/html")
        else:
            body, kind = json.dumps(answer.body).encode(), "application/json"
        return web.Response(status=answer.status, body=body, headers=headers, content_type=kind)

    app = web.Application()
    app.router.add_get("/{path:.*}", respond)
    runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.1)
    await runner.setup()
    try:
        site = web.TCPSite(runner, "127.0.0.1", 0)
        await site.start()
        port = runner.addresses[0][1]
        server.url = f"http://127.0.0.1:{port}"
        yield server
    finally:
        await runner.cleanup()
