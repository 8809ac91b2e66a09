"""Image nodes as we meet them: how many pages at once, which to stay away from, which to distrust.

A page holds a slot of its node while bytes flow, and one of the session's until it is stored: so
no more bodies than slots are ever in memory.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from pipeline.ports.mangadex.hosts import node_of
from schemas.profile import MangaDexParams


class Node:
    """One image node, by scheme, host and port. Times are the loop's, in seconds."""

    def __init__(self, name: str, pages_at_once: int) -> None:
        self.name = name
        self.slots = asyncio.Semaphore(pages_at_once)
        self.closed_until = 0.0
        self.distrusted_until_lease = 0
        """It served wrong bytes: leases up to this number are not used there any more."""

    def stay_away(self, seconds: float) -> None:
        """It asked for patience."""
        until = asyncio.get_running_loop().time() + seconds
        self.closed_until = max(self.closed_until, until)


class Turn:
    """A page's turn at a node."""

    def __init__(self, node: Node) -> None:
        self._node: Node | None = node

    def leave_node(self) -> None:
        """The bytes are here: the next page may ask the node."""
        if self._node is not None:
            self._node.slots.release()
            self._node = None


class Nodes:
    """All nodes of a session, and the slots of the session itself."""

    def __init__(self, params: MangaDexParams) -> None:
        self._pages_per_node = params.pages_per_node
        self._in_flight = asyncio.Semaphore(params.pages_in_flight)
        self._nodes: dict[str, Node] = {}
        self._leases = 0

    def next_lease(self) -> int:
        """The number of a new lease, over all nodes of the session."""
        self._leases += 1
        return self._leases

    def distrust(self, node: Node, lease: int) -> None:
        """Blacklists a node that served wrong bytes under the lease of that number.

        It is asked again only if a later lease names it. Wrong bytes that were asked for before
        the node was blacklisted, and come after that, say nothing new of it.
        """
        if lease > node.distrusted_until_lease:
            node.distrusted_until_lease = self._leases

    def of(self, base_url: str) -> Node:
        """The node that a base URL leads to; always the same one for the same host and port."""
        name = node_of(base_url)
        if name not in self._nodes:
            self._nodes[name] = Node(name, self._pages_per_node)
        return self._nodes[name]

    @asynccontextmanager
    async def turn(self, node: Node) -> AsyncIterator[Turn]:
        """The block begins when the node is open and both slots are free."""
        turn = await self._begin(node)
        try:
            yield turn
        finally:
            turn.leave_node()
            self._in_flight.release()

    async def _begin(self, node: Node) -> Turn:
        loop = asyncio.get_running_loop()
        while True:
            # Slept through without a slot: pages of other nodes need it meanwhile.
            while (left := node.closed_until - loop.time()) > 0:
                await asyncio.sleep(left)
            await node.slots.acquire()
            turn = Turn(node)
            try:
                await self._in_flight.acquire()
            except asyncio.CancelledError:
                turn.leave_node()
                raise
            if node.closed_until <= loop.time():
                return turn
            turn.leave_node()
            self._in_flight.release()
