"""API answers with something wrong in them."""

from __future__ import annotations

import asyncio
import copy
import gzip
import json
from collections.abc import Callable, Mapping
from typing import Any, Final

from aiohttp import web

from tests.support.mangadex.entities import Json, error
from tests.support.mangadex.faults import Fault
from tests.support.mangadex.lines import FOREVER_S, AlreadySent, Line
from tests.support.mangadex.site import HTML_400, HTML_PAGE, Site

_NEEDED: Final = {
    *("title", "chapter", "volume", "pages", "translatedLanguage", "externalUrl"),
    *("publishAt", "contentRating", "name"),
}


async def answered_instead(
    site: Site, request: web.BaseRequest, fault: Fault
) -> web.StreamResponse | None:
    """The whole answer, where the fault leaves nothing of the true one; else None."""
    if fault.kind == "slow_answer":
        await asyncio.sleep(fault.value or 5.0)
        return None
    if fault.kind == "api_reset":
        await Line(request).reset()
        return AlreadySent(status=599)
    if fault.kind.startswith("api_5"):
        return site.raw(HTML_PAGE, int(fault.kind[4:]))
    instead = _INSTEAD.get(fault.kind)
    return None if instead is None else instead(site)


def _like_a_limit(site: Site) -> web.Response:
    site.stats.limited += 1
    return site.raw(HTML_400, 400)


def _captcha(site: Site) -> web.Response:
    payload = error(
        403, "captcha_required_exception", "Captcha needed", {"siteKey": "emulated-site-key"}
    )
    return site.json(payload, 403, {"X-Captcha-Sitekey": "emulated-site-key"})


_INSTEAD: Final[dict[str, Callable[[Site], web.Response]]] = {
    "html_400": _like_a_limit,
    "html_answer": lambda site: site.raw(HTML_PAGE),
    "captcha": _captcha,
    "api_redirect": lambda site: site.raw(
        b"", 302, headers={"Location": "http://elsewhere.invalid/"}
    ),
    "via_400": lambda site: site.refusal(
        400, "bad_request_http_exception", "Via header is not allowed"
    ),
}


async def spoiled_answer(
    site: Site,
    request: web.BaseRequest,
    fault: Fault,
    answered: tuple[Json, int],
    headers: Mapping[str, str],
) -> web.StreamResponse:
    """The true answer with the fault in it."""
    payload, status = answered
    if fault.kind in _IN_PAYLOAD:
        payload = copy.deepcopy(payload)
        _IN_PAYLOAD[fault.kind](payload)
    body = json.dumps(payload).encode()
    all_headers = dict(headers)
    if fault.kind == "truncated_json":
        body = body[: len(body) // 2]
    elif fault.kind == "gzip_json":
        body, all_headers["Content-Encoding"] = gzip.compress(body, mtime=0), "gzip"
    elif fault.kind == "huge_json":
        body = body[:-1] + b" " * int(fault.value or 20_000_000) + b"}"
    elif fault.kind == "via_answer":
        all_headers["Via"] = "1.1 office-proxy"
    elif fault.kind == "clock_skew":
        all_headers = _shifted(site, headers, fault.value or 120.0)
    elif fault.kind == "api_stall":
        await _half_sent(site, request, body)
        return AlreadySent(status=599)
    return site.raw(body, status, "application/json", all_headers)


async def _half_sent(site: Site, request: web.BaseRequest, body: bytes) -> None:
    line = Line(request)
    line.head({"Content-Type": "application/json", "Date": site.date()}, len(body))
    line.send(body[: len(body) // 2])
    await asyncio.sleep(FOREVER_S)


def _shifted(site: Site, headers: Mapping[str, str], skew_s: float) -> dict[str, str]:
    shifted = {**headers, "Date": site.date(skew_s)}
    if name := next((name for name in headers if name.endswith("Retry-After")), ""):
        shifted[name] = str(int(headers[name]) + int(skew_s))
    return shifted


def _entities(payload: Json) -> list[Json]:
    found = payload.get("data", [])
    return found if isinstance(found, list) else [found]


def _only_needed(payload: Json) -> None:
    for item in _entities(payload):
        kept = {k: v for k, v in item.get("attributes", {}).items() if k in _NEEDED}
        item["attributes"] = kept
        item["relationships"] = [
            {k: v for k, v in related.items() if k != "attributes"}
            for related in item.get("relationships", [])
        ]


def _nulled(payload: Json) -> None:
    for item in _entities(payload):
        attributes = item.get("attributes", {})
        for name in attributes:
            if name not in ("pages", "translatedLanguage", "publishAt", "contentRating"):
                attributes[name] = None
        for related in item.get("relationships", []):
            related["attributes"] = None


def _extended(payload: Json) -> None:
    payload["unheardOf"] = {"deep": [1, None, {"x": "y"}]}
    for item in _entities(payload):
        item["attributes"]["unheardOf"] = [None, 1.5, "?"]
        item["relationships"] = [
            *item.get("relationships", []),
            {"id": "not-a-uuid", "type": "unheard_of"},
            {"type": "scanlation_group"},
        ]


def _grown(payload: Json) -> None:
    if "total" in payload:
        payload["total"] += 1


def _shifted_list(payload: Json) -> None:
    """As if one upload had come in before the first: the last of the page slips off."""
    if "total" in payload and len(payload["data"]) > 1:
        payload["total"] += 1
        payload["data"] = payload["data"][:1] + payload["data"][:-1]


def _repeated(payload: Json) -> None:
    if payload.get("data"):
        payload["data"] = [*payload["data"], payload["data"][0]]


_IN_PAYLOAD: Final[dict[str, Callable[[Any], None]]] = {
    "missing_fields": _only_needed,
    "null_fields": _nulled,
    "unknown_fields": _extended,
    "shifting_total": _grown,
    "shifting_list": _shifted_list,
    "duplicates": _repeated,
}
