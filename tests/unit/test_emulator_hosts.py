"""The emulator's image and report hosts: leases, nodes, hygiene, and what they count."""

from __future__ import annotations

import asyncio
import hashlib
from collections.abc import Awaitable, Callable
from typing import Any, TypeVar

import pytest

from tests.support.mangadex import Emulator, Rules, emulated, tiny, unlimited
from tests.support.mangadex.image_routes import HOTLINKED
from tests.support.mangadex.visitor import Visitor, visitor
from tests.support.virtual_time import run_virtual

T = TypeVar("T")
CHAPTERS = [chapter.id for chapter in tiny().chapters]
ONE_NODE = unlimited(nodes=("token",), uploads_serves=False)


def visited(
    visit: Callable[[Visitor], Awaitable[T]], rules: Rules | None = None
) -> tuple[T, Emulator]:
    async def run() -> tuple[T, Emulator]:
        async with (
            emulated(tiny(), rules=rules or unlimited()) as emulator,
            visitor(emulator) as guest,
        ):
            return await visit(guest), emulator

    return run_virtual(run())


def test_every_page_of_both_qualities_is_what_its_name_says() -> None:
    async def visit(guest: Visitor) -> None:
        for chapter in CHAPTERS:
            lease = await guest.lease(chapter)
            for quality, names in (("data", lease.data), ("data-saver", lease.saver)):
                for page, name in enumerate(names, 1):
                    reply = await guest.get(lease.url(page, quality))
                    assert reply.status == 200
                    assert hashlib.sha256(reply.body).hexdigest() in name
                    assert int(reply.headers["Content-Length"]) == len(reply.body)
                    assert {"X-Cache", "Last-Modified"} <= set(reply.headers)

    _, emulator = visited(visit)
    assert emulator.stats.snapshot()["pages_served"] == 60
    assert emulator.stats.duplicate_pages == 0


def test_the_same_page_twice_is_counted_and_a_cache_hit() -> None:
    async def visit(guest: Visitor) -> list[str]:
        url = (await guest.lease(CHAPTERS[0])).url(2)
        return [(await guest.get(url)).headers["X-Cache"] for _ in range(3)]

    said, emulator = visited(visit, ONE_NODE)
    assert said == ["MISS", "HIT", "HIT"]
    assert emulator.stats.duplicate_pages == 2
    assert list(emulator.stats.served.values()) == [3]


def test_a_lease_opens_its_own_chapter_until_it_runs_out() -> None:
    """E4: 403 with nothing in it from the expiry on; a new lease opens the chapter again."""

    async def visit(guest: Visitor) -> list[int]:
        lease, other = await guest.lease(CHAPTERS[0]), await guest.lease(CHAPTERS[1])
        foreign = other.url(1).replace(other.base_url, lease.base_url)
        malformed = lease.url(1).replace(lease.base_url, lease.base_url + "x")
        seen = [(await guest.get(url)).status for url in (lease.url(1), foreign, malformed)]
        await asyncio.sleep(1.9)
        seen.append((await guest.get(lease.url(2))).status)
        await asyncio.sleep(0.2)
        late = await guest.get(lease.url(3))
        assert late.body == b""
        seen.append(late.status)
        renewed = await guest.lease(CHAPTERS[0])
        return [*seen, (await guest.get(renewed.url(3))).status]

    seen, emulator = visited(visit, unlimited(nodes=("token",), uploads_serves=False, lease_s=2))
    assert seen == [200, 403, 403, 200, 403, 200]
    assert emulator.stats.lease_age_max_s == pytest.approx(1.9, abs=0.05)


def test_leases_that_nobody_uses_are_counted() -> None:
    async def visit(guest: Visitor) -> None:
        for chapter in CHAPTERS[:4]:
            lease = await guest.lease(chapter)
        await guest.get(lease.url(1))
        await guest.lease(CHAPTERS[4])

    assert visited(visit)[1].stats.leases_untouched_max == 4


def test_a_node_stays_until_its_failure_is_reported() -> None:
    """E5, E17: without a report the same node comes back."""

    async def visit(guest: Visitor) -> list[str]:
        first = await guest.lease(CHAPTERS[0])
        again = await guest.lease(CHAPTERS[0])
        assert (await guest.report(again.url(1), success=False)).status == 200
        after = await guest.lease(CHAPTERS[0])
        return [lease.base_url.rsplit("/", 1)[0] for lease in (first, again, after)]

    rules = unlimited(nodes=("token", "token"), uploads_serves=False, tries_per_node=9)
    (first, again, after), emulator = visited(visit, rules)
    assert first == again != after
    assert emulator.stats.reports == {"valid": 1, "failure": 1}


def test_without_a_report_the_node_changes_after_its_tries() -> None:
    async def visit(guest: Visitor) -> list[str]:
        leases = [await guest.lease(CHAPTERS[0]) for _ in range(6)]
        return [lease.base_url.rsplit("/", 1)[0] for lease in leases]

    bases, _ = visited(visit, unlimited(nodes=("token", "token"), uploads_serves=False))
    assert bases[0] == bases[1] == bases[4] == bases[5]
    assert bases[2] == bases[3] != bases[0]


