"""One GET for one picture: what it sends, what it gives back, and when it gives up."""

from __future__ import annotations

import asyncio
import hashlib
from collections.abc import Awaitable, Callable
from dataclasses import dataclass

import aiohttp
import pytest

from pipeline.ports.mangadex.exchange import new_http
from pipeline.ports.mangadex.images import LARGEST_PICTURE, Body, Failure, Fault, get_picture
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


def test_a_picture_comes_whole_with_its_sha256() -> None:
    found = body(answer(PICTURE, "X-Cache: hit from cache\r\nContent-Type: image/png\r\n"))
    assert found.content == PICTURE
    assert found.sha256 == hashlib.sha256(PICTURE).hexdigest()
    assert found.is_cached
    assert found.media_type == "image/png"
    assert not body(answer(PICTURE, "X-Cache: MISS\r\n")).is_cached


def test_e30_nothing_is_sent_that_a_node_must_not_see() -> None:
    head = "Set-Cookie: a=b\r\n"
    asked = got(answer(PICTURE, head)).asked.lower()
    assert asked.startswith(f"get /{TOKEN}/data/h/1.png ")
    assert "user-agent: mangazero/" in asked
    for header in ("authorization", "referer", "cookie", "via:"):
        assert header not in asked


@pytest.mark.parametrize(
    ("status", "fault"),
    [
        ("403 Forbidden", Fault.EXPIRED),
        ("404 Not Found", Fault.NOT_FOUND),
        ("410 Gone", Fault.NOT_FOUND),
        ("429 Too Many", Fault.THROTTLED),
        ("500 Oops", Fault.STATUS),
        ("522 Nobody", Fault.STATUS),
        ("302 Found", Fault.STATUS),
        ("204 Nothing", Fault.STATUS),
        ("206 Part", Fault.STATUS),
    ],
)
def test_each_status_has_its_meaning(status: str, fault: Fault) -> None:
    script = answer(b"", "Location: http://elsewhere.invalid/\r\n", status)
    assert failure(script).fault is fault


@pytest.mark.parametrize(
    ("header", "seconds"),
    [("Retry-After: 7\r\n", 7.0), ("Retry-After: soon\r\n", None), ("", None)]
    + [(f"Retry-After: {text}\r\n", None) for text in ("-3", "inf", "nan")],
)
def test_a_429_says_how_long_to_stay_away(header: str, seconds: float | None) -> None:
    assert failure(answer(b"", header, "429 Too Many")).retry_after_s == seconds


def test_e16_half_a_body_is_truncated() -> None:
    found = failure(answer(PICTURE[:1000], length=len(PICTURE)))
    assert found.fault is Fault.TRUNCATED
    assert found.n_bytes == 1000


def test_e16_a_body_that_stalls_is_left_after_twenty_seconds() -> None:
    async def stall(writer: asyncio.StreamWriter) -> None:
        await answer(PICTURE, length=2 * len(PICTURE))(writer)
        await asyncio.sleep(100)

    outcome = got(stall)
    assert isinstance(outcome.result, Failure)
    assert outcome.result.fault is Fault.TRUNCATED
    assert outcome.seconds == pytest.approx(20, abs=1.1)


def test_e16_a_body_that_drips_is_left_after_five_seconds() -> None:
    async def drip(writer: asyncio.StreamWriter) -> None:
        await answer(b"", length=len(PICTURE))(writer)
        for start in range(0, len(PICTURE), 1000):
            writer.write(PICTURE[start : start + 1000])
            await writer.drain()
            await asyncio.sleep(1)

    outcome = got(drip)
    assert isinstance(outcome.result, Failure)
    assert outcome.result.fault is Fault.TOO_SLOW
    assert 5 < outcome.seconds < 7


def test_e16_who_thinks_long_and_then_sends_fast_is_waited_for() -> None:
    async def think(writer: asyncio.StreamWriter) -> None:
        await asyncio.sleep(15)
        await answer(b"", length=len(PICTURE))(writer)
        writer.write(PICTURE)

    outcome = got(think)
    assert isinstance(outcome.result, Body)
    assert outcome.seconds == pytest.approx(15, abs=0.5)


def test_e17_a_reset_is_a_failure_of_the_node() -> None:
    async def reset(writer: asyncio.StreamWriter) -> None:
        writer.transport.abort()

    found = failure(reset)
    assert (found.fault, found.n_bytes) == (Fault.UNREACHED, 0)


def test_e17_nobody_there_is_a_failure_of_the_node() -> None:
    async def refused() -> Body | Failure:
        server = await asyncio.start_server(lambda *_: None, "127.0.0.1", 0)
        port = server.sockets[0].getsockname()[1]
        server.close()
        await server.wait_closed()
        async with new_http(MangaDexParams()) as http:
            return await get_picture(http, f"http://127.0.0.1:{port}/x", {})

    result = run_virtual(refused())
    assert isinstance(result, Failure)
    assert (result.fault, result.n_bytes) == (Fault.UNREACHED, 0)


def test_e29_a_declared_giant_is_not_read() -> None:
    found = failure(answer(PICTURE, length=LARGEST_PICTURE + 1))
    assert (found.fault, found.n_bytes) == (Fault.TOO_LARGE, 0)


def test_e29_a_body_without_end_is_left_at_the_limit() -> None:
    async def endless(writer: asyncio.StreamWriter) -> None:
        writer.write(b"HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n")
        for _ in range(60):
            writer.write(bytes(1_000_000))
            await writer.drain()

    found = failure(endless)
    assert found.fault is Fault.TOO_LARGE
    assert LARGEST_PICTURE < found.n_bytes < LARGEST_PICTURE + 2_000_000


@pytest.mark.parametrize(
    ("content", "head", "may_be"),
    [
        (b"\x89PNG....", "Content-Type: image/png\r\n", True),
        (b"\x89PNG....", "", True),
        (b"\x89PNG....", "Content-Type: text/html\r\n", False),
        (b"  <!DOCTYPE html>", "Content-Type: image/png\r\n", False),
        (b'{"result":"error"}', "", False),
        (b"", "Content-Type: image/png\r\n", False),
    ],
)
def test_e14_a_text_is_no_picture_whatever_it_is_called(
    content: bytes, head: str, may_be: bool
) -> None:
    assert body(answer(content, head)).may_be_picture is may_be


def test_an_unclean_body_length_never_raises() -> None:
    async def nonsense(writer: asyncio.StreamWriter) -> None:
        writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: many\r\n\r\n")

    assert failure(nonsense).fault is Fault.UNREACHED
    assert issubclass(aiohttp.ClientResponseError, aiohttp.ClientError)
