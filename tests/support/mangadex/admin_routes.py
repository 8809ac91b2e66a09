"""The operator's door, on a port of its own that no client is told of.

GET  /_emu/stats      the counts              GET  /_emu/state    what is up and where
GET  /_emu/served     sha256 -> times sent    GET  /_emu/trace    the last requests
GET  /_emu/faults     the faults in force     POST /_emu/faults   a JSON list adds some
POST /_emu/reset      counts, leases, windows and corpus as at the start, no faults
POST /_emu/ban        {"seconds": 900}        POST /_emu/remove   {"id": chapter or series}
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from aiohttp import web

from tests.support.mangadex.faults import faults_from_json
from tests.support.mangadex.site import Site


class AdminHost:
    """Answers every request that reaches the admin port."""

    def __init__(self, site: Site, reset: Callable[[], None]) -> None:
        self.site = site
        self._reset = reset

    async def __call__(self, request: web.BaseRequest) -> web.StreamResponse:
        site = self.site
        given: Any = (
            await request.json() if request.method == "POST" and request.can_read_body else {}
        )
        routes: dict[tuple[str, str], Callable[[], Any]] = {
            ("GET", "stats"): site.stats.snapshot,
            ("GET", "served"): lambda: dict(site.stats.served),
            ("GET", "trace"): lambda: list(site.stats.trace),
            ("GET", "state"): self._state,
            ("GET", "faults"): site.faults.listed,
            ("POST", "faults"): lambda: self._add(given),
            ("POST", "reset"): self._reset,
            ("POST", "ban"): lambda: site.ban(float(given.get("seconds", site.rules.ban_s))),
            ("POST", "remove"): lambda: site.world.remove(given["id"]),
        }
        answer = routes.get((request.method, request.path.removeprefix("/_emu/")))
        if answer is None:
            return site.json({"routes": [f"{m} /_emu/{name}" for m, name in routes]}, 404)
        try:
            return site.json(answer())
        except (KeyError, TypeError, ValueError) as error:
            return site.json({"error": str(error)}, 400)

    def _add(self, given: list[dict[str, Any]]) -> list[dict[str, Any]]:
        self.site.faults.add(*faults_from_json(given))
        return self.site.faults.listed()

    def _state(self) -> dict[str, Any]:
        site = self.site
        return {
            "urls": site.urls,
            "time_s": site.loop.time() - site.began,
            "wall": site.wall(),
            "banned_for_s": max(0.0, site.banned_until - site.loop.time()),
            "series": len(site.world.series),
            "chapters": len(site.world.home),
            "leases": site.leases.issued,
            "shunned_nodes": sorted(site.leases.shunned),
        }
