"""What the API is asked, page by page, and what becomes of its listings."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any, TypeVar

import pytest

from pipeline.core.errors import BadConfig, Retryable, SeriesGone
from pipeline.ports.mangadex.api import Api, AtHome, new_http
from pipeline.ports.mangadex.limits import MemorySlots
from pipeline.ports.protocols import Wish
from schemas.profile import MangaDexParams
from tests.support.scripted import Answer, Script, Seen, Server, scripted
from tests.support.virtual_time import loop_wall, run_virtual

T = TypeVar("T")
ALL_RATINGS = ["safe", "suggestive", "erotica", "pornographic"]


def uid(number: int) -> str:
    return f"00000000-0000-4000-8000-{number:012d}"


def chapter(number: int, created: str = "2024-01-01T00:00:00+00:00", **said: Any) -> dict[str, Any]:
    attributes = {"chapter": str(number), "pages": 20, "createdAt": created, **said}
    return {"id": uid(number), "type": "chapter", "attributes": attributes, "relationships": []}


def manga(number: int, **said: Any) -> dict[str, Any]:
    return {"id": uid(number), "attributes": {"title": {"en": f"Series {number}"}, **said}}


def listing(seen: Seen, items: list[dict[str, Any]], total: int | None = None) -> Answer:
    """The page of `items` that the request asks for."""
    limit, offset = int(seen.value("limit")), int(seen.value("offset"))
    if offset + limit > 10_000:
        return Answer(400, {"result": "error", "errors": [{"detail": "offset + limit > 10000"}]})
    page = {"data": items[offset : offset + limit], "limit": limit, "offset": offset}
    return Answer(body={"result": "ok", **page, "total": len(items) if total is None else total})


def asked(script: Script, use: Callable[[Api], Awaitable[T]]) -> tuple[T, Server]:
    """What `use` makes of the API that answers by the script, and what the server saw."""

    async def run() -> tuple[T, Server]:
        async with scripted(script) as server:
            params = MangaDexParams(api_url=server.url + "/", contact="me@example.org")
            wall = loop_wall()
            async with new_http(params) as http:
                return await use(Api(params, http, MemorySlots(wall), wall)), server

    return run_virtual(run())


def test_e23_a_feed_is_paged_to_its_end() -> None:
    uploads = [chapter(n) for n in range(1200)]
    found, server = asked(
        lambda seen: listing(seen, uploads), lambda api: api.chapters(uid(1), "en")
    )
    assert [each.number for each in found] == [str(n) for n in range(1200)]
    assert [each.value("offset") for each in server.seen] == ["0", "500", "1000"]
    first = server.seen[0]
    assert first.path == f"/manga/{uid(1)}/feed"
    assert (first.value("limit"), first.value("translatedLanguage[]")) == ("500", "en")
    assert first.values("contentRating[]") == ALL_RATINGS
    assert first.values("includes[]") == ["scanlation_group", "user"]
    assert first.value("includeFuturePublishAt") == "0"
    for name in ("EmptyPages", "ExternalUrl", "Unavailable"):
        assert not first.values(f"include{name}")  # a filter would hide why there is a shortfall


def test_requests_say_who_we_are_and_carry_neither_cookies_nor_secrets() -> None:
    def script(_: Seen) -> Answer:
        return Answer(body="pong", headers={"Set-Cookie": "track=1; Path=/"})

    async def twice(api: Api) -> None:
        await api.ping()
        await api.ping()

    _, server = asked(script, twice)
    assert server.paths == ["/ping", "/ping"]
    headers = server.seen[1].headers
    assert headers["User-Agent"].startswith("mangazero/")
    assert headers["User-Agent"].endswith("(me@example.org)")
    assert not {"Cookie", "Authorization", "Via"} & headers.keys()


def test_e23_a_total_that_changes_makes_it_begin_again_once() -> None:
    uploads = [chapter(n) for n in range(600)]

    def script(seen: Seen) -> Answer:
        now = uploads if seen.number == 0 else uploads[5:]
        return listing(seen, now)

    found, server = asked(script, lambda api: api.chapters(uid(1), "en"))
    assert [each.id for each in found] == [each["id"] for each in uploads[5:]]
    assert [each.value("offset") for each in server.seen] == ["0", "500", "0", "500"]


def test_e23_a_total_that_never_stands_still_ends_and_loses_nothing() -> None:
    uploads = [chapter(n) for n in range(1100)]
    found, server = asked(
        lambda seen: listing(seen, uploads, 1100 + seen.number),
        lambda api: api.chapters(uid(1), "en"),
    )
    assert len(found) == 1100
    assert len(server.seen) == 5


def test_e23_an_item_on_two_pages_is_taken_once() -> None:
    uploads = [chapter(n % 599) for n in range(600)]
    found, _ = asked(lambda seen: listing(seen, uploads), lambda api: api.chapters(uid(1), "en"))
    assert len(found) == 599


def test_e23_beyond_10000_it_goes_on_from_the_last_one() -> None:
    minutes = [f"2024-{1 + n // 28 // 1440:02d}-{1 + n // 1440 % 28:02d}" for n in range(10_400)]
    uploads = [
        chapter(n, f"{day}T{n % 1440 // 60 + 1:02d}:{n % 60:02d}:00+01:00")
        for n, day in enumerate(minutes)
    ]

    def script(seen: Seen) -> Answer:
        since = dict(seen.query).get("createdAtSince", "")
        left = [each for each in uploads if utc(each["attributes"]["createdAt"]) >= since]
        return listing(seen, left)

    def utc(written: str) -> str:
        return f"{written[:11]}{int(written[11:13]) - 1:02d}{written[13:19]}"

    found, server = asked(script, lambda api: api.chapters(uid(1), "en"))
    assert len(found) == 10_400
    assert [each.value("order[createdAt]") for each in server.seen] == ["asc"] * 21
    assert server.seen[-1].value("createdAtSince") == utc(uploads[9999]["attributes"]["createdAt"])


def test_a_server_that_gives_smaller_pages_is_followed() -> None:
    uploads = [chapter(n) for n in range(250)]

    def script(seen: Seen) -> Answer:
        offset = int(seen.value("offset"))
        page = {"data": uploads[offset : offset + 100], "limit": 100, "total": 250}
        return Answer(body={"result": "ok", **page})

    found, _ = asked(script, lambda api: api.chapters(uid(1), "en"))
    assert len(found) == 250


@pytest.mark.parametrize("status", [404, 410])
def test_e6_what_is_gone(status: int) -> None:
    def gone(_: Seen) -> Answer:
        return Answer(status, {"result": "error", "errors": [{"status": status}]})

    for use in (lambda api: api.series(uid(7)), lambda api: api.chapters(uid(7), "en")):
        with pytest.raises(SeriesGone, match=rf"no series {uid(7)} [^\n]*$"):
            asked(gone, use)
    assert asked(gone, lambda api: api.chapter(uid(1)))[0] is None
    assert asked(gone, lambda api: api.at_home(uid(1)))[0] is None
    with pytest.raises(Retryable, match="no such listing"):
        asked(gone, lambda api: api.search("any"))


def test_a_malformed_id_is_never_put_into_a_path() -> None:
    async def each(api: Api) -> None:
        for ask in (api.series, api.chapter, api.at_home):
            with pytest.raises(BadConfig, match="is no id of MangaDex"):
                await ask("../ping")

    _, server = asked(lambda _: Answer(), each)
    assert server.seen == []


def test_search_asks_for_ten_of_every_rating() -> None:
    found, server = asked(
        lambda seen: listing(seen, [manga(1), manga(2)]), lambda api: api.search("A & [b]")
    )
    assert [each.title for each in found] == ["Series 1", "Series 2"]
    (only,) = server.seen
    assert (only.path, only.value("title"), only.value("limit")) == ("/manga", "A & [b]", "10")
    assert only.values("contentRating[]") == ALL_RATINGS


def test_discover_asks_for_what_fits_and_only_for_what_is_read() -> None:
    series = [manga(n, year=1990 + n % 20) for n in range(300)] + [manga(300, year=None)]
    wish = Wish("en", 2000, ("ja", "ko"), ("safe", "erotica"), (uid(91), uid(92)))

    async def first(api: Api, count: int) -> list[str]:
        found = []
        async for facts in api.discover(wish):
            found.append(facts.id)
            if len(found) == count:
                break
        return found

    few, server = asked(lambda seen: listing(seen, series), lambda api: first(api, 40))
    assert few == [uid(n) for n in range(300) if n % 20 >= 10][:40]
    assert [each.value("offset") for each in server.seen] == ["0"]
    only = server.seen[0]
    assert only.values("excludedTags[]") == [uid(91), uid(92)]
    assert only.values("originalLanguage[]") == ["ja", "ko"]
    assert only.values("contentRating[]") == ["safe", "erotica"]
    assert only.value("availableTranslatedLanguage[]") == "en"
    assert (only.value("hasAvailableChapters"), only.value("limit")) == ("1", "100")
    assert only.value("order[followedCount]") == "desc"
    all_of_them, server = asked(lambda seen: listing(seen, series), lambda api: first(api, 999))
    assert len(all_of_them) == 150
    assert len(server.seen) == 4


def test_discover_ends_where_the_paging_does() -> None:
    async def count(api: Api) -> int:
        return len([facts async for facts in api.discover(Wish("en", None, (), (), ()))])

    def script(seen: Seen) -> Answer:
        offset = int(seen.value("offset"))
        return Answer(body={"data": [manga(offset + n) for n in range(100)], "total": 90_000})

    assert asked(script, count)[0] == 10_000


def test_a_lease() -> None:
    names = [f"{n}-{'ab' * 32}.png" for n in (1, 2)]
    body = {
        "result": "ok",
        "baseUrl": "https://x.mangadex.network:44/token",
        "chapter": {"hash": "cd" * 16, "data": names, "dataSaver": names[:1]},
    }
    lease, server = asked(lambda _: Answer(body=body), lambda api: api.at_home(uid(5)))
    base = "https://x.mangadex.network:44/token"
    assert lease == AtHome(base, "cd" * 16, tuple(names), tuple(names[:1]))
    assert server.paths == [f"/at-home/server/{uid(5)}"]


def test_the_limits_are_kept_over_the_wire() -> None:
    def script(seen: Seen) -> Answer:
        if seen.path.startswith("/at-home"):
            return Answer(body={"chapter": {"data": []}})
        return Answer(body={"data": chapter(1)})

    async def many(api: Api) -> None:
        leases = (api.at_home(uid(n)) for n in range(45))
        await asyncio.gather(*leases, *(api.chapter(uid(n)) for n in range(20)))

    _, server = asked(script, many)
    times = [seen.at for seen in server.seen if seen.path.startswith("/at-home")]
    assert all(later - sooner >= 60 for sooner, later in zip(times, times[40:], strict=False))
    every = [seen.at for seen in server.seen]
    assert all(later - sooner >= 1 for sooner, later in zip(every, every[5:], strict=False))
