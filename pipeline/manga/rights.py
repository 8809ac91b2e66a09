"""Which chapters must not go into the dataset, whatever lies on disk."""

from __future__ import annotations

from collections.abc import Collection
from enum import StrEnum

from schemas.mangadex import FrozenPlan, PlannedChapter, Tombstones


class Withheld(StrEnum):
    """Why a chapter's pages are held back."""

    TAKEN_DOWN = "taken_down"
    GONE = "gone_at_source"


def withheld_chapters(
    plan: FrozenPlan, tombstones: Tombstones, gone: Collection[str]
) -> dict[str, Withheld]:
    """Chapter name -> why. `gone` holds the ids of uploads that their source has deleted."""
    found = {}
    for planned in plan.chapters:
        if _is_taken_down(plan, planned, tombstones):
            found[planned.chapter] = Withheld.TAKEN_DOWN
        elif planned.upload.id in gone:
            found[planned.chapter] = Withheld.GONE
    return found


def _is_taken_down(plan: FrozenPlan, planned: PlannedChapter, tombstones: Tombstones) -> bool:
    return (
        plan.terms.manga in tombstones.manga
        or planned.upload.id in tombstones.chapter
        or any(group.id in tombstones.group for group in planned.upload.groups)
    )
