"""`mangazero fetch`: plan and download, nothing else."""

from __future__ import annotations

import json
import shutil
import sys
from collections.abc import Sequence
from functools import partial

from rich.console import Console

from pipeline.cli.credits import write_credits
from pipeline.cli.ending import end, told_if_stopped
from pipeline.cli.main import report
from pipeline.cli.narration import narrated
from pipeline.cli.network_gauge import NetworkGauge, so_far, stats_json
from pipeline.cli.notices import room_notice
from pipeline.cli.opening import JsonOption, ManifestOption, ProfileOption, WorkOption, open_plan
from pipeline.cli.plan import refuse_empty
from pipeline.cli.run import SeriesOption, stops
from pipeline.cli.take import take_json, take_table
from pipeline.core.engine import LocalEngine
from pipeline.core.lock import workspace_lock
from pipeline.downloading import Downloaded, download
from pipeline.shortfall import SeriesTake, Status, status_of, takes, verdict_on_takes
from pipeline.wiring import Plan


def fetch(
    profile: ProfileOption = "mangazero",
    work: WorkOption = None,
    manifest: ManifestOption = None,
    series: SeriesOption = None,
    as_json: JsonOption = False,
) -> None:
    """Choose and freeze the pages of every series, and download what is missing of them."""
    plan = open_plan(profile, work, manifest=manifest)
    refuse_empty(plan, [plan.entry(slug) for slug in series or plan.slugs])
    console = Console(stderr=as_json, soft_wrap=True)
    with told_if_stopped(as_json=as_json):
        with (
            workspace_lock(plan.workspace),
            LocalEngine(0) as engine,
            stops(engine, plan),
            narrated(console) as progress,
        ):
            room = room_notice(plan, shutil.disk_usage(plan.workspace.root).free)
            if room:
                _say(console, f"note: {room}")
            try:
                gauge = NetworkGauge(plan.mangadex.stats, partial(_say, console))
                done = download(plan, engine, progress, tuple(series or ()), gauge)
            finally:
                plan.mangadex.close()
                write_credits(plan)
        _conclude(plan, console, done, as_json=as_json, slugs=tuple(series or ()))


def _conclude(
    plan: Plan, console: Console, done: Downloaded, *, as_json: bool, slugs: Sequence[str]
) -> None:
    """The table, what was wrong with single series, the last line, and the exit code."""
    taken = takes(plan, slugs)
    word = _word(taken, done)
    if as_json:
        stats = stats_json(plan.mangadex.stats())
        document = {"status": word.value, **take_json(taken, done.problems), "network": stats}
        sys.stdout.write(json.dumps(document, indent=1, ensure_ascii=False) + "\n")
    else:
        _say(console, f"network  {so_far(plan.mangadex.stats())}")
        console.print(take_table(taken))
    verdict = verdict_on_takes(taken) or next(iter(done.problems), None)
    for problem in done.problems:
        if problem is not verdict:
            report(problem)
    end(word, verdict, as_json=as_json)


def _say(console: Console, line: str) -> None:
    console.print(line, markup=False, highlight=False)


def _word(taken: Sequence[SeriesTake], done: Downloaded) -> Status:
    word = status_of(taken)
    is_flawed = done.problems or any(run.receipt.n_failed for run in done.runs)
    return Status.PARTIAL if word is Status.COMPLETE and is_flawed else word
