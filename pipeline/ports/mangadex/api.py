"""The API of MangaDex, v5: what we ask it, and its answers as records.

Every call may raise Retryable (this call failed for good, others may not) or a StopRun (Banned,
HumanNeeded, Unreachable, ServerTrouble, RateLimited, ProxyInTheWay); after one of those `halted`
is set, and every further call raises it without a request.
"""

from __future__ import annotations

import random
import re
from collections.abc import AsyncIterator, Callable
from datetime import UTC, datetime
from functools import partial
from typing import Final, get_args

import aiohttp

from pipeline.core.errors import BadConfig, Retryable, StopRun
from pipeline.ports.mangadex import stops
from pipeline.ports.mangadex.answers import (
    AtHome,
    Json,
    Listing,
    at_home_of,
    chapter_of,
    created_at_of,
    entity_of,
    listing_of,
    series_of,
)
from pipeline.ports.mangadex.caller import Caller
from pipeline.ports.mangadex.exchange import Query, new_http
from pipeline.ports.mangadex.limits import SlotBook
from pipeline.ports.mangadex.patience import Call, Counts
from pipeline.ports.protocols import Wish
from schemas.mangadex import ContentRating, ListedChapter, SeriesFacts
from schemas.profile import MangaDexParams

__all__ = ["Api", "AtHome", "Counts", "new_http"]

# The server refuses offset + limit beyond this.
_DEEPEST: Final = 10_000
_UUID: Final = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")
_ALL_RATINGS: Final = tuple(("contentRating[]", rating) for rating in get_args(ContentRating))
_WITH_PEOPLE: Final = (("includes[]", "author"), ("includes[]", "artist"))
_WITH_CREDITS: Final = (("includes[]", "scanlation_group"), ("includes[]", "user"))
# The filters on empty, external and unavailable uploads are left out, which lists such ones too:
# a shortfall is then told by its reasons. An upload that is added meanwhile comes last in this
# order and shifts no page of the listing.
_EVERY_STATE: Final = (
    ("includeFuturePublishAt", "0"),
    ("order[createdAt]", "asc"),
)


