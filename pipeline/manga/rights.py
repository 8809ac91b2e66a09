"""Which chapters must not go into the dataset, whatever lies on disk."""

from __future__ import annotations

from collections.abc import Collection
from enum import StrEnum

from schemas.mangadex import FrozenPlan, ListedChapter, Tombstones


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
        if is_taken_down(plan.terms.manga, planned.upload, tombstones):
            found[planned.chapter] = Withheld.TAKEN_DOWN
        elif planned.upload.id in gone:
            found[planned.chapter] = Withheld.GONE
    return found


def is_taken_down(manga: str, upload: ListedChapter, tombstones: Tombstones) -> bool:
    """Whether the series, the upload, or any of its groups has asked not to be used."""
    return (
        manga in tombstones.manga
        or upload.id in tombstones.chapter
        or any(group.id in tombstones.group for group in upload.groups)
    )
