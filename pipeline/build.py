"""Runs the stages of a plan, series after series; `flows/` runs the same pieces on Prefect."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field

from pipeline.core.engine import Engine
from pipeline.core.errors import (
    ItemsFailed,
    NoReadablePage,
    NothingToRead,
    StopRun,
    UnsafeArchive,
    UnsafePictures,
)
from pipeline.core.progress import Progress
from pipeline.core.runner import StageRun, run_stage
from pipeline.wiring import SERIES_STAGES, Plan, series_stage, shard_stage
from schemas.pages import Defect
from schemas.receipts import Receipt

OF_ONE_SERIES = (NothingToRead, NoReadablePage, UnsafeArchive)
"""What stops one series and lets the others go on."""


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
    return run_stage(series_stage(plan, plan.entry(slug), name), plan.workspace, engine, progress)


def refuse_if_nothing_left(receipt: Receipt) -> None:
    """Raises NoReadablePage after a screen that kept no page of its series."""
    if receipt.stage == "screen" and not receipt.kept and not receipt.n_failed:
        reasons = ", ".join(f"{count} {reason}" for reason, count in receipt.dropped.items())
        raise NoReadablePage(
            f"{receipt.scope}: no page is left after the screen ({reasons}): replace the pages, "
            "or change colour in the series manifest or the limits in the profile"
        )


def build_shards(
    plan: Plan, slugs: Sequence[str], engine: Engine, progress: Progress
) -> list[StageRun]:
    """The shards over the assembled series; nothing where there is none."""
    if not slugs:
        return []
    return [run_stage(shard_stage(plan, tuple(slugs)), plan.workspace, engine, progress)]


def assembled(plan: Plan, finished: Iterable[str]) -> list[str]:
    """The series that have samples: those just finished, and those of earlier runs."""
    done = set(finished)
    return [
        slug
        for slug in plan.slugs
        if slug in done or plan.workspace.read_receipt("assemble", slug) is not None
    ]


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
