"""One request to the API and what came of it, as a value: an answer, or why there is none."""

from __future__ import annotations

import errno
import os
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

import aiohttp

from pipeline.ports.mangadex.answers import one_line
from pipeline.ports.mangadex.proxies import proxy_for
from pipeline.ports.mangadex.settings import user_agent
from schemas.profile import MangaDexParams

LARGEST_ANSWER: Final = 16_000_000
"""Bytes of an answer, unpacked; no honest one comes near."""

_API_TIMEOUT: Final = aiohttp.ClientTimeout(total=60, sock_connect=10, sock_read=20)
_NO_ROUTE: Final = {errno.ENETUNREACH, errno.EHOSTUNREACH, errno.ENETDOWN, errno.EHOSTDOWN}

Query = Sequence[tuple[str, str]]


@dataclass(frozen=True)
class Reply:
    """An answer, its whole body, and when the request left and the answer was complete."""

    status: int
    headers: Mapping[str, str]
    body: bytes
    sent: float
    received: float


class LostWhy(StrEnum):
    """Where a request was lost."""

    NAME = "name"
    REFUSED = "refused"
    NO_ROUTE = "no_route"
    TLS = "tls"
    PROXY = "proxy"
    TIMED_OUT = "timed_out"
    CUT = "cut"
    TOO_LARGE = "too_large"


@dataclass(frozen=True)
class Lost:
    """No answer, or none that is whole."""

    why: LostWhy
    detail: str

    @property
    def is_before_any_answer(self) -> bool:
        """Whether nobody was reached at all."""
        return self.why not in (LostWhy.CUT, LostWhy.TOO_LARGE)


class ConnectionCut(aiohttp.ClientConnectionError):
    """The other side closed or reset a connection in the middle of an exchange."""


def new_http(params: MangaDexParams) -> aiohttp.ClientSession:
    """The session for everything that we ask, images included; made inside a running loop.

    It keeps no cookies, sends no Authorization, and sends nothing twice by itself. Whoever asks
    passes `allow_redirects=False` and `**proxy_for(url)` along. There is no limit of connections:
    a request that has passed its lane must not wait for one, and leave as a ban comes in.
    """
    return aiohttp.ClientSession(
        connector=aiohttp.TCPConnector(limit=0, ttl_dns_cache=300),
        cookie_jar=aiohttp.DummyCookieJar(),
        headers={"User-Agent": user_agent(params)},
        timeout=aiohttp.ClientTimeout(total=None, sock_connect=10, sock_read=20),
        middlewares=(_only_once,),
    )


async def ask(
    http: aiohttp.ClientSession, url: str, query: Query, wall: Callable[[], float]
) -> Reply | Lost:
    """One GET, no redirects. `wall` gives epoch seconds."""
    sent = wall()
    try:
        async with http.get(
            url,
            params=list(query),
            allow_redirects=False,
            timeout=_API_TIMEOUT,
            **proxy_for(url),
        ) as response:
            body = bytearray()
            async for chunk in response.content.iter_any():
                body += chunk
                if len(body) > LARGEST_ANSWER:
                    return Lost(LostWhy.TOO_LARGE, f"an answer of over {LARGEST_ANSWER:,} bytes")
            return Reply(response.status, response.headers, bytes(body), sent, wall())
    except (aiohttp.ClientError, TimeoutError, OSError, UnicodeError) as error:
        return _lost(error)


async def _only_once(
    request: aiohttp.ClientRequest, handler: aiohttp.ClientHandlerType
) -> aiohttp.ClientResponse:
    """Keeps aiohttp from sending a request again when its connection breaks.

    It would do so past the lanes: a request that no limit has counted.
    """
    try:
        return await handler(request)
    except aiohttp.ClientConnectorError:
        raise
    except (aiohttp.ClientOSError, aiohttp.ServerDisconnectedError) as error:
        raise ConnectionCut(str(error)) from error


def _lost(error: Exception) -> Lost:
    number = error.errno if isinstance(error, OSError) else None
    detail = one_line(str(error) or type(error).__name__)
    match error:
        case aiohttp.ClientProxyConnectionError() | aiohttp.ClientHttpProxyError():
            return Lost(LostWhy.PROXY, detail)
        case aiohttp.ClientConnectorDNSError() | UnicodeError():
            words = getattr(error, "strerror", None)
            return Lost(LostWhy.NAME, one_line(words or "no such name"))
        case aiohttp.ClientSSLError():
            return Lost(LostWhy.TLS, detail)
        case TimeoutError():
            return Lost(LostWhy.TIMED_OUT, "no answer in time")
        case aiohttp.ClientConnectorError() if number:
            why = LostWhy.NO_ROUTE if number in _NO_ROUTE else LostWhy.REFUSED
            return Lost(why, os.strerror(number))
        case _:
            return Lost(LostWhy.CUT, detail)
