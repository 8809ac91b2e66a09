"""`mangazero fetch`: plan and download, nothing else."""

from __future__ import annotations

import json
import shutil
import sys
from collections.abc import Sequence
from contextlib import closing
from functools import partial

from rich.console import Console

from pipeline.build import Built
from pipeline.cli.credits import write_credits
from pipeline.cli.ending import conclude, told_if_stopped
from pipeline.cli.narration import narrated
from pipeline.cli.network_gauge import NetworkGauge, so_far, stats_json
from pipeline.cli.notices import room_notice
from pipeline.cli.opening import JsonOption, ManifestOption, ProfileOption, WorkOption, open_plan
from pipeline.cli.plan import refuse_empty
from pipeline.cli.run import SeriesOption, stops
from pipeline.cli.take import take_json, take_table
from pipeline.core.engine import LocalEngine
from pipeline.core.lock import workspace_lock
from pipeline.downloading import download
from pipeline.shortfall import conclusion, takes
from pipeline.wiring import Plan


def fetch(
    profile: ProfileOption = "mangazero",
    work: WorkOption = None,
    manifest: ManifestOption = None,
    series: SeriesOption = None,
    as_json: JsonOption = False,
) -> None:
    """Choose and freeze the pages of every series, and download what is missing of them."""
    with told_if_stopped(as_json=as_json):
        plan = open_plan(profile, work, manifest=manifest)
        refuse_empty(plan, [plan.entry(slug) for slug in series or plan.slugs])
        console = Console(stderr=as_json, soft_wrap=True)
        with (
            workspace_lock(plan.workspace),
            closing(plan),
            LocalEngine(0) as engine,
            stops(engine, plan, as_json=as_json),
            narrated(console) as progress,
        ):
            room = room_notice(plan, shutil.disk_usage(plan.workspace.root).free)
            if room:
                _say(console, f"note: {room}")
            gauge = NetworkGauge(plan.mangadex.stats, partial(_say, console))
            try:
                built = download(plan, engine, progress, tuple(series or ()), gauge)
            finally:
                write_credits(plan)
        _show(plan, console, built, as_json=as_json, slugs=series or ())
        conclude(plan, built, series or (), as_json=as_json)


def _show(
    plan: Plan, console: Console, built: Built, *, as_json: bool, slugs: Sequence[str]
) -> None:
    """What the network did, and a table of what is here."""
    taken, stats = takes(plan, slugs), plan.mangadex.stats()
    if as_json:
        word = conclusion(plan, built, slugs)[0]
        document = {"status": word.value, **take_json(taken, built.problems)}
        document["network"] = stats_json(stats)
        sys.stdout.write(json.dumps(document, indent=1, ensure_ascii=False) + "\n")
    else:
        _say(console, f"network  {so_far(stats)}")
        console.print(take_table(taken))


def _say(console: Console, line: str) -> None:
    console.print(line, markup=False, highlight=False)
