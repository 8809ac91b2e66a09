"""One GET for one picture: what it sends, what it gives back, and when it gives up."""

from __future__ import annotations

import asyncio
import hashlib

import aiohttp
import pytest

from pipeline.ports.mangadex.exchange import new_http
from pipeline.ports.mangadex.images import LARGEST_PICTURE, Body, Failure, Fault, get_picture
from schemas.profile import MangaDexParams
from tests.support.one_picture import PICTURE, TOKEN, answer, body, failure, got
from tests.support.virtual_time import run_virtual


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
