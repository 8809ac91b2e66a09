"""`mangazero run`: the whole build without Prefect."""

from __future__ import annotations

import json
import signal
import sys
import threading
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from types import FrameType
from typing import Annotated, Final

import typer
from rich.console import Console

from pipeline.build import build
from pipeline.cli.ending import conclude, end_at_once, told_if_stopped
from pipeline.cli.narration import narrated
from pipeline.cli.notices import notices
from pipeline.cli.opening import (
    JsonOption,
    ManifestOption,
    PagesOption,
    ProfileOption,
    WorkOption,
    open_plan,
)
from pipeline.cli.summary import STAGES, print_summary, summary_json
from pipeline.core.engine import LocalEngine
from pipeline.core.errors import BadConfig
from pipeline.core.lock import workspace_lock
from pipeline.wiring import Plan
from schemas.receipts import DATASET_SCOPE

_STOPPING: Final = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)

SeriesOption = Annotated[
    list[str] | None, typer.Option("--series", help="Only this series; may be given again.")
]
RedoOption = Annotated[
    list[str] | None,
    typer.Option("--redo", help="Work on every item of this stage again; may be given again."),
]
WorkersOption = Annotated[
    int | None,
    typer.Option("--workers", min=0, help="Worker processes; 0 does everything in this one."),
]


def run(
    profile: ProfileOption = "sample",
    work: WorkOption = None,
    pages: PagesOption = None,
    manifest: ManifestOption = None,
    series: SeriesOption = None,
    workers: WorkersOption = None,
    redo: RedoOption = None,
    as_json: JsonOption = False,
) -> None:
    """Build everything that is missing or stale, without Prefect, and print what there is."""
    with told_if_stopped(as_json=as_json):
        plan = open_plan(profile, work, pages, manifest)
        for slug in series or ():
            plan.entry(slug)
        console = Console(stderr=as_json, soft_wrap=True)
        say_notices(console, plan)
        n_workers = plan.profile.workers if workers is None else workers
        with (
            workspace_lock(plan.workspace),
            closing(plan),
            LocalEngine(n_workers) as engine,
            stops(engine, plan, as_json=as_json),
            narrated(console) as progress,
        ):
            forget(plan, redo or (), series or plan.slugs)
            built = build(plan, engine, progress, tuple(series or ()))
        if as_json:
            sys.stdout.write(json.dumps(summary_json(plan, built, series or ()), indent=1) + "\n")
        else:
            print_summary(console, plan, built, f"mangazero look --work {plan.workspace.root}")
        conclude(plan, built, series or (), as_json=as_json)


def forget(plan: Plan, stages: Sequence[str], slugs: Sequence[str]) -> None:
    """Drops what is known of these stages. Raises BadConfig for a name that is no stage."""
    for stage in stages:
        if stage not in STAGES:
            raise BadConfig(f"no stage '{stage}'; there are: {', '.join(STAGES)}")
        for scope in (DATASET_SCOPE,) if stage == "shard" else slugs:
            plan.workspace.forget(stage, scope)


def say_notices(console: Console, plan: Plan) -> None:
    """What should be known before the work begins."""
    for notice in notices(plan):
        console.print(f"note: {notice}", markup=False, highlight=False)


@contextmanager
def stops(
    engine: LocalEngine, plan: Plan | None = None, *, as_json: bool = False
) -> Iterator[None]:
    """Ctrl-C, SIGTERM and a closed terminal end the run after the items in work; a second one
    ends the process at once.

    Either way every finished item is in the journal. What waits for a network stops waiting.
    """

    def ask_to_stop(_signal: int, _frame: FrameType | None) -> None:
        if engine.stop.is_set():
            end_at_once(as_json=as_json)
        engine.stop.set()
        if plan is not None:
            plan.mangadex.stop()
        sys.stderr.write("stopping after the items in work (again: at once) ...\n")

    if threading.current_thread() is not threading.main_thread():
        yield  # Python delivers signals to the main thread only
        return
    before = {name: signal.signal(name, ask_to_stop) for name in _STOPPING}
    try:
        yield
    finally:
        for name, handler in before.items():
            signal.signal(name, handler)
