"""Which node a client is sent to for a chapter, and for how long."""

from __future__ import annotations

import hashlib
from collections import Counter
from dataclasses import dataclass, field

from tests.support.mangadex.rules import NodeStyle, Rules
from tests.support.mangadex.stats import Stats

UPLOADS = "uploads"


@dataclass(frozen=True)
class Lease:
    """The right to read one chapter at one node."""

    token: str
    chapter_hash: str
    node: str
    issued_at: float
    expires_at: float


@dataclass
class LeaseOffice:
    """Hands out leases: the same node for a chapter until a failure there is reported.

    `styles` names the image hosts in the order in which they take turns.
    """

    rules: Rules
    stats: Stats
    styles: dict[str, NodeStyle]
    leases: dict[str, Lease] = field(default_factory=dict)
    shunned: set[str] = field(default_factory=set)
    place: dict[str, int] = field(default_factory=dict)
    tries: Counter[tuple[str, str]] = field(default_factory=Counter)
    untouched: set[str] = field(default_factory=set)
    issued: int = 0

    def grant(self, chapter_hash: str, now: float, lasting_s: float | None = None) -> Lease:
        """A new lease. A bare node gets one too: nobody sees it, its age is counted."""
        node = self._node_for(chapter_hash)
        self.issued += 1
        seed = f"{self.rules.seed}/{self.issued}/{chapter_hash}"
        token = hashlib.blake2b(seed.encode(), digest_size=24).hexdigest()
        lasts = self.rules.lease_s if lasting_s is None else lasting_s
        lease = Lease(token, chapter_hash, node, now, now + lasts)
        if self.styles[node] == "bare":
            self.leases[f"{node}/{chapter_hash}"] = lease
        else:
            self.leases[token] = lease
        self.untouched.add(chapter_hash)
        self.stats.leases_untouched_max = max(self.stats.leases_untouched_max, len(self.untouched))
        return lease

    def is_open(self, node: str, token: str, chapter_hash: str, now: float) -> bool:
        """Whether the token opens that chapter there; counts the lease's age if it does."""
        bare = self.styles[node] == "bare"
        lease = self.leases.get(f"{node}/{chapter_hash}" if bare else token)
        if lease is None:
            return bare
        if lease.chapter_hash != chapter_hash or lease.node != node:
            return False
        if not bare and now >= lease.expires_at:
            return False
        self.untouched.discard(chapter_hash)
        self.stats.lease_used(now - lease.issued_at)
        return True

    def failure_reported(self, node: str) -> None:
        """Sends the client elsewhere from now on, until no node is left."""
        self.shunned.add(node)
        if len(self.shunned) >= len(self.styles):
            self.shunned = {node} if len(self.styles) > 1 else set()

    def _node_for(self, chapter_hash: str) -> str:
        nodes = list(self.styles)
        at = self.place.setdefault(chapter_hash, int(chapter_hash[:6], 16) % len(nodes))
        node = nodes[at]
        if self.tries[chapter_hash, node] >= self.rules.tries_per_node or node in self.shunned:
            self.tries[chapter_hash, node] = 0
            following = nodes[at + 1 :] + nodes[: at + 1]
            node = next((name for name in following if name not in self.shunned), following[0])
            self.place[chapter_hash] = nodes.index(node)
        self.tries[chapter_hash, node] += 1
        return node
