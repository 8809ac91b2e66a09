"""Every fault of the emulator happens, looks as it is named, and happens as often as ordered."""

from __future__ import annotations

import asyncio
import hashlib
import json
from collections.abc import Awaitable, Callable
from typing import Any

import aiohttp
import pytest

from tests.support.mangadex import Emulator, Fault, emulated, tiny, unlimited
from tests.support.mangadex.faults import (
    AT_HOME_FAULTS,
    IMAGE_FAULTS,
    KINDS,
    REPORT_FAULTS,
    faults_from_json,
)
from tests.support.mangadex.visitor import Reply, Visitor, visitor
from tests.support.virtual_time import run_virtual

CORPUS = tiny()
SERIES, CHAPTER = CORPUS.series[0], CORPUS.chapters[0]
RULES = unlimited(nodes=("token",), uploads_serves=False)


def visited(
    visit: Callable[[Visitor], Awaitable[list[Any]]], *faults: Fault
) -> tuple[list[Any], Emulator]:
    async def run() -> tuple[list[Any], Emulator]:
        async with (
            emulated(CORPUS, rules=RULES, faults=faults) as emulator,
            visitor(emulator) as guest,
        ):
            return await visit(guest), emulator

    return run_virtual(run())


async def outcome(guest: Visitor, url: str, true: bytes = b"") -> str:
    """A word or two for what a patient client of ten seconds gets."""
    try:
        async with asyncio.timeout(10):
            reply = await guest.get(url)
    except TimeoutError:
        return "silence"
    except aiohttp.ClientPayloadError:
        return "cut off"
    except (aiohttp.ClientOSError, aiohttp.ServerDisconnectedError):
        return "reset"
    return verdict(reply, true) if reply.status == 200 else str(reply.status)


def verdict(reply: Reply, true: bytes) -> str:
    if reply.body == true or not true:
        return "right"
    if reply.body.startswith(b"<!"):
        return "html"
    return f"wrong, {'same' if len(reply.body) == len(true) else 'other'} length"


ASKED_AGAIN = ("reset_before_headers", "api_reset")
"""aiohttp by itself asks once more where the line broke before an answer: it takes two."""


IMAGE_OUTCOMES = {
    "slow_first_byte": "right",
    "drip": "silence",
    "stall": "silence",
    "truncated": "cut off",
    "short_body": "wrong, other length",
    "wrong_bytes": "wrong, same length",
    "other_page": "wrong, other length",
    "html_200": "html",
    "empty_200": "wrong, other length",
    "not_found": "404",
    "forbidden": "403",
    **{f"http_{n}": str(n) for n in (500, 502, 503, 504, 520, 522)},
    "image_429": "429",
    "reset_before_headers": "reset",
    "reset_after_headers": "cut off",
    "reset_mid_body": "cut off",
    "redirect": "302",
    "endless": "wrong, other length",
}


@pytest.mark.parametrize("kind", IMAGE_FAULTS)
def test_an_image_fault_spoils_one_page_once(kind: str) -> None:
    """E4, E5, E14, E16, E17 on the wire: page 3 once, then all five pages right."""
    true = [picture.content() for picture in CHAPTER.pictures]

    async def visit(guest: Visitor) -> list[str]:
        lease = await guest.lease(CHAPTER.id)
        seen = [await outcome(guest, lease.url(n), true[n - 1]) for n in range(1, 6)]
        return [*seen, await outcome(guest, lease.url(3), true[2])]

    value = 1_000_000.0 if kind == "endless" else 0.0
    times = 2 if kind in ASKED_AGAIN else 1
    fault = Fault(kind, chapter=CHAPTER.id, page=3, value=value, times=times)
    seen, emulator = visited(visit, fault)
    assert seen == ["right", "right", IMAGE_OUTCOMES[kind], "right", "right", "right"]
    assert emulator.stats.faults == {kind: times}
    healed_only = 5 if kind != "slow_first_byte" else 6
    assert emulator.stats.good_pages.total() == healed_only


def test_another_pages_picture_is_whole_and_somebody_elses() -> None:
    async def visit(guest: Visitor) -> list[bytes]:
        return [(await guest.get((await guest.lease(CHAPTER.id)).url(3))).body]

    seen, _ = visited(visit, Fault("other_page"))
    assert hashlib.sha256(seen[0]).hexdigest() == CHAPTER.pictures[3].sha256


