"""What all hosts of the emulated site share: clock, corpus, rules, faults, counts."""

from __future__ import annotations

import asyncio
import json
import math
from collections.abc import Callable, Iterable, Mapping
from email.utils import formatdate
from typing import Any, Final

from aiohttp import web
from multidict import CIMultiDict

from tests.support.mangadex.corpus import Corpus
from tests.support.mangadex.entities import error
from tests.support.mangadex.faults import Fault, FaultBook, Where
from tests.support.mangadex.leases import UPLOADS, LeaseOffice
from tests.support.mangadex.rules import Rules
from tests.support.mangadex.stats import Stats
from tests.support.mangadex.world import World

EPOCH_0: Final = 1_790_000_000.0


class Site:
    """One emulated site. All durations are those of the loop that it was made on."""

    def __init__(
        self,
        corpus: Corpus,
        rules: Rules,
        faults: Iterable[Fault],
        wall: Callable[[], float] | None,
    ) -> None:
        self.loop = asyncio.get_running_loop()
        self.began = self.loop.time()
        self._wall = wall
        self._corpus = corpus
        self.rules = rules
        self.faults = FaultBook(rules.seed)
        self.faults.add(*faults)
        self.stats = Stats()
        self.urls: dict[str, str] = {}
        self.banned_until = -math.inf
        self._date = (-1, "")
        self.rebuild()

    def rebuild(self) -> None:
        """Puts corpus and leases back as they were at the start."""
        self.world = World(self._corpus)
        styles = {f"node-{n}": style for n, style in enumerate(self.rules.nodes, 1)}
        if self.rules.uploads_serves or not styles:
            styles[UPLOADS] = "bare"
        self.leases = LeaseOffice(self.rules, self.stats, styles)

    def wall(self) -> float:
        """Epoch seconds as they are; the site's own clock may be off by the rules' skew."""
        return self._wall() if self._wall else EPOCH_0 + self.loop.time()

    def date(self, skew_s: float = 0.0) -> str:
        """The Date header by the site's own clock."""
        second = int(self.wall() + self.rules.clock_skew_s + skew_s)
        if self._date[0] != second:
            self._date = (second, formatdate(second, usegmt=True))
        return self._date[1]

    def strike(self, scope: str, where: Where) -> Fault | None:
        """The fault that happens to this request, counted."""
        fault = self.faults.strike(scope, where)
        if fault is not None:
            self.stats.faults[fault.kind] += 1
        return fault

    def ban(self, seconds: float) -> None:
        """Shuts everybody out of the API for so long."""
        self.stats.bans += 1
        self.banned_until = self.loop.time() + seconds

    def seen(self, host: str, path: str, status: int) -> None:
        """Writes the request into counts and trace."""
        self.stats.statuses[f"{host} {status}"] += 1
        since = round(self.loop.time() - self.began, 3)
        self.stats.trace.append((since, host, path, status))

    def breach(self, request: web.BaseRequest) -> str:
        """The rule of hygiene that the request breaks, counted; "" if none."""
        headers = request.headers
        broken = ""
        if not headers.get("User-Agent", "").strip():
            broken = "no_user_agent"
        elif "Via" in headers:
            broken = "via"
        if broken:
            self.stats.violations[broken] += 1
        if headers.get("Cookie"):
            self.stats.violations["cookie"] += 1
        return broken

    def json(
        self, payload: Any, status: int = 200, headers: Mapping[str, str] | None = None
    ) -> web.Response:
        """A JSON answer; its Content-Type is bare, as clients compare it."""
        return self.raw(json.dumps(payload).encode(), status, "application/json", headers)

    def refusal(self, status: int, title: str, detail: str) -> web.Response:
        return self.json(error(status, title, detail), status)

    def raw(
        self,
        body: bytes,
        status: int = 200,
        media_type: str = "text/html",
        headers: Mapping[str, str] | None = None,
    ) -> web.Response:
        """Any answer, with the site's date."""
        all_headers = CIMultiDict(
            {"Content-Type": media_type, "Date": self.date(), "Server": "emulator"}
        )
        all_headers.update(headers or {})
        return web.Response(body=body, status=status, headers=all_headers)


HTML_PAGE: Final = b"<!DOCTYPE html><html><body><h1>Checking your browser</h1></body></html>"
HTML_400: Final = (
    b"<html><body><h1>400 Bad request</h1>\nYour browser sent an invalid request.\n</body></html>"
)
