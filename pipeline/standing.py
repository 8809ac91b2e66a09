"""What stands already, asked without running anything: no picture is opened, no lock is taken."""

from __future__ import annotations

from contextlib import suppress

from pipeline.build import Built
from pipeline.core.errors import NotPlanned, StopRun
from pipeline.core.runner import StageRun, question_of, standing_receipt
from pipeline.wiring import SERIES_STAGES, Plan, series_stage, shard_stage


def list_pages(plan: Plan) -> None:
    """Asks every source for its listing, so that bad input is known before anything starts.

    Raises what the source raises: NothingToRead or UnsafeArchive. A series whose pages have yet
    to be planned is no bad input.
    """
    for slug in plan.slugs:
        with suppress(NotPlanned):
            series_stage(plan, plan.entry(slug), "resolve")


def standing_build(plan: Plan) -> Built | None:
    """What is there, if all of it is up to date; None if any stage has to run or cannot."""
    runs = []
    try:
        stages = [
            series_stage(plan, plan.entry(slug), name)
            for slug in plan.slugs
            for name in SERIES_STAGES
        ]
    except StopRun:
        return None
    for stage in (*stages, shard_stage(plan, plan.slugs)):
        receipt = standing_receipt(stage, plan.workspace, question_of(stage, plan.workspace))
        if receipt is None:
            return None
        runs.append(StageRun(receipt, was_done=True))
    return Built(tuple(runs))
