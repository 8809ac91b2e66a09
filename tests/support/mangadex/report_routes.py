"""The host that takes reports on image nodes: a failure there sends the client elsewhere."""

from __future__ import annotations

import asyncio
import json
from typing import Any
from urllib.parse import urlsplit

from aiohttp import web

from tests.support.mangadex.faults import Where
from tests.support.mangadex.leases import UPLOADS
from tests.support.mangadex.lines import AlreadySent, Line
from tests.support.mangadex.site import Site

_FIELDS = {"url": str, "success": bool, "cached": bool, "bytes": int, "duration": int}


class ReportHost:
    """Answers every request that reaches the report host's port."""

    def __init__(self, site: Site) -> None:
        self.site = site

    async def __call__(self, request: web.BaseRequest) -> web.StreamResponse:
        with self.site.stats.in_flight("report"):
            self.site.stats.requests["report"] += 1
            response = await self._answer(request)
        self.site.seen("report", request.path, response.status)
        return response

    async def _answer(self, request: web.BaseRequest) -> web.StreamResponse:
        site = self.site
        if not site.rules.report_is_up:
            return site.raw(b"", 522)
        fault = site.strike("report", Where())
        if fault is not None and fault.kind == "report_reset":
            await Line(request).reset()
            return AlreadySent(status=599)
        if fault is not None and fault.kind != "report_slow":
            return site.raw(b"", int(fault.kind[7:]))
        if fault is not None:
            await asyncio.sleep(fault.value or 30.0)
        if refused := self._refused(request):
            return site.raw(b"", refused)
        return self._taken(await request.read())

    def _refused(self, request: web.BaseRequest) -> int:
        """The status for whoever does not keep the rules of this host; 0 for who does."""
        violations = self.site.stats.violations
        if self.site.breach(request):
            return 400
        if "Authorization" in request.headers:
            violations["token_leak"] += 1
            return 401
        if request.method != "POST" or request.path != "/report":
            return 404
        if request.headers.get("Content-Type") != "application/json":
            violations["report_type"] += 1
            return 415
        return 0

    def _taken(self, body: bytes) -> web.Response:
        site = self.site
        report = _report(body)
        if report is None:
            site.stats.reports["invalid"] += 1
            return site.refusal(400, "validation_exception", f"a report has {list(_FIELDS)}")
        node = self._node(report["url"])
        if node in ("", UPLOADS):
            site.stats.violations["report_for_mangadex_org" if node else "report_for_nobody"] += 1
            return site.refusal(400, "validation_exception", "not a node of the network")
        site.stats.reports["valid"] += 1
        site.stats.reports["success" if report["success"] else "failure"] += 1
        if not report["success"]:
            site.leases.failure_reported(node)
        return site.json({"result": "ok"})

    def _node(self, url: str) -> str:
        """The node that serves the URL; "dead" for the address where nobody listens."""
        if "mangadex.org" in url:
            return UPLOADS
        place = urlsplit(url).netloc
        return next((name for name, u in self.site.urls.items() if urlsplit(u).netloc == place), "")


def _report(body: bytes) -> dict[str, Any] | None:
    try:
        report = json.loads(body)
    except ValueError:
        return None
    if not isinstance(report, dict):
        return None
    fits = all(type(report.get(name)) is kind for name, kind in _FIELDS.items())
    return report if fits and report["bytes"] >= 0 and report["duration"] >= 0 else None
