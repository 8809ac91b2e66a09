"""One GET for one picture from a node that does as a script says, in virtual time."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from pipeline.ports.mangadex.exchange import new_http
from pipeline.ports.mangadex.images import Body, Failure, get_picture
from schemas.profile import MangaDexParams
from tests.support.virtual_time import run_virtual

PICTURE = bytes(range(256)) * 400
TOKEN = "s3cr3t"

Script = Callable[[asyncio.StreamWriter], Awaitable[None]]


@dataclass
class Outcome:
    result: Body | Failure
    asked: str
    seconds: float


def got(script: Script) -> Outcome:
    """What one GET comes to, where the server does as the script says."""

    async def fetched() -> Outcome:
        asked: list[str] = []

        async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            asked.append((await reader.readuntil(b"\r\n\r\n")).decode())
            try:
                await script(writer)
            except ConnectionError:
                return
            finally:
                writer.close()

        server = await asyncio.start_server(serve, "127.0.0.1", 0)
        port = server.sockets[0].getsockname()[1]
        async with server, new_http(MangaDexParams()) as http:
            began = asyncio.get_running_loop().time()
            url = f"http://127.0.0.1:{port}/{TOKEN}/data/h/1.png"
            result = await get_picture(http, url, {})
            return Outcome(result, "".join(asked), asyncio.get_running_loop().time() - began)

    return run_virtual(fetched())


def answer(
    body: bytes, head: str = "", status: str = "200 OK", length: int | None = None
) -> Script:
    async def script(writer: asyncio.StreamWriter) -> None:
        n_bytes = len(body) if length is None else length
        writer.write(f"HTTP/1.1 {status}\r\nContent-Length: {n_bytes}\r\n{head}\r\n".encode())
        writer.write(body)
        await writer.drain()

    return script


def failure(script: Script) -> Failure:
    result = got(script).result
    assert isinstance(result, Failure)
    assert TOKEN not in result.detail
    return result


def body(script: Script) -> Body:
    result = got(script).result
    assert isinstance(result, Body), result
    return result