def lease_outcome(guest: Visitor) -> Callable[[], Awaitable[str]]:
    async def ask() -> str:
        told = await guest.get(f"/at-home/server/{CHAPTER.id}")
        if told.status != 200:
            return str(told.status)
        names: list[str] = told.json["chapter"]["data"]
        base: str = told.json["baseUrl"]
        if not names:
            return "empty"
        odd = "" if len(names) == 5 else f"{len(names)} pages, "
        if names[0].startswith("../"):
            return "climbs"
        if "-" not in names[0]:
            return "no hash"
        first = f"{base}/data/{told.json['chapter']['hash']}/{names[0]}"
        if ".invalid" in base:
            return base
        return odd + await outcome(guest, first)

    return ask


LEASE_OUTCOMES = {
    "refused": "reset",
    "dns": "http://node.invalid",
    "bad_tls": "reset",
    "foreign_host": "http://elsewhere.invalid",
    "fewer_pages": "4 pages, right",
    "more_pages": "6 pages, right",
    "empty_listing": "empty",
    "no_hash_names": "no hash",
    "climbing_names": "climbs",
    "chapter_replaced": "right",
    "chapter_gone": "404",
    "at_home_404": "404",
    "at_home_410": "410",
    "dead_lease": "403",
    "short_lease": "right",
}


@pytest.mark.parametrize("kind", AT_HOME_FAULTS)
def test_a_lease_fault_spoils_one_lease(kind: str) -> None:
    async def visit(guest: Visitor) -> list[str]:
        ask = lease_outcome(guest)
        return [await ask(), await ask()]

    (first, second), emulator = visited(visit, Fault(kind, chapter=CHAPTER.id))
    assert first == LEASE_OUTCOMES[kind]
    assert second == ("404" if kind == "chapter_gone" else "right")
    assert emulator.stats.faults == {kind: 1}


def test_a_replaced_chapter_has_other_pages_and_a_new_version() -> None:
    """E25: the listing and the lease disagree, and the catalogue says so afterwards."""

    async def visit(guest: Visitor) -> list[Any]:
        before = (await guest.get(f"/chapter/{CHAPTER.id}")).json["data"]["attributes"]
        lease = await guest.lease(CHAPTER.id)
        page = await guest.get(lease.url(1))
        after = (await guest.get(f"/chapter/{CHAPTER.id}")).json["data"]["attributes"]
        return [before["version"], after["version"], page.body]

    (before, after, body), _ = visited(visit, Fault("chapter_replaced"))
    assert (before, after) == (1, 2)
    assert body != CHAPTER.pictures[0].content()


def test_a_short_lease_runs_out_by_itself() -> None:
    async def visit(guest: Visitor) -> list[str]:
        lease = await guest.lease(CHAPTER.id)
        await asyncio.sleep(2.5)
        return [await outcome(guest, lease.url(1))]

    assert visited(visit, Fault("short_lease"))[0] == ["403"]


FEED = f"/manga/{SERIES.id}/feed"
API_STATUSES = {
    **{f"api_{n}": n for n in (429, 500, 502, 503, 504, 520, 522)},
    **{"html_400": 400, "captcha": 403, "ban": 403, "api_redirect": 302, "via_400": 400},
}


@pytest.mark.parametrize("kind", API_STATUSES)
def test_an_api_fault_refuses_one_request(kind: str) -> None:
    async def visit(guest: Visitor) -> list[Any]:
        first = await guest.get(FEED)
        await asyncio.sleep(901)
        return [first, (await guest.get(FEED)).status]

    (first, second), emulator = visited(visit, Fault(kind, route="feed"))
    assert (first.status, second) == (API_STATUSES[kind], 200)
    assert emulator.stats.faults == {kind: 1}
    if kind == "captcha":
        assert first.headers["X-Captcha-Sitekey"]
        assert first.json["errors"][0]["title"] == "captcha_required_exception"


def attributes(reply: Any) -> dict[str, Any]:
    shown: dict[str, Any] = reply.json["data"][0]["attributes"]
    return shown


API_SIGNS: dict[str, Callable[[Any, Any], object]] = {
    "gzip_json": lambda bad, good: bad.headers["Content-Encoding"] == "gzip",
    "html_answer": lambda bad, good: bad.headers["Content-Type"] == "text/html",
    "huge_json": lambda bad, good: len(bad.body) > 20_000_000,
    "missing_fields": lambda bad, good: set(attributes(bad)) < set(attributes(good)),
    "null_fields": lambda bad, good: attributes(bad)["externalUrl"] is None,
    "unknown_fields": lambda bad, good: set(attributes(bad)) > set(attributes(good)),
    "shifting_total": lambda bad, good: bad.json["total"] == good.json["total"] + 1,
    "shifting_list": lambda bad, good: bad.json["data"][0] == bad.json["data"][1],
    "duplicates": lambda bad, good: len(bad.json["data"]) == len(good.json["data"]) + 1,
    "via_answer": lambda bad, good: "Via" in bad.headers,
    "clock_skew": lambda bad, good: bad.headers["Date"] > good.headers["Date"],
    "slow_answer": lambda bad, good: bad.body == good.body,
}


