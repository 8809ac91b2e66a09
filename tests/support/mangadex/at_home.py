"""The lease route: where the pages of a chapter are to be had, and what may be wrong with that."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any, Final

from tests.support.mangadex.catalogue_answers import Answered
from tests.support.mangadex.corpus import Chapter, DrawnPages
from tests.support.mangadex.entities import error
from tests.support.mangadex.faults import Fault, Where
from tests.support.mangadex.leases import UPLOADS
from tests.support.mangadex.site import Site

MANGADEX_ORG: Final = "uploads.mangadex.org"
"""Stands in the path of the fixed image host's base URL, because loopback has no such name."""


def at_home_answer(site: Site, chapter_id: str, where: Where) -> Answered:
    """Base URL and file names, or 404. A chapter without pages gives empty lists."""
    fault = site.strike("at-home", where)
    kind = fault.kind if fault else ""
    chapter = site.world.chapter(chapter_id)
    if chapter is not None and kind == "chapter_gone":
        site.world.remove(chapter_id)
        chapter = None
    if chapter is None or kind in ("at_home_404", "at_home_410"):
        status = 410 if kind == "at_home_410" else 404
        return error(status, "not_found_http_exception", f"Chapter {chapter_id} not found"), status
    if kind == "chapter_replaced":
        chapter = replaced(chapter)
        site.world.replace(chapter)
    payload = _listed(site, chapter, fault)
    if fault and kind in _SPOIL:
        _SPOIL[kind](payload, site, fault)
    return payload, 200


def replaced(chapter: Chapter) -> Chapter:
    """The chapter in its next version: as many pages, every one of them new."""
    version = chapter.version + 1
    pictures = DrawnPages(f"{chapter.id}/{version}", len(chapter.pictures))
    return replace(chapter, version=version, pictures=pictures)


def base_url(site: Site, node: str, token: str) -> str:
    """The base URL at that node: opaque to a client, and different at every one."""
    style, url = site.leases.styles[node], site.urls[node]
    if node == UPLOADS:
        return f"{url}/{MANGADEX_ORG}"
    return {"bare": url, "token": f"{url}/{token}", "prefix": f"{url}/{node}/{token}"}[style]


def _listed(site: Site, chapter: Chapter, fault: Fault | None) -> dict[str, Any]:
    listing = site.world.listing(chapter)
    is_hidden = chapter.is_unavailable or bool(chapter.external_url)
    lasts = {"dead_lease": 0.0, "short_lease": (fault.value if fault else 0) or 2.0}
    lasting_s = lasts.get(fault.kind) if fault else None
    lease = site.leases.grant(listing.hash, site.loop.time(), lasting_s)
    if is_hidden or not listing.names:
        site.leases.untouched.discard(listing.hash)
    return {
        "result": "ok",
        "baseUrl": base_url(site, lease.node, lease.token),
        "chapter": {
            "hash": listing.hash,
            "data": [] if is_hidden else list(listing.names),
            "dataSaver": [] if is_hidden else list(listing.saver_names),
        },
    }


def _with_base(make: Callable[[Site, Fault], str]) -> Callable[[dict[str, Any], Site, Fault], None]:
    def spoil(payload: dict[str, Any], site: Site, fault: Fault) -> None:
        payload["baseUrl"] = make(site, fault)

    return spoil


def _with_names(
    change: Callable[[list[str]], list[str]],
) -> Callable[[dict[str, Any], Site, Fault], None]:
    def spoil(payload: dict[str, Any], site: Site, fault: Fault) -> None:
        for quality in ("data", "dataSaver"):
            payload["chapter"][quality] = change(payload["chapter"][quality])

    return spoil


_SPOIL: Final = {
    "refused": _with_base(lambda site, fault: site.urls["dead"]),
    "dns": _with_base(lambda site, fault: fault.text or "http://node.invalid"),
    "bad_tls": _with_base(lambda site, fault: site.urls["node-1"].replace("http:", "https:")),
    "foreign_host": _with_base(lambda site, fault: fault.text or "http://elsewhere.invalid"),
    "fewer_pages": _with_names(lambda names: names[:-1]),
    "more_pages": _with_names(lambda names: [*names, f"{len(names) + 1}-{'0' * 64}.png"]),
    "empty_listing": _with_names(lambda names: []),
    "no_hash_names": _with_names(
        lambda names: [f"{n}.{name.rsplit('.')[-1]}" for n, name in enumerate(names, 1)]
    ),
    "climbing_names": _with_names(lambda names: [f"../../../{name}" for name in names]),
}
