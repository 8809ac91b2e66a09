"""The lease on one chapter's pages: asked for when needed, renewed by one page for all of them.

Pages that saw the same lease fail share one request for the next. What ends the chapter (it is
gone, it changed, the API does not answer) is found once and told to every page.
"""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from pipeline.core.errors import Retryable
from pipeline.ports.mangadex.answers import AtHome
from pipeline.ports.mangadex.hosts import node_of, why_refused
from pipeline.ports.mangadex.log_lines import Event
from pipeline.ports.mangadex.memory import ChapterMemory, SeenHash
from pipeline.ports.mangadex.misses import MissReason, PageLost
from pipeline.ports.mangadex.network import Network
from pipeline.ports.mangadex.nodes import Node
from pipeline.ports.mangadex.proxies import Through, proxy_for
from pipeline.ports.mangadex.settings import may_be_asked_for_pages
from pipeline.ports.mangadex.work import ChapterWork

OLDEST_LEASE_S: Final = 600.0
"""A lease is good for about 15 minutes; one of this age is renewed before it is used."""

_RENEWALS_AFTER_403: Final = 3
# Every page that a node fails may ask for another one, but each request is a second and a half.
_RENEWALS_AFTER_FAILURES: Final = 8
# Whoever asks again at once is sent to the node that just failed.
_AFTER_FAILURE_S: Final = 0.25


@dataclass(frozen=True)
class Lease:
    """Where a chapter's pages lie just now. `leased_at` is the loop's time in seconds."""

    number: int
    base_url: str
    hash: str
    files: tuple[str, ...]
    node: Node
    through: Through
    leased_at: float

    @property
    def is_old(self) -> bool:
        return asyncio.get_running_loop().time() - self.leased_at >= OLDEST_LEASE_S

    @property
    def is_distrusted(self) -> bool:
        """Whether its node served wrong bytes after the lease was given."""
        return self.number <= self.node.distrusted_until_lease


class Why(StrEnum):
    """What makes a lease be renewed."""

    NEEDED = "needed"
    EXPIRED = "expired"
    FAILED = "failed"


class ChapterLeases:
    """The leases of one chapter, one after the other. All methods raise PageLost."""

    def __init__(self, chapter: ChapterWork, network: Network, memory: ChapterMemory) -> None:
        self._chapter = chapter
        self._network = network
        self._memory = memory
        self._lease: Lease | None = None
        self._expired: Lease | None = None
        self._over: PageLost | None = None
        self._lock = asyncio.Lock()
        self._left = {Why.EXPIRED: _RENEWALS_AFTER_403, Why.FAILED: _RENEWALS_AFTER_FAILURES}

    async def current(self) -> Lease:
        """A lease that may be used: renewed first where it is old, or its node distrusted."""
        lease = self._lease
        if lease is None or lease.is_old:
            return await self.renewed(lease, Why.NEEDED)
        if lease is self._expired:
            return await self.renewed(lease, Why.EXPIRED)
        if lease.is_distrusted:
            return await self.renewed(lease, Why.FAILED)
        return lease

    def is_current(self, lease: Lease) -> bool:
        """Whether it is still the one to use; not while it is renewed after a 403."""
        if lease is not self._lease or lease is self._expired or lease.is_old:
            return False
        return not (lease.is_distrusted and self._left[Why.FAILED])

    async def renewed(self, seen: Lease | None, why: Why) -> Lease:
        """A later lease than `seen`: another page's, or a new one.

        After too many 403s there is none; after too many failures of nodes it is `seen` again.
        """
        async with self._lock:
            if self._over is not None:
                raise PageLost(self._over.reason, self._over.detail)
            if self._lease is not None and self._lease is not seen:
                return self._lease
            if seen is not None and not self._may_renew(why):
                return seen
            self._expired = seen if why is Why.EXPIRED else None
            try:
                if why is Why.FAILED:
                    await asyncio.sleep(_AFTER_FAILURE_S)
                self._lease = await self._ask()
            finally:
                self._expired = None
            return self._lease

    def _may_renew(self, why: Why) -> bool:
        if why is Why.NEEDED:
            return True
        if self._left[why] == 0:
            if why is Why.EXPIRED:
                raise PageLost(
                    MissReason.LEASE_REFUSED, f"403 again after {_RENEWALS_AFTER_403} new leases"
                )
            return False
        self._left[why] -= 1
        return True

    async def _ask(self) -> Lease:
        try:
            answer = await self._network.api.at_home(self._chapter.upload)
            return self._checked(answer)
        except Retryable as error:
            self._over = PageLost(MissReason.API_TROUBLE, str(error))
            raise self._over from error
        except PageLost as lost:
            self._over = lost
            raise

    def _checked(self, answer: AtHome | None) -> Lease:
        """The answer as a lease, if it is one on the chapter that was planned."""
        upload = self._chapter.upload
        if answer is None:
            self._memory.remember_gone(upload)
            raise PageLost(MissReason.GONE, f"chapter {upload} is gone")
        quality = self._network.params.quality
        files = answer.data if quality == "data" else answer.data_saver
        self._check_unchanged(answer.hash, len(files))
        self._check_host(answer.base_url)
        node = self._network.nodes.of(answer.base_url)
        seen = SeenHash(answer.hash, self._chapter.stamp)
        self._memory.remember_lease(upload, seen, node.name, len(files))
        self._network.tally.leases += 1
        return Lease(
            number=self._network.nodes.next_lease(),
            base_url=answer.base_url,
            hash=answer.hash,
            files=files,
            node=node,
            through=proxy_for(answer.base_url),
            leased_at=asyncio.get_running_loop().time(),
        )

    def _check_host(self, base_url: str) -> None:
        """Raises PageLost where nobody may be asked for pages there."""
        params = self._network.params
        refusal = why_refused(base_url, allow_loopback=params.allow_loopback)
        if not refusal and not may_be_asked_for_pages(params, base_url):
            refusal = (
                f"{node_of(base_url)} is not on loopback, and consent to a real download is "
                "missing: set consent = true under [mangadex] in the profile"
            )
        if refusal:
            self._memory.note(Event.REFUSED, chapter=self._chapter.upload, detail=refusal)
            raise PageLost(MissReason.LEASE_REFUSED, f"lease not used: {refusal}")

    def _check_unchanged(self, chapter_hash: str, n_files: int) -> None:
        """Raises PageLost where the chapter is not as it was planned."""
        upload = self._chapter.upload
        if not n_files:
            raise PageLost(MissReason.EMPTY_CHAPTER, f"chapter {upload} has no page any more")
        if n_files != self._chapter.n_pages:
            self._note_changed(chapter_hash, n_files)
            raise PageLost(
                MissReason.CHAPTER_CHANGED,
                f"chapter {upload} has {n_files} pages, planned were {self._chapter.n_pages}",
            )
        seen = self._memory.hash_of(upload)
        if seen and seen.hash != chapter_hash and seen.stamp == self._chapter.stamp:
            self._note_changed(chapter_hash, n_files)
            raise PageLost(
                MissReason.CHAPTER_CHANGED,
                f"chapter {upload} has other files than when it was first leased",
            )

    def _note_changed(self, chapter_hash: str, n_files: int) -> None:
        """For whoever plans the chapter anew."""
        upload = self._chapter.upload
        self._memory.note(Event.CHANGED, chapter=upload, hash=chapter_hash, pages=n_files)
