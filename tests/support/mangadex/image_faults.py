"""Pages that do not come as they should."""

from __future__ import annotations

import asyncio
import hashlib
from collections.abc import Callable, Mapping
from typing import Final

from aiohttp import web

from tests.support.mangadex.faults import Fault
from tests.support.mangadex.lines import FOREVER_S, AlreadySent, Line
from tests.support.mangadex.pictures import Drawn, Look
from tests.support.mangadex.site import HTML_PAGE, Site
from tests.support.mangadex.world import Listing


async def spoiled_image(
    site: Site,
    request: web.BaseRequest,
    fault: Fault,
    page: tuple[Listing, int],
    headers: Mapping[str, str],
) -> web.StreamResponse:
    """The answer with the fault in it. `page`: the chapter's listing and the index in it."""
    refusal = _refusal(site, fault)
    if refusal is not None:
        return refusal
    listing, at = page
    content = listing.chapter.pictures[at].content()
    if fault.kind == "other_page":
        return web.Response(body=_another(listing, at), headers=headers)
    if spoil := _SPOIL.get(fault.kind):
        return web.Response(body=spoil(content), headers=headers)
    return await _on_the_wire(Line(request), fault, content, headers)


def _refusal(site: Site, fault: Fault) -> web.Response | None:
    """The answer, where it has nothing of a picture in it."""
    kind = fault.kind
    if kind.startswith("http_5"):
        return site.raw(HTML_PAGE, int(kind[5:]))
    if kind == "image_429":
        return site.raw(b"", 429, headers={"Retry-After": str(int(fault.value or 5))})
    if kind == "redirect":
        return site.raw(b"", 302, headers={"Location": "http://elsewhere.invalid/page.png"})
    if kind in ("not_found", "forbidden"):
        return site.raw(b"", 404 if kind == "not_found" else 403)
    return site.raw(HTML_PAGE) if kind == "html_200" else None


def wrong_bytes(content: bytes) -> bytes:
    """Other bytes of the same length; the first hundred stay, so that it looks like a picture."""
    return content[:100] + bytes(byte ^ 0x55 for byte in content[100:])


_SPOIL: Final[dict[str, Callable[[bytes], bytes]]] = {
    "short_body": lambda content: content[: len(content) // 2],
    "wrong_bytes": wrong_bytes,
    "empty_200": lambda content: b"",
}


def _another(listing: Listing, at: int) -> bytes:
    pictures = listing.chapter.pictures
    if len(pictures) > 1:
        return pictures[(at + 1) % len(pictures)].content()
    return Drawn(Look(variant=55), hashlib.sha256(listing.hash.encode()).hexdigest()).content()


async def _on_the_wire(
    line: Line, fault: Fault, content: bytes, headers: Mapping[str, str]
) -> web.StreamResponse:
    kind, half = fault.kind, content[: len(content) // 2]
    if kind == "endless":
        line.head(headers, None)
        await line.drip(bytes(int(fault.value or 100_000_000)), 500_000_000)
        return AlreadySent()
    if kind != "reset_before_headers":
        line.head(headers, len(content))
    if kind == "drip":
        await line.drip(content, fault.value or 1024.0)
    elif kind == "stall":
        line.send(half)
        await asyncio.sleep(FOREVER_S)
    elif kind in ("truncated", "reset_mid_body"):
        line.send(half)
    if kind.startswith("reset"):
        await line.reset()
    return AlreadySent()
