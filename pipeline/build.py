"""Runs the stages of a plan, series after series; `flows/` runs the same pieces on Prefect."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime

from pipeline.core.engine import Engine
from pipeline.core.errors import (
    ItemsFailed,
    NoReadablePage,
    NothingToRead,
    PagesMissing,
    SeriesRefused,
    SeriesUnanswered,
    Shortfall,
    StopRun,
    UnsafeArchive,
    UnsafePictures,
)
from pipeline.core.progress import Progress
from pipeline.core.runner import StageRun, run_stage
from pipeline.manga.rights import Withheld
from pipeline.ordering import prepare, replan_changed
from pipeline.wiring import SERIES_STAGES, Plan, series_stage, shard_stage
from schemas.pages import Defect
from schemas.receipts import DATASET_SCOPE, Receipt

OF_ONE_SERIES = (
    NothingToRead,
    NoReadablePage,
    UnsafeArchive,
    Shortfall,
    PagesMissing,
    SeriesRefused,
    SeriesUnanswered,
)
"""What stops one series and lets the others go on."""
_BEFORE_PAIR = ("resolve", "fetch", "screen")


@dataclass(frozen=True)
class Built:
    """What a build did: every stage's run, and what was wrong with single series."""

    runs: tuple[StageRun, ...]
    problems: tuple[StopRun, ...] = field(default=())

    @property
    def was_done(self) -> bool:
        return all(run.was_done for run in self.runs)

    @property
    def receipts(self) -> tuple[Receipt, ...]:
        return tuple(run.receipt for run in self.runs)


def build(plan: Plan, engine: Engine, progress: Progress, slugs: Sequence[str] = ()) -> Built:
    """Brings all series (or those named) and the shards up to date.

    A series that cannot be read is reported and the others go on; the shards keep what earlier
    runs assembled of it.
    Raises StopRun where no series can go on, such as a full disk.
    """
    runs: list[StageRun] = []
    problems: list[StopRun] = []
    finished: list[str] = []
    for slug in slugs or plan.slugs:
        try:
            for run in build_series(plan, slug, engine, progress):
                runs.append(run)
            finished.append(slug)
        except OF_ONE_SERIES as problem:
            problems.append(problem)
    runs += build_shards(plan, assembled(plan, finished), engine, progress)
    return Built(tuple(runs), tuple(problems))


def build_series(plan: Plan, slug: str, engine: Engine, progress: Progress) -> Iterator[StageRun]:
    """The stages of one series, in order, each as it ends. Raises StopRun."""
    for name in SERIES_STAGES:
        run = run_named(plan, slug, name, engine, progress)
        yield run
        refuse_if_nothing_left(run.receipt)


def run_named(plan: Plan, slug: str, name: str, engine: Engine, progress: Progress) -> StageRun:
    """One stage of one series. Raises StopRun."""
    began = datetime.now(UTC)
    prepare(plan, slug, name)
    run = run_stage(series_stage(plan, plan.entry(slug), name), plan.workspace, engine, progress)
    if name == "fetch" and run.receipt.n_failed and replan_changed(plan, slug, began):
        resolved = series_stage(plan, plan.entry(slug), "resolve")
        run_stage(resolved, plan.workspace, engine, progress)
        again = series_stage(plan, plan.entry(slug), "fetch")
        return run_stage(again, plan.workspace, engine, progress)
    return run


def refuse_if_nothing_left(receipt: Receipt) -> None:
    """Raises Shortfall where a series has no page to take, and NoReadablePage after a screen
    that kept none."""
    if receipt.stage == "resolve" and not receipt.items:
        raise Shortfall(f"{receipt.scope}: nothing can be read of it: mangazero plan says why")
    if receipt.stage == "fetch" and not receipt.kept and receipt.items:
        if receipt.dropped == {Withheld.TAKEN_DOWN: receipt.items}:
            raise Shortfall(f"{receipt.scope}: all of its {receipt.items} pages were taken down")
        raise PagesMissing(f"{receipt.scope}: not one of its {receipt.items} planned pages came")
    if receipt.stage == "screen" and not receipt.kept and not receipt.n_failed:
        reasons = ", ".join(f"{count} {reason}" for reason, count in receipt.dropped.items())
        if set(receipt.dropped) <= set(Withheld):
            raise Shortfall(f"{receipt.scope}: none of its pages may be used ({reasons})")
        raise NoReadablePage(
            f"{receipt.scope}: no page is left after the screen ({reasons}): replace the pages, "
            "or change colour in the series manifest or the limits in the profile"
        )


def build_shards(
    plan: Plan, slugs: Sequence[str], engine: Engine, progress: Progress
) -> list[StageRun]:
    """The shards over the assembled series; where none is left, those of earlier runs go."""
    if not slugs and plan.workspace.read_receipt("shard", DATASET_SCOPE) is None:
        return []
    return [run_stage(shard_stage(plan, tuple(slugs)), plan.workspace, engine, progress)]


def assembled(plan: Plan, finished: Iterable[str]) -> list[str]:
    """The series that have samples: those just finished, and those of earlier runs."""
    done = set(finished)
    return [slug for slug in plan.slugs if slug in done or _has_samples(plan, slug)]


def _has_samples(plan: Plan, slug: str) -> bool:
    """Whether an earlier run assembled it, and none since found that nothing of it may be used:
    what was taken down must not stay in the shards."""
    receipts = [plan.workspace.read_receipt(name, slug) for name in _BEFORE_PAIR]
    is_empty = any(each is not None and not each.kept and not each.n_failed for each in receipts)
    return not is_empty and plan.workspace.read_receipt("assemble", slug) is not None


def verdict_on(built: Built) -> StopRun | None:
    """What the operator has to hear after the table, with its exit code; None if all is well."""
    if built.problems:
        return built.problems[0]
    failed = [receipt for receipt in built.receipts if receipt.n_failed]
    if failed:
        first = failed[0]
        return ItemsFailed(
            f"{sum(receipt.n_failed for receipt in failed)} items failed, first in {first.stage} "
            f"of {first.scope}: see mangazero status; the next run tries them again"
        )
    bombs = sum(receipt.dropped.get(Defect.BOMB, 0) for receipt in built.receipts)
    if bombs:
        return UnsafePictures(
            f"finished, but {bombs} picture(s) declare more pixels than screen.max_pixels and "
            "were not opened: remove them, or raise the limit in the profile"
        )
    return None
