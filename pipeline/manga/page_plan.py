"""The page plan: what is taken of the chosen chapters, fixed and hashed before any download.

Whole chapters are taken in reading order until the cap; the last one is cut where a double page
ends, whichever unit the cap counts in. Spreads that are drawn in one file are not known before
the pictures are, so a plan counts every page as a single one. It is never empty where there are
pages: a cap too small for the first double page takes one page.

A chapter may be amended after that: it was changed, or another upload steps in. Then that chapter
alone is cut anew, to what the others leave of the cap. Pages of theirs stay equal in every field,
so that what was answered for them stands: `order` leaves room between chapters for that.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Iterator
from typing import Final, Literal

from pipeline.manga.chapter_titles import chapter_title, one_line
from pipeline.manga.chapters import Choice, skipped_chapter
from pipeline.manga.plan_differences import differences
from schemas.ids import page_id
from schemas.mangadex import (
    FrozenPlan,
    ListedChapter,
    PlannedChapter,
    PlanTerms,
    SkippedChapter,
    SkipReason,
)
from schemas.pages import ChapterCredit, PlannedPage

__all__ = [
    "amended",
    "chapter_credits",
    "differences",
    "frozen_plan",
    "gone_plan",
    "planned_pages",
    "units_of",
    "with_digest",
]

CapUnit = Literal["single", "double"]
Cover = Literal["alone", "paired"]

_NOT_YET_DIGESTED: Final = "0" * 64

_ROOM: Final = 10_000
"""A chapter is given this many places in the order of its series, so that one which grows or
shrinks moves no other; one with more pages takes twice the room, or as often as it needs."""


def units_of(pages: int, cap_unit: CapUnit, cover: Cover) -> int:
    """How much of a cap the first `pages` pages of a chapter use up."""
    if pages <= 0 or cap_unit == "single":
        return max(pages, 0)
    return (pages + 1) // 2 if cover == "paired" else 1 + pages // 2


def frozen_plan(
    series: str, title: str, terms: PlanTerms, choice: Choice, now_iso: str
) -> FrozenPlan:
    """The plan of one series. Chapters after the cap are skipped as BEYOND_CAP."""
    taken, beyond = _capped(choice, terms)
    whole = [each.upload.pages for each in choice.chosen]
    return with_digest(
        FrozenPlan(
            series=series,
            terms=terms,
            title=title,
            made_at=now_iso,
            available_units=sum(_units(pages, terms) for pages in whole),
            available_pages=sum(whole),
            taken_units=_taken_units(taken, terms),
            taken_pages=sum(each.take for each in taken),
            chapters=tuple(taken),
            skipped=(*choice.skipped, *beyond),
            sha256=_NOT_YET_DIGESTED,
        )
    )


def gone_plan(series: str, title: str, terms: PlanTerms, now_iso: str) -> FrozenPlan:
    """The plan of a series that the catalogue has no longer: nothing, since `now_iso`."""
    nothing = frozen_plan(series, title, terms, Choice((), ()), now_iso)
    return with_digest(nothing.model_copy(update={"gone_at": now_iso}))


def with_digest(plan: FrozenPlan) -> FrozenPlan:
    """The plan with its sha256, over canonical JSON of everything but made_at and itself."""
    value = plan.model_dump(mode="json", exclude={"made_at", "sha256"})
    return plan.model_copy(update={"sha256": _digest(value)})


def planned_pages(plan: FrozenPlan) -> list[PlannedPage]:
    """Every page in reading order. The locator is "<upload id>/<number>", from 1.

    `order` rises from 0 with a gap after each chapter: the third begins at 20,000.
    """
    pages: list[PlannedPage] = []
    start = 0
    for each in plan.chapters:
        upload, title = each.upload, chapter_title(each.upload)
        stamp = _digest([upload.id, upload.version, upload.pages, each.amended])
        for number in range(1, each.take + 1):
            pages.append(
                PlannedPage(
                    id=page_id(plan.series, each.chapter, number),
                    series=plan.series,
                    chapter=each.chapter,
                    chapter_title=title,
                    number=number,
                    order=start + number - 1,
                    locator=f"{upload.id}/{number}",
                    stamp=stamp,
                )
            )
        start += -(-each.take // _ROOM) * _ROOM
    return pages


def chapter_credits(plan: FrozenPlan) -> list[ChapterCredit]:
    """Who has to be named, a row for each chapter that is taken."""
    return [
        ChapterCredit(
            id=f"{plan.series}/{each.chapter}",
            series=plan.series,
            chapter=each.chapter,
            provider="MangaDex",
            url=f"https://mangadex.org/chapter/{each.upload.id}",
            work_id=plan.terms.manga,
            chapter_id=each.upload.id,
            title=chapter_title(each.upload),
            groups=tuple(one_line(group.name) or group.id for group in each.upload.groups),
            group_ids=tuple(group.id for group in each.upload.groups),
            uploader=one_line(each.upload.uploader),
            uploader_id=each.upload.uploader_id,
        )
        for each in plan.chapters
    ]


def amended(plan: FrozenPlan, chapter: str, upload: ListedChapter, why: str) -> FrozenPlan:
    """The plan with another upload, or another state of it, for one chapter. `why` stays in it.

    Only that chapter changes: it gets what the cap leaves beside the others, and the rows of their
    pages stay as they are. An upload that gives way is listed as UNAVAILABLE. Where what is left
    has no room for a whole double page, the chapter goes as BEYOND_CAP, and only then do those
    after it move up. Raises ValueError if the plan has no such chapter or the upload no page.
    """
    before = next((each for each in plan.chapters if each.chapter == chapter), None)
    if before is None or not upload.pages:
        missing = "no page in the upload" if before else "no such chapter in the plan"
        raise ValueError(f"{plan.series}/{chapter}: {missing}: plan the series anew")
    others = [each for each in plan.chapters if each is not before]
    left = plan.terms.cap - _taken_units(others, plan.terms)
    take = _take(upload.pages, left, plan.terms, is_first=not others)
    alternates = tuple(each for each in before.alternates if each.id != upload.id)
    after = {"upload": upload, "take": take, "alternates": alternates, "amended": why}
    chapters = tuple(
        each.model_copy(update=after) if each is before else each
        for each in plan.chapters
        if each is not before or take
    )
    skipped = list(_skipped_after(plan.skipped, before.upload, upload))
    if not take:
        skipped.append(skipped_chapter(upload, SkipReason.BEYOND_CAP))
    units = _units(upload.pages, plan.terms) - _units(before.upload.pages, plan.terms)
    changes = {
        "chapters": chapters,
        "skipped": tuple(skipped),
        "available_units": plan.available_units + units,
        "available_pages": plan.available_pages + upload.pages - before.upload.pages,
        "taken_units": _taken_units(chapters, plan.terms),
        "taken_pages": sum(each.take for each in chapters),
    }
    return with_digest(plan.model_copy(update=changes))


def _capped(choice: Choice, terms: PlanTerms) -> tuple[list[PlannedChapter], list[SkippedChapter]]:
    """The chapters that the cap lets in, and those after it."""
    taken: list[PlannedChapter] = []
    beyond: list[SkippedChapter] = []
    left = terms.cap
    for each in choice.chosen:
        take = 0 if beyond else _take(each.upload.pages, left, terms, is_first=not taken)
        if not take:
            beyond.append(skipped_chapter(each.upload, SkipReason.BEYOND_CAP))
            continue
        taken.append(
            PlannedChapter(
                chapter=each.chapter, upload=each.upload, take=take, alternates=each.alternates
            )
        )
        # After a cut nothing follows, even where a lone page would still fit.
        left = left - _units(take, terms) if take == each.upload.pages else 0
    return taken, beyond


def _take(pages: int, left: int, terms: PlanTerms, *, is_first: bool) -> int:
    """How many pages of a chapter fit in what is left of the cap; 0 for none."""
    if _units(pages, terms) <= left:
        return pages
    after_cover = 1 if terms.cover == "alone" else 0
    most = left if terms.cap_unit == "single" else 2 * left - after_cover
    cut = most - (most - after_cover) % 2
    return max(cut, 1 if is_first else 0)


def _units(pages: int, terms: PlanTerms) -> int:
    return units_of(pages, terms.cap_unit, terms.cover)


def _taken_units(chapters: Iterable[PlannedChapter], terms: PlanTerms) -> int:
    return sum(_units(each.take, terms) for each in chapters)


def _skipped_after(
    skipped: Iterable[SkippedChapter], old: ListedChapter, new: ListedChapter
) -> Iterator[SkippedChapter]:
    yield from (each for each in skipped if each.id != new.id)
    if old.id != new.id:
        yield skipped_chapter(old, SkipReason.UNAVAILABLE)


def _digest(value: object) -> str:
    text = json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()
