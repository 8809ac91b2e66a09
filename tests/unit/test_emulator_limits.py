"""The emulator's limits and bans: exactly as many requests as the rules allow."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from email.utils import parsedate_to_datetime

import pytest

from tests.support.mangadex import Emulator, Rules, emulated, tiny
from tests.support.mangadex.visitor import Reply, Visitor, visitor
from tests.support.virtual_time import run_virtual

CHAPTER = tiny().chapters[0].id
LEASE = f"/at-home/server/{CHAPTER}"


def visited(
    rules: Rules, visit: Callable[[Visitor], Awaitable[list[Reply]]]
) -> tuple[list[Reply], Emulator]:
    async def run() -> tuple[list[Reply], Emulator]:
        async with emulated(tiny(), rules=rules) as emulator, visitor(emulator) as guest:
            return await visit(guest), emulator

    return run_virtual(run())


def asked(times: int, path: str = "/ping") -> Callable[[Visitor], Awaitable[list[Reply]]]:
    async def visit(guest: Visitor) -> list[Reply]:
        return [await guest.get(path) for _ in range(times)]

    return visit


def statuses(replies: list[Reply]) -> list[int]:
    return [reply.status for reply in replies]


async def until_next(guest: Visitor, length_s: float) -> None:
    wall = guest.emulator.site.wall()
    await asyncio.sleep(length_s - wall % length_s)


def test_five_requests_pass_in_a_second_and_five_in_the_next() -> None:
    async def visit(guest: Visitor) -> list[Reply]:
        first = await asked(6)(guest)
        await until_next(guest, 1)
        return first + await asked(6)(guest)

    replies, emulator = visited(Rules(), visit)
    assert statuses(replies) == [200] * 5 + [429] + [200] * 5 + [429]
    assert emulator.stats.limited == 2
    assert emulator.stats.early_requests == 0
    assert emulator.stats.api_rate.most >= 6


def test_forty_leases_pass_in_a_minute_each_with_the_three_headers() -> None:
    replies, emulator = visited(Rules(api_per_second=None, ban_after=None), asked(41, LEASE))
    assert statuses(replies) == [200] * 40 + [429]
    assert [int(r.headers["X-RateLimit-Remaining"]) for r in replies[:40]] == list(
        range(39, -1, -1)
    )
    ends = {int(r.headers["X-RateLimit-Retry-After"]) for r in replies}
    assert len(ends) == 1
    assert 0 < ends.pop() - 1_790_001_000 <= 60
    assert replies[-1].json["errors"][0]["status"] == 429
    assert emulator.stats.at_home_rate.most == 41


def test_the_header_names_the_moment_from_which_requests_pass_again() -> None:
    """E1: waiting for exactly the announced time is enough, and is not early."""

    async def visit(guest: Visitor) -> list[Reply]:
        refused = (await asked(41, LEASE)(guest))[-1]
        announced = int(refused.headers["X-RateLimit-Retry-After"])
        await asyncio.sleep(announced - guest.emulator.site.wall())
        return [refused, await guest.get(LEASE)]

    replies, emulator = visited(Rules(api_per_second=None), visit)
    assert statuses(replies) == [429, 200]
    assert emulator.stats.early_requests == 0


@pytest.mark.parametrize(
    ("style", "status", "header", "ahead"),
    [
        ("none", 429, None, None),
        ("retry_after", 429, "Retry-After", 1),
        ("past", 429, "X-RateLimit-Retry-After", -119),
        ("far", 429, "X-RateLimit-Retry-After", 601),
        ("html_400", 400, None, None),
    ],
)
def test_what_a_429_says(style: str, status: int, header: str | None, ahead: int | None) -> None:
    """E2: no header, a delta, a time gone by, one far ahead, and the 400 that stands for it."""
    replies, emulator = visited(Rules(limit_headers=style), asked(6))  # type: ignore[arg-type]
    last = replies[-1]
    assert last.status == status
    assert emulator.stats.limited == 1
    limit_headers = [name for name in last.headers if "retry-after" in name.lower()]
    assert limit_headers == ([header] if header else [])
    if header == "Retry-After":
        assert last.headers[header] == str(ahead)
    elif header:
        served_at = parsedate_to_datetime(last.headers["Date"]).timestamp()
        assert int(last.headers[header]) - served_at == ahead
    else:
        assert b"invalid request" in last.body or last.json["errors"][0]["status"] == 429


def test_too_many_early_requests_bring_a_ban_on_every_route_that_ends() -> None:
    """E3: three are forgiven, the fourth shuts the door for the ban's length."""

    async def visit(guest: Visitor) -> list[Reply]:
        within = await asked(10)(guest)
        within.append(await guest.get(LEASE))
        await asyncio.sleep(890)
        still = await guest.get("/ping")
        await asyncio.sleep(20)
        return [*within, still, await guest.get("/ping")]

    replies, emulator = visited(Rules(), visit)
    assert statuses(replies) == [200] * 5 + [429] * 4 + [403] * 3 + [200]
    assert emulator.stats.bans == 1
    assert emulator.stats.early_requests == 4
    assert emulator.stats.requests_in_ban == 2


def test_a_ban_may_come_as_html() -> None:
    replies, _ = visited(Rules(ban_is_html=True), asked(10))
    assert replies[-1].status == 403
    assert replies[-1].headers["Content-Type"] == "text/html"


def test_every_load_balancer_has_its_own_limit() -> None:
    replies, _ = visited(Rules(load_balancers=2), asked(11))
    assert statuses(replies) == [200] * 10 + [429]


def test_the_sites_clock_may_be_wrong_in_date_and_headers_alike() -> None:
    """E31: the wait is right only by the server's own Date."""
    straight, _ = visited(Rules(api_per_second=None), asked(1, LEASE))
    skewed, _ = visited(Rules(api_per_second=None, clock_skew_s=-120), asked(1, LEASE))

    def wait_s(reply: Reply) -> float:
        served_at = parsedate_to_datetime(reply.headers["Date"]).timestamp()
        return int(reply.headers["X-RateLimit-Retry-After"]) - served_at

    assert wait_s(straight[0]) == wait_s(skewed[0])
    dates = [parsedate_to_datetime(r[0].headers["Date"]).timestamp() for r in (straight, skewed)]
    assert dates[0] - dates[1] == 120


def test_paced_at_1_52_seconds_no_lease_is_ever_refused() -> None:
    async def visit(guest: Visitor) -> list[Reply]:
        replies = []
        for _ in range(120):
            replies.append(await guest.get(LEASE))
            await asyncio.sleep(1.52)
        return replies

    replies, emulator = visited(Rules(), visit)
    assert set(statuses(replies)) == {200}
    assert emulator.stats.at_home_rate.most == 40
    assert emulator.stats.limited == 0
