"""One page: adopted if its bytes are here already, else asked for until it comes or is lost.

Every failure is the page's own: it never moves another page, and its number stays its number.
"""

from __future__ import annotations

import asyncio
from functools import partial
from typing import Final

from pipeline.ports.mangadex.hosts import picture_path, picture_url, sha256_in
from pipeline.ports.mangadex.images import Body, Failure, Fault, get_picture
from pipeline.ports.mangadex.leases import ChapterLeases, Lease, Why
from pipeline.ports.mangadex.log_lines import Event
from pipeline.ports.mangadex.misses import MissReason, PageLost
from pipeline.ports.mangadex.reports import Report
from pipeline.ports.mangadex.ties import SeriesTies
from pipeline.ports.protocols import Delivered, Missing
from schemas.pages import Defect, Page, PlannedPage

_ATTEMPTS: Final = 4
_ATTEMPTS_AT_404: Final = 3
_PATIENCE_WITH_429: Final = 5
_FIRST_429_WAIT_S: Final = 5.0
_LEAST_429_WAIT_S: Final = 1.0
_LONGEST_429_WAIT_S: Final = 60.0
_BEFORE_SAME_NODE_S: Final = 0.5

_WRONG_BYTES: Final = (Fault.MISMATCH, Fault.NO_PICTURE, Fault.TOO_LARGE)
_NOT_WORTH_A_RETRY_THERE: Final = (*_WRONG_BYTES, Fault.NOT_FOUND, Fault.UNDECODABLE)