class Api:
    """The API, asked politely. Made for one event loop; its session stays the caller's to close."""

    def __init__(
        self,
        params: MangaDexParams,
        http: aiohttp.ClientSession,
        slots: SlotBook,
        wall: Callable[[], float],
        *,
        rng: random.Random | None = None,
    ) -> None:
        """`wall` gives epoch seconds; `rng` draws the jitter of waits."""
        self._caller = Caller(params, http, slots, wall, rng or random.Random())

    def halt(self, error: StopRun) -> None:
        """Ends every call that waits or is on its way, and every later one, with that error."""
        self._caller.halting.halt(error)

    @property
    def halted(self) -> StopRun | None:
        """What every call raises from now on."""
        return self._caller.halting.halted

    @property
    def counts(self) -> Counts:
        return self._caller.counts

    async def ping(self) -> None:
        """Asks for nothing. Returns where somebody answers."""
        await self._caller.get(Call("/ping", is_text=True), lambda _: None)

    async def series(self, manga: str) -> SeriesFacts:
        """Raises SeriesGone if there is none of that id, BadConfig if it is no id."""
        call = Call(f"/manga/{_checked(manga)}", _WITH_PEOPLE)
        item = await self._caller.get(call, entity_of)
        if item is None:
            raise stops.series_gone(manga)
        return series_of(item)

    async def search(self, title: str) -> list[SeriesFacts]:
        """The best matches first, at most ten."""
        query = (("title", title), *_WITH_PEOPLE, *_ALL_RATINGS)
        page = await self._page("/manga", query, 0, 10)
        return [series_of(item) for item in page.items]

    async def discover(self, wish: Wish) -> AsyncIterator[SeriesFacts]:
        """Every series that fits, the most followed first; asks for more as it is read."""
        query = (
            *(("excludedTags[]", tag) for tag in wish.refused_tags),
            *(("originalLanguage[]", language) for language in wish.original_languages),
            ("availableTranslatedLanguage[]", wish.language),
            *(("contentRating[]", rating) for rating in wish.ratings),
            ("hasAvailableChapters", "1"),
            ("order[followedCount]", "desc"),
            *_WITH_PEOPLE,
        )
        seen: set[str] = set()
        async for page in self._pages("/manga", query, 100):
            for facts in map(series_of, page.items):
                is_old = wish.since is not None and (facts.year or 0) < wish.since
                if facts.id not in seen and not is_old:
                    yield facts
                seen.add(facts.id)

    async def chapters(self, manga: str, language: str) -> list[ListedChapter]:
        """Every upload in that language, whatever its state, in the order of their making.

        Raises SeriesGone where there is no such series.
        """
        path = f"/manga/{_checked(manga)}/feed"
        query = (("translatedLanguage[]", language), *_ALL_RATINGS, *_WITH_CREDITS, *_EVERY_STATE)
        found: dict[str, Json] = {}
        since: tuple[tuple[str, str], ...] = ()
        while True:
            part, total = await self._feed(path, (*query, *since), manga)
            is_new = not part.keys() <= found.keys()
            found |= part
            if total <= _DEEPEST or not is_new:
                return [chapter_of(item) for item in found.values()]
            # Deeper than the paging goes: begin again from the last one seen.
            last = next((at for item in reversed(part.values()) if (at := created_at_of(item))), "")
            if not last:
                return [chapter_of(item) for item in found.values()]
            since = (("createdAtSince", _in_utc(last)),)

    async def chapter(self, chapter: str) -> ListedChapter | None:
        """One upload as it is now; None if it is gone."""
        call = Call(f"/chapter/{_checked(chapter)}", _WITH_CREDITS)
        item = await self._caller.get(call, entity_of)
        return None if item is None else chapter_of(item)

    async def at_home(self, chapter: str) -> AtHome | None:
        """A lease on the chapter's images; None if the chapter is gone."""
        call = Call(f"/at-home/server/{_checked(chapter)}", is_lease=True)
        return await self._caller.get(call, at_home_of)

    async def _feed(self, path: str, query: Query, manga: str) -> tuple[dict[str, Json], int]:
        """One listing as deep as it goes, by id, and its total.

        Where the total changes on the way, a page may have shifted: then once more from the start.
        """
        for is_last_try in (False, True):
            found: dict[str, Json] = {}
            totals: list[int] = []
            async for page in self._pages(path, query, 500, gone=stops.series_gone(manga)):
                found |= {item["id"]: item for item in page.items}
                totals.append(page.total)
                if page.total != totals[0] and not is_last_try:
                    break
            else:
                break
        return found, max(totals)

    async def _pages(
        self, path: str, query: Query, limit: int, gone: StopRun | None = None
    ) -> AsyncIterator[Listing]:
        offset = 0
        total = _DEEPEST
        while offset < min(total, _DEEPEST):
            page = await self._page(path, query, offset, min(limit, _DEEPEST - offset), gone)
            yield page
            if page.count == 0:
                return
            offset += page.limit
            total = page.total

    async def _page(
        self, path: str, query: Query, offset: int, limit: int, gone: StopRun | None = None
    ) -> Listing:
        paging = (("limit", str(limit)), ("offset", str(offset)))
        parse = partial(listing_of, asked=limit)
        page = await self._caller.get(Call(path, (*query, *paging)), parse)
        if page is None:
            raise gone or Retryable(f"{path}: there is no such listing (404)")
        return page


def _checked(some_id: str) -> str:
    """The id, safe to be put into a path. Raises BadConfig if it is not one of MangaDex."""
    if not _UUID.fullmatch(some_id):
        raise BadConfig(f"{some_id!r} is no id of MangaDex: it has the form 8-4-4-4-12 hex digits")
    return some_id


def _in_utc(written: str) -> str:
    """An ISO 8601 time as the server wants it in a query: UTC, no offset."""
    try:
        at = datetime.fromisoformat(written)
    except ValueError:
        return written[:19]
    return (at.astimezone(UTC) if at.tzinfo else at).strftime("%Y-%m-%dT%H:%M:%S")
