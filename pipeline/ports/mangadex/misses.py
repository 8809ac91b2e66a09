"""Why a page does not come, in one word each."""

from __future__ import annotations

from enum import StrEnum


class MissReason(StrEnum):
    """A final reason stands for good; every other is tried again by the next run."""

    GONE = "gone"
    TAKEN_DOWN = "taken_down"
    CHAPTER_CHANGED = "chapter_changed"
    EMPTY_CHAPTER = "empty_chapter"
    HASH_MISMATCH = "hash_mismatch"
    HASH_MISMATCH_CONFIRMED = "hash_mismatch_confirmed"
    UNDECODABLE = "undecodable"
    TOO_LARGE = "too_large"
    UNREACHABLE = "unreachable"
    LEASE_REFUSED = "lease_refused"
    API_TROUBLE = "api_trouble"

    @property
    def is_final(self) -> bool:
        return self in (MissReason.TAKEN_DOWN, MissReason.HASH_MISMATCH_CONFIRMED)


class PageLost(Exception):
    """One page will not come in this run; the others are not touched by it."""

    def __init__(self, reason: MissReason, detail: str) -> None:
        super().__init__(f"{reason}: {detail}")
        self.reason = reason
        self.detail = detail
