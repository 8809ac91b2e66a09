"""The API host: limits, bans and faults around the answers of `catalogue`."""

from __future__ import annotations

import asyncio
import math
import re
from collections.abc import Mapping
from typing import Final

from aiohttp import web

from tests.support.mangadex.api_faults import answered_instead, spoiled_answer
from tests.support.mangadex.at_home import at_home_answer
from tests.support.mangadex.catalogue_answers import Answered, catalogue_answer
from tests.support.mangadex.entities import error
from tests.support.mangadex.faults import Fault, Where
from tests.support.mangadex.queries import UUID, BadQuery, Query
from tests.support.mangadex.rules import Gate, Window, gates
from tests.support.mangadex.site import HTML_400, HTML_PAGE, Site

_ROUTES: Final = (
    ("ping", re.compile(r"/ping")),
    ("search", re.compile(r"/manga")),
    ("tags", re.compile(r"/manga/tag")),
    ("feed", re.compile(r"/manga/([^/]+)/feed")),
    ("aggregate", re.compile(r"/manga/([^/]+)/aggregate")),
    ("series", re.compile(r"/manga/([^/]+)")),
    ("chapters", re.compile(r"/chapter")),
    ("chapter", re.compile(r"/chapter/([^/]+)")),
    ("covers", re.compile(r"/cover")),
    ("group", re.compile(r"/group/([^/]+)")),
    ("at-home", re.compile(r"/at-home/server/([^/]+)")),
)
_OF_SERIES: Final = ("series", "feed", "aggregate")


def route_of(path: str) -> tuple[str, str]:
    """The route's name and the id in it; "unknown" for anything else."""
    for name, pattern in _ROUTES:
        if found := pattern.fullmatch(path):
            return name, found[1] if pattern.groups else ""
    return "unknown", ""