@pytest.mark.parametrize("kind", API_SIGNS)
def test_an_api_fault_shows_in_one_answer(kind: str) -> None:
    async def visit(guest: Visitor) -> list[Any]:
        return [await guest.get(FEED), await guest.get(FEED)]

    (bad, good), emulator = visited(visit, Fault(kind, route="feed"))
    assert (bad.status, good.status) == (200, 200)
    assert API_SIGNS[kind](bad, good)
    assert emulator.stats.faults == {kind: 1}


@pytest.mark.parametrize("kind", ["truncated_json", "api_stall", "api_reset"])
def test_an_api_answer_may_be_cut(kind: str) -> None:
    async def visit(guest: Visitor) -> list[Any]:
        if kind != "truncated_json":
            return [await outcome(guest, guest.emulator.api_url + FEED)]
        with pytest.raises(json.JSONDecodeError):
            await guest.get(FEED)
        return ["half"]

    expected = {"truncated_json": "half", "api_stall": "silence", "api_reset": "reset"}
    times = 2 if kind in ASKED_AGAIN else 1
    assert visited(visit, Fault(kind, times=times))[0] == [expected[kind]]


@pytest.mark.parametrize("kind", REPORT_FAULTS)
def test_a_report_fault(kind: str) -> None:
    """E19."""

    async def visit(guest: Visitor) -> list[Any]:
        url = (await guest.lease(CHAPTER.id)).url(1)
        loop = asyncio.get_running_loop()
        began = loop.time()
        try:
            status = (await guest.report(url, success=True)).status
        except aiohttp.ClientError:
            status = 0
        return [status, loop.time() - began >= 29]

    expected = {
        "report_500": [500, False],
        "report_522": [522, False],
        "report_429": [429, False],
        "report_slow": [200, True],
        "report_reset": [0, False],
    }
    assert visited(visit, Fault(kind))[0] == expected[kind]


def test_every_kind_has_a_test_here() -> None:
    tested = {*IMAGE_OUTCOMES, *LEASE_OUTCOMES, *API_STATUSES, *API_SIGNS, *REPORT_FAULTS}
    assert set(KINDS) == tested | {"truncated_json", "api_stall", "api_reset"}


def pings(times: int) -> Callable[[Visitor], Awaitable[list[Any]]]:
    async def visit(guest: Visitor) -> list[Any]:
        return [(await guest.get("/ping")).status for _ in range(times)]

    return visit


def test_how_often_a_fault_happens() -> None:
    assert visited(pings(4), Fault("api_503", times=2))[0] == [503, 503, 200, 200]
    assert visited(pings(3), Fault("api_503", times=None))[0] == [503] * 3
    assert visited(pings(3), Fault("api_503", nth=2))[0] == [200, 503, 200]
    assert visited(pings(2), Fault("api_503", route="feed"))[0] == [200, 200]
    both = (Fault("api_503"), Fault("api_500"))
    assert visited(pings(3), *both)[0] == [503, 500, 200]


def test_chance_falls_the_same_way_for_the_same_seed() -> None:
    one_in_three = Fault("api_503", times=None, probability=0.3)
    first, second = (visited(pings(60), one_in_three)[0] for _ in range(2))
    assert first == second
    assert 8 <= first.count(503) <= 30


def test_a_fault_may_belong_to_one_node() -> None:
    """E5: 404 on one node only; after the report another node has the page."""

    async def visit(guest: Visitor) -> list[Any]:
        lease = await guest.lease(CHAPTER.id)
        node = next(n for n, u in guest.emulator.site.urls.items() if lease.base_url.startswith(u))
        guest.emulator.faults.add(Fault("not_found", node=node, times=None))
        first = (await guest.get(lease.url(1))).status
        await guest.report(lease.url(1), success=False)
        return [first, (await guest.get((await guest.lease(CHAPTER.id)).url(1))).status]

    async def run() -> list[Any]:
        rules = unlimited(nodes=("token", "prefix"), uploads_serves=False)
        async with emulated(CORPUS, rules=rules) as emulator, visitor(emulator) as guest:
            return await visit(guest)

    assert run_virtual(run()) == [404, 200]


def test_faults_come_from_json_and_a_kind_that_is_none_is_refused() -> None:
    listed = faults_from_json([{"kind": "stall", "page": 2, "times": None}])
    assert listed == [Fault("stall", page=2, times=None)]
    with pytest.raises(ValueError, match="no fault of the kind 'gremlin'"):
        Fault("gremlin")