def test_base_urls_differ_in_form_and_all_of_them_serve() -> None:
    async def visit(guest: Visitor) -> set[int]:
        forms = set()
        for chapter in CHAPTERS:
            lease = await guest.lease(chapter)
            assert (await guest.get(lease.url(1))).status == 200
            forms.add(lease.base_url.count("/"))
        return forms

    for node, slashes in (("token", 3), ("prefix", 4), ("bare", 2)):
        assert visited(visit, unlimited(nodes=(node,), uploads_serves=False))[0] == {slashes}
    fixed, _ = visited(visit, unlimited(nodes=()))
    assert fixed == {3}


def test_the_fixed_image_host_names_itself_and_takes_no_reports() -> None:
    """E19: reports on a mangadex.org base are refused and counted."""

    async def visit(guest: Visitor) -> int:
        lease = await guest.lease(CHAPTERS[0])
        assert "mangadex.org" in lease.base_url
        return (await guest.report(lease.url(1), success=True)).status

    status, emulator = visited(visit, unlimited(nodes=()))
    assert status == 400
    assert emulator.stats.violations["report_for_mangadex_org"] == 1


@pytest.mark.parametrize(
    ("headers", "api", "image", "counted"),
    [
        ({"User-Agent": " "}, 400, 400, "no_user_agent"),
        ({"Via": "1.1 proxy"}, 400, 400, "via"),
        ({"Authorization": "Bearer x"}, 200, 403, "token_leak"),
        ({"Referer": "https://elsewhere.invalid/"}, 200, 200, "foreign_referer"),
        ({"Referer": "https://mangadex.org/"}, 200, 200, ""),
        ({"Cookie": "a=b"}, 200, 200, "cookie"),
    ],
)
def test_hygiene(headers: dict[str, str], api: int, image: int, counted: str) -> None:
    async def visit(guest: Visitor) -> tuple[int, Any]:
        url = (await guest.lease(CHAPTERS[0])).url(1)
        pinged = await guest.get("/ping", headers=headers)
        return pinged.status, await guest.get(url, headers=headers)

    (pinged, page), emulator = visited(visit)
    assert (pinged, page.status) == (api, image)
    assert set(emulator.stats.violations) == ({counted} if counted else set())
    assert (page.body == HOTLINKED.content()) == (counted == "foreign_referer")


@pytest.mark.parametrize(
    ("options", "status", "counted"),
    [
        ({"headers": {"Content-Type": "application/json; charset=utf-8"}}, 415, "report_type"),
        ({"headers": {"Authorization": "x"}}, 401, "token_leak"),
        ({"json": {"url": "x"}}, 400, ""),
        ({"json": [1]}, 400, ""),
    ],
)
def test_reports_that_are_refused(options: dict[str, Any], status: int, counted: str) -> None:
    async def visit(guest: Visitor) -> int:
        url = (await guest.lease(CHAPTERS[0])).url(1)
        return (await guest.report(url, success=True, **options)).status

    got, emulator = visited(visit, ONE_NODE)
    assert got == status
    assert emulator.stats.reports["valid"] == 0
    assert set(emulator.stats.violations) == ({counted} if counted else set())


def test_requests_at_once_are_counted_and_capped() -> None:
    async def visit(guest: Visitor) -> list[int]:
        lease = await guest.lease(CHAPTERS[0])
        replies = await asyncio.gather(*(guest.get(lease.url(n)) for n in range(1, 6)))
        return sorted(reply.status for reply in replies)

    rules = unlimited(
        nodes=("token",),
        uploads_serves=False,
        image_cap=3,
        image_cap_is_429=True,
        image_latency_s=0.5,
    )
    got, emulator = visited(visit, rules)
    assert got == [200, 200, 200, 429, 429]
    assert emulator.stats.peak_running["images"] == 5
    assert emulator.stats.violations["over_image_cap"] == 2


def test_ranges_and_chunks_are_as_the_rules_say() -> None:
    async def visit(guest: Visitor) -> tuple[int, int, bool]:
        url = (await guest.lease(CHAPTERS[0])).url(1)
        whole = await guest.get(url)
        part = await guest.get(url, headers={"Range": "bytes=10-19"})
        if part.status == 206:
            assert part.body == whole.body[10:20]
        return whole.status, part.status, "Content-Length" in whole.headers

    assert visited(visit)[0] == (200, 206, True)
    assert visited(visit, unlimited(ranges=False, chunked_images=True))[0] == (200, 200, False)


def test_a_removed_chapter_is_gone_and_a_dead_report_host_says_so() -> None:
    async def visit(guest: Visitor) -> list[int]:
        url = (await guest.lease(CHAPTERS[0])).url(1)
        guest.emulator.world.remove(CHAPTERS[1])
        return [
            (await guest.get(f"/at-home/server/{CHAPTERS[1]}")).status,
            (await guest.get(f"/chapter/{CHAPTERS[1]}")).status,
            (await guest.report(url, success=True)).status,
        ]

    assert visited(visit, unlimited(report_is_up=False))[0] == [404, 404, 522]
