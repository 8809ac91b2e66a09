"""How long a node may take for one picture (E16): to begin, between bytes, and over all."""

from __future__ import annotations

import asyncio

import pytest

from pipeline.ports.mangadex.images import Body, Failure, Fault
from tests.support.one_picture import PICTURE, answer, got


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


def test_e16_a_head_that_drips_is_left_after_thirty_seconds() -> None:
    async def drip(writer: asyncio.StreamWriter) -> None:
        writer.write(b"HTTP/1.1 200 OK\r\nX-Slow: ")
        for _ in range(1000):
            writer.write(b"x")
            await writer.drain()
            await asyncio.sleep(15)

    outcome = got(drip)
    assert isinstance(outcome.result, Failure)
    assert (outcome.result.fault, outcome.result.n_bytes) == (Fault.UNREACHED, 0)
    assert outcome.seconds == pytest.approx(30, abs=0.5)


@pytest.mark.parametrize("sent", [b"", b"bytes"])
def test_e16_a_body_that_only_ever_announces_bytes_is_left_after_twenty_seconds(
    sent: bytes,
) -> None:
    async def announce(writer: asyncio.StreamWriter) -> None:
        writer.write(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n")
        writer.write(b"5\r\n%b\r\n5;x=" % sent if sent else b"5;x=")
        for _ in range(1000):
            writer.write(b"y")
            await writer.drain()
            await asyncio.sleep(4)

    outcome = got(announce)
    assert isinstance(outcome.result, Failure)
    assert outcome.result.n_bytes == len(sent)
    assert outcome.result.fault is (Fault.TRUNCATED if sent else Fault.UNREACHED)
    assert outcome.seconds == pytest.approx(20, abs=0.5)
