"""What an answer of the API means for what we do next. Pure."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Final

from pipeline.ports.mangadex.answers import one_line
from pipeline.ports.mangadex.exchange import Reply

_CAPTCHA: Final = "captcha_required_exception"
_VIA: Final = re.compile(r"\bVia\b")
# How its front tells us, instead of with a 429, that we were too fast.
_FRONT_OVERLOAD: Final = "your browser sent an invalid request"


class Meaning(StrEnum):
    """The reaction that an answer asks for."""

    FINE = "fine"
    GONE = "gone"
    SLOW_DOWN = "slow_down"
    TROUBLE = "trouble"
    CAPTCHA = "captcha"
    BANNED = "banned"
    PROXY = "proxy"
    REFUSED = "refused"


@dataclass(frozen=True)
class Reading:
    """An answer read: its meaning, its document if it is JSON, and its words on one line."""

    meaning: Meaning
    document: Any
    detail: str


def read_reply(reply: Reply, *, is_text: bool = False, may_be_proxied: bool = False) -> Reading:
    """Reads an answer. `is_text`: no JSON is expected; `may_be_proxied`: a Via tells of a proxy."""
    text = reply.body.decode("utf-8", "replace")
    document = _document(text)
    detail = _detail(reply.status, document)
    via = reply.headers.get("Via")
    if via is not None and (may_be_proxied or reply.status == 400):
        return Reading(Meaning.PROXY, document, f"Via: {one_line(via)}")
    return Reading(_meaning(reply, text, document, is_text=is_text), document, detail)


def _meaning(reply: Reply, text: str, document: Any, *, is_text: bool) -> Meaning:
    match reply.status:
        case 200:
            is_whole = is_text or (isinstance(document, dict) and document.get("result") != "error")
            return Meaning.FINE if is_whole else Meaning.TROUBLE
        case 404 | 410:
            # Only the API itself knows that something is gone: a proxy, or a server at another
            # path, says 404 to everything.
            return Meaning.GONE if _is_error_of_api(document) else Meaning.TROUBLE
        case 408 | 425:
            return Meaning.TROUBLE
        case 429:
            return Meaning.SLOW_DOWN
        case status if 400 <= status < 500:
            return _refusal(reply, text, document)
        case _:
            return Meaning.TROUBLE


def _refusal(reply: Reply, text: str, document: Any) -> Meaning:
    match reply.status:
        case 403 | 412 if "X-Captcha-Sitekey" in reply.headers or _names_captcha(document):
            return Meaning.CAPTCHA
        case 403:
            return Meaning.BANNED
        case 400 if document is None and _FRONT_OVERLOAD in text.lower():
            return Meaning.SLOW_DOWN
        case 400 if _VIA.search(text):
            return Meaning.PROXY
        case _:
            return Meaning.REFUSED


def _document(text: str) -> Any:
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        return None


def _errors(document: Any) -> list[dict[str, Any]]:
    found = document.get("errors") if isinstance(document, dict) else None
    return [error for error in found if isinstance(error, dict)] if isinstance(found, list) else []


def _is_error_of_api(document: Any) -> bool:
    return isinstance(document, dict) and (
        document.get("result") == "error" or bool(_errors(document))
    )


def _names_captcha(document: Any) -> bool:
    return any(
        _CAPTCHA in (error.get("code"), error.get("title"), error.get("detail"))
        for error in _errors(document)
    )


def _detail(status: int, document: Any) -> str:
    """The status and, where the server gives one, its own words."""
    for error in _errors(document):
        words = error.get("detail") or error.get("title")
        if isinstance(words, str) and words:
            return f"{status}: {one_line(words)}"
    if status in (404, 410) and not _is_error_of_api(document):
        return f"{status} that is not the API's own"
    return f"{status}" if status != 200 else "200 with a body that is not what was asked for"
