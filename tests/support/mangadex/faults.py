"""What goes wrong, where, and how often.

`Fault("wrong_bytes", chapter=some_id, page=3)` spoils page 3 of a chapter once;
`times=None` for good; `nth=2` only the second request that fits; `probability=0.1` one in ten,
by the seed. A fault without a place happens to the first request of its kind.
"""

from __future__ import annotations

import random
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any, Final

IMAGE_FAULTS: Final = {
    "slow_first_byte": "answers after `value` s (5)",
    "drip": "sends `value` bytes a second (1024)",
    "stall": "stops in mid-body and keeps the line open",
    "truncated": "half a body under the whole Content-Length, then closes",
    "short_body": "half a body with a Content-Length to match",
    "wrong_bytes": "other bytes of the same length",
    "other_page": "the whole valid picture of another page",
    "html_200": "a web page with 200",
    "empty_200": "nothing, with 200",
    "not_found": "404",
    "forbidden": "403, as after the lease has run out",
    "http_500": "500",
    "http_502": "502",
    "http_503": "503",
    "http_504": "504",
    "http_520": "520",
    "http_522": "522",
    "image_429": "429 from an image host, `value` s in Retry-After (5)",
    "reset_before_headers": "TCP reset instead of an answer",
    "reset_after_headers": "TCP reset after the headers",
    "reset_mid_body": "TCP reset in mid-body",
    "redirect": "302 to another host",
    "endless": "a body without a length that goes on for `value` bytes (100 million)",
}
AT_HOME_FAULTS: Final = {
    "refused": "a base URL where nobody listens",
    "dns": "a base URL whose name does not resolve (`text` replaces it)",
    "bad_tls": "an https base URL that answers in plain text",
    "foreign_host": "a base URL on a host that is none of the site's (`text` replaces it)",
    "fewer_pages": "one page fewer than the catalogue said",
    "more_pages": "one page more than the catalogue said",
    "empty_listing": "no page at all",
    "no_hash_names": "file names without a hash",
    "climbing_names": "file names that climb out of a folder",
    "chapter_replaced": "the chapter has a new version with other pictures, for good",
    "chapter_gone": "404, and the chapter is gone for good",
    "at_home_404": "404 this time",
    "at_home_410": "410 this time",
    "dead_lease": "a lease that has run out already",
    "short_lease": "a lease for `value` s (2)",
}
API_FAULTS: Final = {
    "api_429": "429 as the rules say it; times=n makes a storm",
    "api_500": "500",
    "api_502": "502",
    "api_503": "503",
    "api_504": "504",
    "api_520": "520",
    "api_522": "522",
    "html_400": "the 400 page that stands for too many requests",
    "captcha": "403 that asks for a person",
    "ban": "403 on every route for `value` s (the rules' ban)",
    "slow_answer": "answers after `value` s (5)",
    "api_stall": "stops in mid-answer and keeps the line open",
    "api_reset": "TCP reset instead of an answer",
    "truncated_json": "half a document with a Content-Length to match",
    "gzip_json": "compressed although nobody asked",
    "html_answer": "a web page with 200",
    "huge_json": "a document of `value` bytes (20 million)",
    "missing_fields": "no attribute but the ones that say what may be read",
    "null_fields": "null for every text and number that may be unknown",
    "unknown_fields": "more of everything than is documented",
    "shifting_total": "a total that is one higher than before",
    "shifting_list": "a list in which one more chapter came in at the front",
    "duplicates": "an item of the page before again",
    "api_redirect": "302 to another host",
    "via_answer": "a Via header in the answer, as a proxy leaves it",
    "via_400": "400 that says the request came with Via",
    "clock_skew": "a clock that is `value` s ahead in this answer (120)",
}
REPORT_FAULTS: Final = {
    "report_500": "500",
    "report_522": "522",
    "report_429": "429",
    "report_slow": "answers after `value` s (30)",
    "report_reset": "TCP reset",
}
KINDS: Final = IMAGE_FAULTS | AT_HOME_FAULTS | API_FAULTS | REPORT_FAULTS
_SCOPES: Final = (
    ("image", IMAGE_FAULTS),
    ("at-home", AT_HOME_FAULTS),
    ("api", API_FAULTS),
    ("report", REPORT_FAULTS),
)


@dataclass(frozen=True)
class Fault:
    """One kind of trouble. Empty places fit everything; `page` counts from 1.

    `route`: ping, search, tags, series, feed, aggregate, chapters, chapter, covers, group or
    at-home. `node`: uploads, node-1, ... `series` and `chapter` are ids.
    """

    kind: str
    chapter: str = ""
    page: int = 0
    node: str = ""
    route: str = ""
    series: str = ""
    nth: int = 0
    times: int | None = 1
    probability: float = 1.0
    value: float = 0.0
    text: str = ""

    def __post_init__(self) -> None:
        if self.kind not in KINDS:
            raise ValueError(f"no fault of the kind {self.kind!r}; there are: {', '.join(KINDS)}")

    @property
    def scope(self) -> str:
        """Which requests it can happen to: image, at-home, api or report."""
        return next(scope for scope, kinds in _SCOPES if self.kind in kinds)

    def fits(self, where: Where) -> bool:
        return (
            self.chapter in ("", where.chapter)
            and self.page in (0, where.page)
            and self.node in ("", where.node)
            and self.route in ("", where.route)
            and self.series in ("", where.series)
        )


@dataclass(frozen=True, slots=True)
class Where:
    """What a request is about."""

    chapter: str = ""
    page: int = 0
    node: str = ""
    route: str = ""
    series: str = ""


@dataclass
class FaultBook:
    """The faults in force. The first one that fits and is due happens."""

    seed: int = 0
    _faults: list[_Counted] = field(default_factory=list)

    def __post_init__(self) -> None:
        self._dice = random.Random(self.seed)

    def add(self, *faults: Fault) -> None:
        self._faults = [*self._faults, *(_Counted(fault) for fault in faults)]

    def clear(self) -> None:
        self._faults = []

    def listed(self) -> list[dict[str, Any]]:
        """Every fault with how often it met a request that fits and how often it happened."""
        return [
            {**vars(counted.fault), "met": counted.met, "fired": counted.fired}
            for counted in self._faults
        ]

    def strike(self, scope: str, where: Where) -> Fault | None:
        """The first fault that happens to this request, and counts it; None if none does."""
        for counted in self._faults:
            fault = counted.fault
            if counted.scope != scope or not fault.fits(where):
                continue
            counted.met += 1
            if self._happens(counted):
                counted.fired += 1
                return fault
        return None

    def _happens(self, counted: _Counted) -> bool:
        fault = counted.fault
        if fault.nth:
            return counted.met == fault.nth
        if fault.times is not None and counted.fired >= fault.times:
            return False
        return fault.probability >= 1 or self._dice.random() < fault.probability


@dataclass
class _Counted:
    fault: Fault
    met: int = 0
    fired: int = 0

    def __post_init__(self) -> None:
        self.scope = self.fault.scope


def faults_from_json(listed: Iterable[dict[str, Any]]) -> list[Fault]:
    """Faults as a JSON file lists them: objects with the fields of `Fault`."""
    return [Fault(**fields) for fields in listed]
