"""Image hosts: pages at their content's name, behind a lease or not."""

from __future__ import annotations

import asyncio
import re
from typing import Final

from aiohttp import web
from multidict import CIMultiDict

from tests.support.mangadex.faults import Where
from tests.support.mangadex.image_faults import spoiled_image
from tests.support.mangadex.leases import UPLOADS
from tests.support.mangadex.pictures import MEDIA_TYPE, Drawn, Look, Picture
from tests.support.mangadex.site import Site
from tests.support.mangadex.world import Listing

LAST_MODIFIED: Final = "Wed, 01 Jan 2020 00:00:00 GMT"
HOTLINKED: Final = Drawn(Look(300, 200, form="jpg", variant=77), "read it on the site")
_OURS: Final = re.compile(r"https?://([\w-]+\.)*mangadex\.org(/|$)")
_RANGE: Final = re.compile(r"bytes=(\d+)-(\d*)")


class ImageHost:
    """Answers every request that reaches one image host's port."""

    def __init__(self, site: Site, node: str) -> None:
        self.site = site
        self.node = node
        self._warm: set[str] = set()

    async def __call__(self, request: web.BaseRequest) -> web.StreamResponse:
        site, node = self.site, self.node
        site.stats.requests["image"] += 1
        with site.stats.in_flight(node, "images"):
            if site.rules.image_latency_s:
                await asyncio.sleep(site.rules.image_latency_s)
            parts = request.path.split("/")
            response = await self._answer(request, parts)
            if not response.prepared:
                await response.prepare(request)
                await response.write_eof()
        site.seen(node, "/".join(parts[-3:]), response.status)
        return response

    async def _answer(self, request: web.BaseRequest, parts: list[str]) -> web.StreamResponse:
        refused = self._refused(request)
        if refused is not None:
            return refused
        if parts[1] == "covers" or self._is_hotlinked(request):
            return self.site.raw(HOTLINKED.content(), 200, "image/jpeg")
        if len(parts) < 4 or parts[-3] not in ("data", "data-saver"):
            return self.site.raw(b"", 404)
        return await self._page(request, parts)

    def _refused(self, request: web.BaseRequest) -> web.Response | None:
        site = self.site
        if site.breach(request):
            return site.raw(b"", 400)
        if "Authorization" in request.headers:
            site.stats.violations["token_leak"] += 1
            return site.raw(b"", 403)
        if site.stats.running[self.node] > site.rules.image_cap:
            site.stats.violations["over_image_cap"] += 1
            if site.rules.image_cap_is_429:
                return site.raw(b"", 429, headers={"Retry-After": "2"})
        return None

    def _is_hotlinked(self, request: web.BaseRequest) -> bool:
        """Whether another site's page shows ours: it gets a picture, but not this one."""
        referer = request.headers.get("Referer")
        if not referer or _OURS.match(referer):
            return False
        self.site.stats.violations["foreign_referer"] += 1
        return True

    async def _page(self, request: web.BaseRequest, parts: list[str]) -> web.StreamResponse:
        site = self.site
        quality, chapter_hash, name = parts[-3:]
        token = parts[-4] if len(parts) > 4 else ""
        if not site.leases.is_open(self.node, token, chapter_hash, site.loop.time()):
            return site.raw(b"", 403)
        listing = site.world.by_hash(chapter_hash)
        at = None if listing is None else listing.index.get(f"{quality}/{name}")
        if listing is None or at is None:
            return site.raw(b"", 404)
        picture = listing.picture(quality, name)
        assert picture is not None
        where = Where(listing.chapter.id, at + 1, self.node, "image")
        fault = site.strike("image", where)
        if fault is not None and fault.kind != "slow_first_byte":
            headers = self._headers(picture, name)
            return await spoiled_image(site, request, fault, (listing, at), headers)
        if fault is not None:
            await asyncio.sleep(fault.value or 5.0)
        return await self._whole(request, picture, (listing, at, quality, name))

    async def _whole(
        self, request: web.BaseRequest, picture: Picture, named: tuple[Listing, int, str, str]
    ) -> web.StreamResponse:
        """Sends the page, and counts it as served once it is out."""
        site = self.site
        listing, at, quality, name = named
        headers, content = self._headers(picture, name), picture.content()
        status = 200
        if site.rules.ranges and (asked := _RANGE.match(request.headers.get("Range", ""))):
            first, last = int(asked[1]), min(int(asked[2] or len(content)), len(content) - 1)
            headers["Content-Range"] = f"bytes {first}-{last}/{len(content)}"
            content, status = content[first : last + 1], 206
        response = web.Response(body=content, status=status, headers=headers)
        if site.rules.chunked_images:
            response.enable_chunked_encoding()
        await response.prepare(request)
        await response.write_eof()
        site.stats.image_bytes += len(content)
        site.stats.good_pages[listing.chapter.id, at + 1, quality] += 1
        site.stats.served[picture.sha256] += 1
        return response

    def _headers(self, picture: Picture, name: str) -> CIMultiDict[str]:
        is_hit = name in self._warm
        self._warm.add(name)
        return CIMultiDict(
            {
                "Content-Type": MEDIA_TYPE.get(picture.extension, "application/octet-stream"),
                "X-Cache": "HIT" if is_hit or self.node == UPLOADS else "MISS",
                "Last-Modified": LAST_MODIFIED,
                "Accept-Ranges": "bytes" if self.site.rules.ranges else "none",
                "Date": self.site.date(),
                "Server": "emulator",
            }
        )
