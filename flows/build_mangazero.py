"""The flow `build-mangazero`: one coarse task a (series, stage), series side by side.

Receipts on disk say what is done, so Prefect's result caching stays off; a task's parameters are
two words, never rows or pictures.
"""

from __future__ import annotations

import threading
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

from prefect import flow, task
from prefect.cache_policies import NO_CACHE
from prefect.futures import PrefectFuture
from prefect.task_runners import ThreadPoolTaskRunner

from pipeline.build import (
    OF_ONE_SERIES,
    Built,
    assembled,
    build_shards,
    refuse_if_nothing_left,
    run_named,
)
from pipeline.cli.opening import open_plan
from pipeline.cli.run import stops
from pipeline.core.engine import LocalEngine
from pipeline.core.errors import StopRun
from pipeline.core.lock import workspace_lock
from pipeline.core.progress import Progress, Silent
from pipeline.core.runner import StageRun
from pipeline.wiring import SERIES_STAGES, Plan

AFTER: Final[dict[str, tuple[str, ...]]] = {
    "resolve": (),
    "fetch": ("resolve",),
    "screen": ("fetch",),
    "pair": ("screen",),
    "detect": ("pair",),
    "identify": ("detect",),
    "caption": ("detect",),
    "assemble": ("identify", "caption"),
}
"""Which stages of a series a stage waits for."""

_SERIES_AT_ONCE: Final = 8
"""A task that waits for another holds a thread, so each series needs one a stage."""
_listener: Progress = Silent()  # a flow's parameters are plain values, and a listener is none


@dataclass
class _Build:
    """One run of the flow: what its tasks share, and what came of them."""

    plan: Plan
    engine: LocalEngine
    progress: Progress
    runs: list[StageRun] = field(default_factory=list)
    stopped_by: list[Exception] = field(default_factory=list)
    finished: set[str] = field(default_factory=set)
    guard: threading.Lock = field(default_factory=threading.Lock)

    def run(self, slug: str, stage: str) -> None:
        """One stage of one series; what stops more than the series stops the others too."""
        with self._noting_what_stops():
            run = run_named(self.plan, slug, stage, self.engine, self.progress)
        with self.guard:
            self.runs.append(run)
            if stage == "assemble":
                self.finished.add(slug)
        with self._noting_what_stops():
            refuse_if_nothing_left(run.receipt)

    def shard(self) -> None:
        """The shards over every series that is assembled."""
        slugs = assembled(self.plan, self.finished)
        with self._noting_what_stops():
            self.runs += build_shards(self.plan, slugs, self.engine, self.progress)

    @contextmanager
    def _noting_what_stops(self) -> Iterator[None]:
        try:
            yield
        except Exception as error:
            with self.guard:
                self.stopped_by.append(error)
            if not isinstance(error, OF_ONE_SERIES):
                self.engine.stop.set()
            raise

    def built(self) -> Built:
        """Raises what stopped everything, if anything did: a bug first."""
        grave = [error for error in self.stopped_by if not isinstance(error, OF_ONE_SERIES)]
        for error in sorted(grave, key=lambda each: isinstance(each, StopRun)):
            raise error
        problems = tuple(each for each in self.stopped_by if isinstance(each, OF_ONE_SERIES))
        return Built(tuple(self.runs), problems)


@flow(
    name="build-mangazero",
    task_runner=ThreadPoolTaskRunner(max_workers=_SERIES_AT_ONCE * len(SERIES_STAGES)),  # type: ignore[arg-type]
    validate_parameters=True,
    persist_result=False,
)
def build_mangazero(
    profile: str = "sample",
    work: str | None = None,
    pages: list[str] | None = None,
    workers: int | None = None,
) -> Built:
    """Brings every series of the profile and the shards up to date. Raises StopRun."""
    plan = open_plan(profile, Path(work) if work else None, pages)
    n_workers = plan.profile.workers if workers is None else workers
    with (
        workspace_lock(plan.workspace),
        closing(plan),
        LocalEngine(n_workers) as engine,
        stops(engine, plan),
    ):
        build = _Build(plan, engine, _listener)
        _await([future for slug in plan.slugs for future in _submit_series(build, slug)])
        build.built()
        _await([_submit_shard(build)])
        return build.built()


def listen(progress: Progress) -> None:
    """Tells `progress` of every stage that this process runs from now on."""
    global _listener
    _listener = progress


def _submit_series(build: _Build, slug: str) -> Sequence[PrefectFuture[Any]]:
    futures: dict[str, PrefectFuture[Any]] = {}
    for stage in SERIES_STAGES:

        @task(name=stage, task_run_name="{stage}-{slug}", cache_policy=NO_CACHE)
        def of_series(slug: str, stage: str) -> None:
            build.run(slug, stage)

        waits_for = [futures[name] for name in AFTER[stage]]
        futures[stage] = of_series.submit(
            slug=slug, stage=stage, return_state=False, wait_for=waits_for
        )
    return list(futures.values())


def _submit_shard(build: _Build) -> PrefectFuture[Any]:
    @task(name="shard", task_run_name="shard-all-series", cache_policy=NO_CACHE)
    def over_all_series() -> None:
        build.shard()

    return over_all_series.submit()


def _await(futures: Sequence[PrefectFuture[Any]]) -> None:
    """Waits for all. What a task raised is in the build already: Prefect's copy is not asked."""
    for future in futures:
        future.wait()
