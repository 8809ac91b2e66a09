"""Which page image goes into which shard: a pure function of the set of page images.

Each split is cut into a power of two of shards, and a page image goes to the shard that the
first bits of its hash name. So series are mixed, the order of arrival does not matter, and a new
page image changes one shard; only when a split outgrows its shards does each of them divide.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass
from math import ceil, log2

BYTES_PER_PIXEL = 0.4
"""Measured on real manga pages; good enough to choose the number of shards."""


@dataclass(frozen=True, slots=True)
class Placed:
    """A page image for sharding. Size in pixels."""

    key: str
    split: str
    width: int
    height: int


def shard_plan(pages: Iterable[Placed], target_bytes: int, seed: int) -> dict[str, list[str]]:
    """Shard name -> keys in the order in which they are written. No shard is empty."""
    by_split: dict[str, list[Placed]] = {}
    for page in pages:
        by_split.setdefault(page.split, []).append(page)
    plan: dict[str, list[str]] = {}
    for split in sorted(by_split):
        bits = _bits(by_split[split], target_bytes)
        for code, key in sorted((_hash(seed, page.key), page.key) for page in by_split[split]):
            number = code >> (64 - bits) if bits else 0
            plan.setdefault(f"pages-{split}-{number:05d}", []).append(key)
    return plan


def _bits(pages: Iterable[Placed], target_bytes: int) -> int:
    total = sum(page.width * page.height for page in pages) * BYTES_PER_PIXEL
    return max(0, ceil(log2(total / target_bytes))) if total else 0


def _hash(seed: int, key: str) -> int:
    return int.from_bytes(hashlib.sha256(f"{seed}|{key}".encode()).digest()[:8])
