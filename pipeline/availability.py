"""What a frozen plan offers, takes and leaves, as a row of a table; and what fetching it costs."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Final

from schemas.mangadex import FrozenPlan, SkipReason

ASSUMED_PAGE_BYTES: Final = 400_000
"""An assumption, not a measurement: pages of MangaDex are said to have 0.3 to 1 MB."""


@dataclass(frozen=True, slots=True)
class Availability:
    """One series. Units are page images ("double") or single pages, as its cap counts them.

    skipped   uploads that are not taken, by reason, the most frequent first
    sha256    the digest of the frozen plan
    note      what a person has to know of a series with little or nothing
    """

    series: str
    title: str
    unit: str
    asked_units: int
    available_chapters: int
    available_pages: int
    available_units: int
    taken_chapters: int
    taken_pages: int
    taken_units: int
    shortfall_units: int
    sha256: str
    skipped: dict[str, int] = field(default_factory=dict)
    note: str = ""


@dataclass(frozen=True, slots=True)
class Cost:
    """What fetching all of it costs, were nothing of it here yet."""

    chapters: int
    pages: int
    seconds: float
    assumed_bytes: int


def availability(frozen: FrozenPlan) -> Availability:
    """The row of one series."""
    skipped = Counter(each.reason.value for each in frozen.skipped)
    chapters = len(frozen.chapters)
    return Availability(
        series=frozen.series,
        title=frozen.title,
        unit=frozen.terms.cap_unit,
        asked_units=frozen.terms.cap,
        available_chapters=chapters + skipped[SkipReason.BEYOND_CAP.value],
        available_pages=frozen.available_pages,
        available_units=frozen.available_units,
        taken_chapters=chapters,
        taken_pages=frozen.taken_pages,
        taken_units=frozen.taken_units,
        shortfall_units=frozen.shortfall_units,
        sha256=frozen.sha256,
        skipped={reason: count for reason, count in skipped.most_common() if count},
        note=_note(frozen),
    )


def cost(rows: Iterable[Availability], lease_interval_s: float) -> Cost:
    """One lease a chapter at the polite interval binds; `assumed_bytes` is an assumption."""
    kept = list(rows)
    chapters = sum(row.taken_chapters for row in kept)
    pages = sum(row.taken_pages for row in kept)
    return Cost(chapters, pages, chapters * lease_interval_s, pages * ASSUMED_PAGE_BYTES)


def _note(frozen: FrozenPlan) -> str:
    if frozen.gone_at:
        return f"MangaDex has it no longer, since {frozen.gone_at[:10]}"
    if frozen.available_pages:
        amended = sum(bool(each.amended) for each in frozen.chapters)
        return f"{amended} chapters changed after planning" if amended else ""
    if frozen.skipped:
        return f"nothing in {frozen.terms.language} that may be taken"
    return f"no chapter in {frozen.terms.language}"