class ApiHost:
    """Answers every request that reaches the API's port."""

    def __init__(self, site: Site) -> None:
        self.site = site
        self.reset()

    def reset(self) -> None:
        """Opens fresh windows."""
        self._everything, self._leases = gates(self.site.rules)
        self._early = 0

    async def __call__(self, request: web.BaseRequest) -> web.StreamResponse:
        site = self.site
        route, some_id = route_of(request.path)
        now = site.loop.time()
        site.stats.requests[route] += 1
        site.stats.api_rate.add(now)
        if route == "at-home":
            site.stats.at_home_rate.add(now)
        with site.stats.in_flight("api"):
            response = await self._answer(request, route, some_id)
            if site.rules.api_latency_s:
                await asyncio.sleep(site.rules.api_latency_s)
        site.seen("api", request.path, response.status)
        return response

    async def _answer(
        self, request: web.BaseRequest, route: str, some_id: str
    ) -> web.StreamResponse:
        refused, headers = self._refused(request, route)
        if refused is not None:
            return refused
        is_series = route in _OF_SERIES
        where = Where(
            chapter="" if is_series else some_id, series=some_id if is_series else "", route=route
        )
        fault = self.site.strike("api", where)
        if fault is not None:
            instead = await self._instead(request, route, fault)
            if instead is not None:
                return instead
        if route == "ping":
            return self.site.raw(b"pong", 200, "text/plain", headers)
        payload, status = self._payload(request, route, some_id, where)
        if fault is not None:
            return await spoiled_answer(self.site, request, fault, (payload, status), headers)
        return self.site.json(payload, status, headers)

    def _refused(
        self, request: web.BaseRequest, route: str
    ) -> tuple[web.Response | None, Mapping[str, str]]:
        """Whom the API does not listen to at all; else the headers that go with the answer."""
        site = self.site
        if broken := site.breach(request):
            detail = "Via is not allowed" if broken == "via" else "User-Agent is missing"
            return site.refusal(400, "bad_request_http_exception", detail), {}
        if site.loop.time() < site.banned_until:
            site.stats.violations["in_ban"] += 1
            return self._ban_page(), {}
        return self._limited(route)

    async def _instead(
        self, request: web.BaseRequest, route: str, fault: Fault
    ) -> web.StreamResponse | None:
        """What a fault answers without a look at the question; None if it only spoils it."""
        if fault.kind == "api_429":
            return self.too_many(self.gates_of(route)[-1])
        if fault.kind == "ban":
            self.site.ban(fault.value or self.site.rules.ban_s)
            return self._ban_page()
        return await answered_instead(self.site, request, fault)

    def _payload(
        self, request: web.BaseRequest, route: str, some_id: str, where: Where
    ) -> Answered:
        if route == "unknown" or request.method not in ("GET", "HEAD"):
            detail = f"No route {request.method} {request.path}"
            return error(404, "not_found_http_exception", detail), 404
        if some_id and not UUID.fullmatch(some_id):
            return error(400, "validation_exception", f"{some_id!r} is no UUID"), 400
        query = Query(request.query)
        self.site.stats.ignored_parameters.update(query.unknown())
        try:
            if route == "at-home":
                return at_home_answer(self.site, some_id, where)
            return catalogue_answer(self.site, route, some_id, query)
        except BadQuery as bad:
            return error(400, "validation_exception", str(bad)), 400

    def _limited(self, route: str) -> tuple[web.Response | None, Mapping[str, str]]:
        """The refusal, if the request is one too many, and the headers that go with the answer."""
        headers: dict[str, str] = {}
        for gate in self.gates_of(route):
            if self.site.loop.time() < gate.announced and self._is_early():
                return self._ban_page(), {}
            passes, window = gate.take(self.site.wall())
            if not passes:
                return self.too_many(gate, window), {}
            if gate is self._leases and self._says_limits:
                headers = _three(window, window.ends_at + self.site.rules.clock_skew_s)
        return None, headers

    def gates_of(self, route: str) -> tuple[Gate, ...]:
        """The limits that hold for the route."""
        return (self._everything, self._leases) if route == "at-home" else (self._everything,)

    @property
    def _says_limits(self) -> bool:
        rules = self.site.rules
        return rules.limit_headers == "epoch" and rules.at_home_per_minute is not None

    def _is_early(self) -> bool:
        """Counts a request before its time; whether that was one too many."""
        site = self.site
        site.stats.violations["early"] += 1
        self._early += 1
        if site.rules.ban_after is None or self._early <= site.rules.ban_after:
            return False
        self._early = 0
        site.ban(site.rules.ban_s)
        return True

    def too_many(self, gate: Gate, window: Window | None = None) -> web.Response:
        """The 429 as the rules word it. Without a window: one that ends with the next second."""
        site, style = self.site, self.site.rules.limit_headers
        window = window or Window(5, 1.0, int(site.wall()), 6)
        wait_s = max(0.0, window.ends_at - site.wall())
        site.stats.limited += 1
        headers: Mapping[str, str] = {}
        if style in ("epoch", "past", "far"):
            shift = {"epoch": 0.0, "past": -120.0, "far": 600.0}[style]
            headers = _three(window, window.ends_at + shift + site.rules.clock_skew_s)
            wait_s += max(0.0, shift)
        elif style == "retry_after":
            whole = math.ceil(wait_s)
            headers, wait_s = {"Retry-After": str(whole)}, float(whole)
        gate.announced = max(gate.announced, site.loop.time() + wait_s)
        if style == "html_400":
            return site.raw(HTML_400, 400)
        return site.json(error(429, "rate_limit_exception", "Too many requests"), 429, headers)

    def _ban_page(self) -> web.Response:
        if self.site.rules.ban_is_html:
            return self.site.raw(HTML_PAGE, 403)
        return self.site.refusal(403, "forbidden_http_exception", "You are temporarily banned")


def _three(window: Window, ends_at: float) -> dict[str, str]:
    return {
        "X-RateLimit-Limit": str(window.limit),
        "X-RateLimit-Remaining": str(window.remaining),
        "X-RateLimit-Retry-After": str(int(ends_at)),
    }
