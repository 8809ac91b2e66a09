"""One picture from one node: its bytes and what they hash to, or why there are none."""

from __future__ import annotations

import asyncio
import hashlib
import math
import ssl
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

import aiohttp
from yarl import URL

from pipeline.ports.mangadex.proxies import Through

LARGEST_PICTURE: Final = 50_000_000
"""Bytes of a page; no honest one comes near."""

_TIMEOUT: Final = aiohttp.ClientTimeout(total=None, sock_connect=10, sock_read=20)
# A time-out of the socket begins anew with every byte, even one of a header or of a chunk's size.
_LONGEST_HEAD_S: Final = 30.0
_LONGEST_PAUSE_S: Final = 20.0
_HEADERS: Final = {"Accept": "image/*", "Accept-Encoding": "identity"}
# A node may take its time to begin, but what flows has to flow. So no body takes longer than the
# largest one does at this pace, and two pauses.
_LEAST_BYTES_PER_S: Final = 10_000
_SLOW_START_S: Final = 5.0


class Fault(StrEnum):
    """What is wrong with an answer, or with its absence."""

    EXPIRED = "expired"
    NOT_FOUND = "not_found"
    THROTTLED = "throttled"
    STATUS = "status"
    UNREACHED = "unreached"
    TRUNCATED = "truncated"
    TOO_SLOW = "too_slow"
    TOO_LARGE = "too_large"
    NO_PICTURE = "no_picture"
    MISMATCH = "mismatch"
    UNDECODABLE = "undecodable"


@dataclass(frozen=True, slots=True)
class Body:
    """A whole body that came with a 200. `took_s` is from the request to the last byte."""

    content: bytes
    sha256: str
    is_cached: bool
    took_s: float
    media_type: str = ""

    @property
    def may_be_picture(self) -> bool:
        """Whether it is anything but nothing, or a text such as an error page."""
        is_text = self.media_type.lower().startswith("text/")
        return not is_text and self.content[:64].lstrip()[:1] not in (b"", b"<", b"{")


@dataclass(frozen=True, slots=True)
class Failure:
    """Why there is no picture, how many bytes of it came, and what a 429 asks for."""

    fault: Fault
    detail: str
    n_bytes: int = 0
    took_s: float = 0.0
    retry_after_s: float | None = None


async def get_picture(http: aiohttp.ClientSession, url: str, through: Through) -> Body | Failure:
    """One GET: no redirect, no Referer, no Authorization, no cookie. Never raises for the node."""
    loop = asyncio.get_running_loop()
    began = loop.time()
    transfer = _Transfer()
    try:
        target = URL(url, encoded=True)
        async with (
            asyncio.timeout(_LONGEST_HEAD_S) as patience,
            http.get(
                target, headers=_HEADERS, allow_redirects=False, timeout=_TIMEOUT, **through
            ) as response,
        ):
            failure = _failure_of_head(response) or await transfer.read(response, patience)
            took_s = loop.time() - began
            if failure is not None:
                response.close()
                return Failure(
                    failure.fault, failure.detail, transfer.n_bytes, took_s, failure.retry_after_s
                )
            return transfer.body(response, took_s)
    except (aiohttp.ClientError, TimeoutError, OSError, UnicodeError) as error:
        fault = Fault.TRUNCATED if transfer.n_bytes else Fault.UNREACHED
        return Failure(fault, _words(error), transfer.n_bytes, loop.time() - began)


class _Transfer:
    """Chunks as they come, hashed on the way and joined once."""

    def __init__(self) -> None:
        self._chunks: list[bytes] = []
        self._digest = hashlib.sha256()
        self.n_bytes = 0

    async def read(
        self, response: aiohttp.ClientResponse, patience: asyncio.Timeout
    ) -> Failure | None:
        """Reads to the end, or to where it is not worth going on. Moves `patience` on."""
        clock = asyncio.get_running_loop().time
        began = clock()
        patience.reschedule(began + _LONGEST_PAUSE_S)
        async for chunk in response.content.iter_any():
            patience.reschedule(clock() + _LONGEST_PAUSE_S)
            self._chunks.append(chunk)
            self._digest.update(chunk)
            self.n_bytes += len(chunk)
            if self.n_bytes > LARGEST_PICTURE:
                return _TOO_LARGE
            flowing = clock() - began
            if flowing > _SLOW_START_S and self.n_bytes < _LEAST_BYTES_PER_S * flowing:
                pace = f"{self.n_bytes:,} bytes in {flowing:.0f} s"
                return Failure(Fault.TOO_SLOW, pace)
        return None

    def body(self, response: aiohttp.ClientResponse, took_s: float) -> Body:
        one = len(self._chunks) == 1
        return Body(
            content=self._chunks[0] if one else b"".join(self._chunks),
            sha256=self._digest.hexdigest(),
            is_cached=response.headers.get("X-Cache", "").upper().startswith("HIT"),
            took_s=took_s,
            media_type=response.headers.get("Content-Type", ""),
        )


_TOO_LARGE: Final = Failure(Fault.TOO_LARGE, f"a body of over {LARGEST_PICTURE:,} bytes")


def _failure_of_head(response: aiohttp.ClientResponse) -> Failure | None:
    match response.status:
        case 200:
            return _TOO_LARGE if (response.content_length or 0) > LARGEST_PICTURE else None
        case 403:
            return Failure(Fault.EXPIRED, "403")
        case 404 | 410 as status:
            return Failure(Fault.NOT_FOUND, f"{status}")
        case 429:
            wait = _seconds(response.headers.get("Retry-After"))
            return Failure(Fault.THROTTLED, "429", retry_after_s=wait)
        case status:
            return Failure(Fault.STATUS, f"{status}")


def _seconds(text: str | None) -> float | None:
    try:
        seconds = float(text or "")
    except ValueError:
        return None
    return seconds if seconds >= 0 and math.isfinite(seconds) else None


def _words(error: Exception) -> str:
    """A few words for the log, none of them the URL: it carries the token."""
    reason = error.os_error if isinstance(error, aiohttp.ClientConnectorError) else error
    if isinstance(reason, ssl.SSLError):
        return "TLS refused"
    if isinstance(reason, OSError) and reason.strerror:
        return reason.strerror
    return type(error).__name__