class PageErrand:
    """The way of one page from its lease to the shelf."""

    def __init__(self, page: PlannedPage, leases: ChapterLeases, ties: SeriesTies) -> None:
        self._page = page
        self._leases = leases
        self._ties = ties
        self._network = ties.network
        self._attempts = 0
        self._not_found = 0
        self._throttled = 0
        self._failed_on: Lease | None = None
        self._witnesses: dict[str, set[str]] = {}

    async def run(self) -> Delivered | Missing | None:
        """The answer, or None where the work was stopped before there was one.

        Raises StopRun of the shelf or of the API.
        """
        try:
            lease = await self._leases.current()
            sha256 = sha256_in(self._file(lease))
            if not sha256:
                return await self._download()
            async with self._network.alone_with(sha256):
                return await self._adopt(lease, sha256) or await self._download()
        except PageLost as lost:
            return self._ties.missing(self._page, lost)

    def _file(self, lease: Lease) -> str:
        return lease.files[self._page.number - 1]

    def _path(self, lease: Lease) -> str:
        return picture_path(self._network.params.quality, lease.hash, self._file(lease))

    async def _adopt(self, lease: Lease, sha256: str) -> Delivered | None:
        """The page from bytes that a killed run, or another page, has left in the store."""
        adopt = partial(self._ties.shelf.adopt, self._page, sha256, locator=self._path(lease))
        row = await self._network.run_blocking(adopt)
        if row is None:
            return None
        self._network.tally.adopted += 1
        self._ties.memory.note(Event.ADOPTED, page=self._page.id, sha256=sha256)
        return Delivered(self._page.id, row)

    async def _download(self) -> Delivered | None:
        while not self._ties.is_stopping:
            lease = await self._leases.current()
            async with self._network.nodes.turn(lease.node) as turn:
                if not self._leases.is_current(lease):
                    continue
                with self._ties.in_flight():
                    url = picture_url(lease.base_url, self._path(lease))
                    self._network.tally.image_requests += 1
                    got = await get_picture(self._network.http, url, lease.through)
                    turn.leave_node()
                    result = await self._judged(got, lease)
            if isinstance(result, Page):
                return Delivered(self._page.id, result)
            if not self._ties.is_stopping:
                await self._after(result, lease)
        return None

    async def _judged(self, got: Body | Failure, lease: Lease) -> Page | Failure:
        """The row of a good page, or what is wrong with what came."""
        if isinstance(got, Failure):
            return got
        expected = sha256_in(self._file(lease))
        if got.sha256 == expected:
            return await self._kept(got, lease, is_verified=True)
        if not got.may_be_picture:
            words = "a text in place of a picture" if got.content else "an empty body"
            return _failure(Fault.NO_PICTURE, words, got)
        if expected:
            return await self._mismatch(got, lease)
        row = await self._kept(got, lease, is_verified=False)
        if row.defect is Defect.NONE:
            return row
        return _failure(Fault.UNDECODABLE, f"the picture is {row.defect}", got)

    async def _kept(self, got: Body, lease: Lease, *, is_verified: bool) -> Page:
        keep = partial(
            self._ties.shelf.keep,
            self._page,
            got.content,
            locator=self._path(lease),
            is_verified=is_verified,
        )
        row = await self._network.run_blocking(keep)
        if is_verified or row.defect is Defect.NONE:
            self._note_kept(got, lease, is_verified=is_verified)
        return row

    def _note_kept(self, got: Body, lease: Lease, *, is_verified: bool) -> None:
        now = asyncio.get_running_loop().time()
        self._network.tally.downloaded(len(got.content), now, is_verified=is_verified)
        self._tell(lease, len(got.content), got.took_s, is_cached=got.is_cached, success=True)
        self._ties.memory.note(
            Event.VERIFIED if is_verified else Event.KEPT,
            page=self._page.id,
            sha256=got.sha256,
            node=lease.node.name,
            bytes=len(got.content),
        )

    async def _mismatch(self, got: Body, lease: Lease) -> Failure:
        """Other bytes than the name promises. The same ones from a second node are no accident."""
        witnesses = self._witnesses.setdefault(got.sha256, set())
        witnesses.add(lease.node.name)
        failure = _failure(Fault.MISMATCH, f"the bytes hash to {got.sha256[:12]}", got)
        if len(witnesses) == 1:
            return failure
        aside = await self._network.run_blocking(partial(self._ties.shelf.quarantine, got.content))
        self._note_failed(failure, lease)
        self._report_failure(failure, lease)
        raise PageLost(
            MissReason.HASH_MISMATCH_CONFIRMED,
            f"{len(witnesses)} nodes serve {aside[:12]} under another name; it is in quarantine",
        )

    async def _after(self, failure: Failure, lease: Lease) -> None:
        """Does what a failure asks for before the next attempt. Raises PageLost at the last."""
        self._note_failed(failure, lease)
        if failure.fault is Fault.EXPIRED:
            await self._leases.renewed(lease, Why.EXPIRED)
            return
        if failure.fault is Fault.THROTTLED and self._throttled < _PATIENCE_WITH_429:
            self._stay_away(failure, lease)
            return
        self._attempts += 1
        self._not_found += failure.fault is Fault.NOT_FOUND
        is_last = self._attempts == _ATTEMPTS or self._not_found == _ATTEMPTS_AT_404
        is_first_there = self._failed_on is not lease
        self._failed_on = lease
        if is_first_there and not is_last and failure.fault not in _NOT_WORTH_A_RETRY_THERE:
            await asyncio.sleep(_BEFORE_SAME_NODE_S)
            return
        self._report_failure(failure, lease)
        if failure.fault in _WRONG_BYTES:
            self._network.nodes.distrust(lease.node, lease.number)
        if is_last:
            raise self._lost(failure, lease)
        await self._leases.renewed(lease, Why.FAILED)

    def _stay_away(self, failure: Failure, lease: Lease) -> None:
        guess = _FIRST_429_WAIT_S * 2**self._throttled
        wait = guess if failure.retry_after_s is None else failure.retry_after_s
        self._throttled += 1
        self._network.tally.throttled += 1
        lease.node.stay_away(min(max(wait, _LEAST_429_WAIT_S), _LONGEST_429_WAIT_S))

    def _lost(self, failure: Failure, lease: Lease) -> PageLost:
        detail = f"{self._attempts} attempts, the last: {failure.detail}"
        match failure.fault:
            case Fault.NOT_FOUND if self._not_found == _ATTEMPTS_AT_404:
                reason = MissReason.GONE
            case Fault.MISMATCH | Fault.NO_PICTURE if sha256_in(self._file(lease)):
                reason = MissReason.HASH_MISMATCH
            case Fault.NO_PICTURE | Fault.UNDECODABLE:
                reason = MissReason.UNDECODABLE
            case Fault.TOO_LARGE:
                reason = MissReason.TOO_LARGE
            case _:
                reason = MissReason.UNREACHABLE
        return PageLost(reason, detail)

    def _note_failed(self, failure: Failure, lease: Lease) -> None:
        if failure.fault not in (Fault.EXPIRED, Fault.THROTTLED):
            self._network.tally.node_failures += 1
        self._ties.memory.note(
            Event.FAILED,
            page=self._page.id,
            reason=failure.fault,
            detail=failure.detail,
            node=lease.node.name,
        )

    def _report_failure(self, failure: Failure, lease: Lease) -> None:
        self._tell(lease, failure.n_bytes, failure.took_s, is_cached=False, success=False)

    def _tell(
        self, lease: Lease, n_bytes: int, took_s: float, *, is_cached: bool, success: bool
    ) -> None:
        url = picture_url(lease.base_url, self._path(lease))
        self._network.reports.tell(Report(url, success, is_cached, n_bytes, took_s))


def _failure(fault: Fault, detail: str, got: Body) -> Failure:
    return Failure(fault, detail, len(got.content), got.took_s)
