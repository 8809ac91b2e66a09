"""A plain client that keeps no rule by itself: for tests of the emulator, and to look around."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any

import aiohttp

from tests.support.mangadex.server import Emulator


@dataclass(frozen=True)
class Reply:
    """What came back."""

    status: int
    headers: Mapping[str, str]
    body: bytes
    json: Any = None


@dataclass(frozen=True)
class Leased:
    """An at-home answer."""

    base_url: str
    hash: str
    data: list[str]
    saver: list[str]

    def url(self, page: int, quality: str = "data") -> str:
        """The address of a page, from 1."""
        names = self.data if quality == "data" else self.saver
        return f"{self.base_url}/{quality}/{self.hash}/{names[page - 1]}"


class Visitor:
    """Asks whatever it is told to ask."""

    def __init__(self, emulator: Emulator, http: aiohttp.ClientSession) -> None:
        self.emulator = emulator
        self.http = http

    async def get(self, url: str, **options: Any) -> Reply:
        """Any URL; one without a host is the API's."""
        whole = url if url.startswith("http") else self.emulator.api_url + url
        async with self.http.get(whole, allow_redirects=False, **options) as answer:
            return await _reply(answer)

    async def lease(self, chapter: str) -> Leased:
        """Raises KeyError where the answer is no lease."""
        told = (await self.get(f"/at-home/server/{chapter}")).json
        pages = told["chapter"]
        return Leased(told["baseUrl"], pages["hash"], pages["data"], pages["dataSaver"])

    async def report(self, url: str, *, success: bool, **options: Any) -> Reply:
        told = {"url": url, "success": success, "cached": False, "bytes": 0, "duration": 10}
        where = self.emulator.report_url + "/report"
        async with self.http.post(where, **{"json": told, **options}) as answer:
            return await _reply(answer)


async def _reply(answer: aiohttp.ClientResponse) -> Reply:
    body = await answer.read()
    is_json = answer.headers.get("Content-Type") == "application/json"
    return Reply(answer.status, answer.headers, body, await answer.json() if is_json else None)


@asynccontextmanager
async def visitor(emulator: Emulator, **headers: str) -> AsyncIterator[Visitor]:
    """A client with a User-Agent, and a new connection for every request."""
    connector = aiohttp.TCPConnector(force_close=True)
    told = {"User-Agent": "visitor/1 (tests)", **headers}
    async with aiohttp.ClientSession(
        connector=connector, headers=told, timeout=aiohttp.ClientTimeout(total=3600)
    ) as http:
        yield Visitor(emulator, http)
