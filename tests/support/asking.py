"""The client of the MangaDex API put to use against a script, on a virtual clock."""

from __future__ import annotations

import asyncio
import random
import socket
from collections.abc import Awaitable, Callable
from typing import Any

import aiohttp
import pytest
from aiohttp.abc import AbstractResolver, ResolveResult

from pipeline.core.errors import StopRun
from pipeline.ports.mangadex.api import Api, new_http
from pipeline.ports.mangadex.limits import MemorySlots, SlotBook
from schemas.profile import MangaDexParams
from tests.support.scripted import Answer, Script, Server, scripted
from tests.support.virtual_time import loop_wall, run_virtual

ID = "00000000-0000-4000-8000-000000000001"
CHAPTER = Answer(body={"data": {"id": ID}})
LEASE = Answer(body={"baseUrl": "b", "chapter": {"hash": "h", "data": ["1.png"]}})
Use = Callable[[Api], Awaitable[Any]]


def asked(script: Script, use: Use, *, skew_s: float = 0.0, **params: Any) -> tuple[Any, Server]:
    async def run() -> tuple[Any, Server]:
        async with scripted(script, skew_s) as server:
            return await use_at(server.url, use, **params), server

    return run_virtual(run())


async def use_at(url: str, use: Use, slots: SlotBook | None = None, **params: Any) -> Any:
    settings = MangaDexParams(api_url=url, **params)
    wall = loop_wall()
    async with new_http(settings) as http:
        api = Api(settings, http, slots or MemorySlots(wall), wall, rng=random.Random(3))
        return await use(api)


async def halts(api: Api, error: type[StopRun], words: str) -> None:
    """The next call raises the error on one line, and so does every later one, unasked."""
    with pytest.raises(error, match=rf"^[^\n]*{words}[^\n]*$"):
        await api.chapter(ID)
    requests = api.counts.requests
    assert type(api.halted) is error
    for call in (api.chapter(ID), api.at_home(ID), api.search("x"), api.ping()):
        with pytest.raises(error, match=words):
            await call
    assert api.counts.requests == requests


class Names(AbstractResolver):
    """Every name is this machine, or no name is known. All but the first take a while."""

    def __init__(self, *, is_known: bool = True, slowness_s: float = 0.0) -> None:
        self.is_known = is_known
        self.slowness_s = slowness_s
        self.asked = 0

    async def resolve(
        self, host: str, port: int = 0, family: socket.AddressFamily = socket.AF_INET
    ) -> list[ResolveResult]:
        self.asked += 1
        if self.asked > 1:
            await asyncio.sleep(self.slowness_s)
        if not self.is_known:
            raise OSError(None, "no such name")
        return [
            ResolveResult(
                hostname=host, host="127.0.0.1", port=port, family=family, proto=0, flags=0
            )
        ]

    async def close(self) -> None:
        pass


async def use_by_name(
    port: str,
    use: Use,
    slots: SlotBook | None = None,
    names: AbstractResolver | None = None,
    on_ban: str = "stop",
) -> Any:
    """As a real host is used: by a name, so that what happens is remembered."""
    url = f"http://api.test:{port}"
    settings = MangaDexParams.model_validate({"api_url": url, "on_ban": on_ban})
    wall = loop_wall()
    connector = aiohttp.TCPConnector(resolver=names or Names(), use_dns_cache=False)
    async with aiohttp.ClientSession(connector=connector) as http:
        return await use(Api(settings, http, slots or MemorySlots(wall), wall))
