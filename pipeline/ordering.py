"""What has to be settled with MangaDex before a stage runs: a frozen plan, and consent.

Both come before the first byte of a picture: nothing is fetched that was not planned, and no
picture is asked for before the operator has agreed to the terms.
"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Final

from pipeline.core.errors import NoConsent, NotPlanned, StopRun
from pipeline.core.runner import question_of, standing_receipt
from pipeline.core.tables import not_kept_table
from pipeline.planning import amend, frozen_or_made
from pipeline.ports.mangadex.past import past_of
from pipeline.ports.mangadex.settings import needs_consent
from pipeline.wiring import Plan, frozen_plan_of, series_stage
from schemas.series import MangaDexSource

_TO_PLAN_ANEW: Final = frozenset({"chapter_changed", "gone", "empty_chapter"})
"""Reasons for which a chapter may be had from another upload, or with other pages."""


def prepare(plan: Plan, slug: str, stage: str) -> None:
    """Freezes the page plan before `resolve`; without consent refuses what is not fetched yet.

    Raises BadConfig, NoConsent, and what the catalogue raises.
    """
    entry = plan.entry(slug)
    if not isinstance(entry.source, MangaDexSource):
        return
    if needs_consent(plan.profile.mangadex):
        _refuse_unless_fetched(plan, slug)
    if stage == "resolve":
        frozen_or_made(plan, entry, plan.mangadex, datetime.now(UTC))


def _refuse_unless_fetched(plan: Plan, slug: str) -> None:
    if not _is_fetched(plan, slug):
        raise NoConsent(
            f"profile {plan.profile.name}: nothing was downloaded: read docs/explanation/rights.md "
            "and, if you may download these series, set consent = true under [mangadex]"
        )


def _is_fetched(plan: Plan, slug: str) -> bool:
    try:
        stage = series_stage(plan, plan.entry(slug), "fetch")
    except NotPlanned:
        return False
    return standing_receipt(stage, plan.workspace, question_of(stage, plan.workspace)) is not None


def replan_changed(plan: Plan, slug: str, since: datetime) -> bool:
    """Plans chapters anew that a run which began at `since` found changed or gone, each with its
    reason in the plan. Says whether anything is different now."""
    entry = plan.entry(slug)
    if not isinstance(entry.source, MangaDexSource):
        return False
    lost = plan.workspace.read(not_kept_table("fetch"), [slug])
    known = _known_gone(plan, slug, since)
    chapters = sorted(
        {row.key.split("/")[1] for row in lost if row.reason in _TO_PLAN_ANEW} - known
    )
    if not chapters:
        return False
    try:
        return bool(amend(plan, entry, plan.mangadex, chapters, datetime.now(UTC)))
    except StopRun:
        return False  # what could not be asked now is asked by the next run


def _known_gone(plan: Plan, slug: str, since: datetime) -> set[str]:
    """Chapters that an earlier run found gone: nobody asks for those again for a day."""
    gone = past_of(plan.workspace.fetch_log_path(slug)).gone
    return {
        planned.chapter
        for planned in frozen_plan_of(plan, slug).chapters
        if planned.upload.id in gone and gone[planned.upload.id] < since
    }
