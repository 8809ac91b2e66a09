"""A second run over a finished workspace: nothing to do, and how long it takes to see that.

The workspace has rows for every page, made by the declared stages with stand-ins for what opens
pictures (`benchmarks.stand_ins`). What is timed is real: the commands, each in a fresh process.
"""

from __future__ import annotations

import multiprocessing
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from pathlib import Path

from benchmarks.clock import Cost, repeated, timed, typical
from benchmarks.report import Aim, Measured
from benchmarks.stand_ins import build_empty_shards, build_rows
from benchmarks.workspaces import PROFILE, Drawn, drawn_plan
from pipeline.cli.opening import CHECKOUT
from pipeline.core.runner import question_of, standing_receipt
from pipeline.ports.folder import FolderSource
from pipeline.standing import standing_build
from pipeline.wiring import SERIES_STAGES, Plan, series_stage, shard_stage

NAME = "noop_rerun"

COMMANDS = {
    "mangazero_run": ("-m", "pipeline.cli.main", "run"),
    "make_shards": ("-m", "flows.shards"),
    "mangazero_run_json": ("-m", "pipeline.cli.main", "run", "--json"),
    "mangazero_status": ("-m", "pipeline.cli.main", "status"),
}
"""Each as `python ... --profile bench --work DIR`."""

SAYS_DONE = ("Everything is done", '"was_done": true')
"""One of these is in the answer of a command that found nothing to do."""

TIMEOUT_S = 60
"""A command that takes longer is ended, and its figure says so."""


@dataclass(frozen=True)
class Size:
    """Series, pages in each, how often a thing is timed, and processes that build."""

    series: int = 48
    pages: int = 1000
    repeats: int = 3
    workers: int = 2
    keep: bool = False


def measure(size: Size, scratch: Path) -> Measured:
    """Builds the workspace if it is not there, times what sees that all is done, removes it."""
    root = scratch / f"noop-{size.series}x{size.pages}"
    plan = drawn_plan(root, Drawn(size.series, size.pages))
    building = _build(plan, size.workers)
    costs = {name: _fresh_process(plan, name, size.repeats) for name in COMMANDS}
    ended = [name for name, cost in costs.items() if cost.wall >= TIMEOUT_S]
    costs["start_of_a_process"] = typical(repeated(_only_import, size.repeats))
    costs |= {name: typical(repeated(work, size.repeats)) for name, work in _inside(plan).items()}
    costs["list_same_number_of_files"] = _folder_listing(size, scratch)
    if not size.keep:
        shutil.rmtree(root)
    figures = {name: cost.seconds() | {"unit": "s"} for name, cost in costs.items()}
    lines = [(name, f"{each['wall']} s (CPU {each['cpu']})") for name, each in figures.items()]
    return Measured(
        NAME,
        {"series": size.series, "pages_a_series": size.pages, "repeats": size.repeats},
        {
            **figures,
            "ended_at_time_out": ended,
            "build_s": building,
            "receipts": len(plan.slugs) * len(SERIES_STAGES) + 1,
        },
        lines,
        [
            Aim(f"{name} over {size.series * size.pages} pages, s", costs[name].wall, 10.0)
            for name in ("mangazero_run", "make_shards")
        ],
    )


def _build(plan: Plan, workers: int) -> float | None:
    """Seconds that it took; None where the workspace stood already."""
    if standing_build(plan) is not None:
        return None
    with timed() as cost:
        spawn = multiprocessing.get_context("spawn")
        with ProcessPoolExecutor(workers, mp_context=spawn) as pool:
            list(pool.map(build_rows, [plan] * len(plan.slugs), plan.slugs))
        build_empty_shards(plan)
    return round(cost.wall, 1)


def _inside(plan: Plan) -> dict[str, Callable[[], object]]:
    """What a second run does, in this process, and the two halves of it."""
    stages = [series_stage(plan, entry, n) for entry in plan.manifest.series for n in SERIES_STAGES]
    stages.append(shard_stage(plan, plan.slugs))

    def ask_receipts() -> None:
        for stage in stages:
            standing_receipt(stage, plan.workspace, question_of(stage, plan.workspace))

    def declare_stages() -> None:
        for entry in plan.manifest.series:
            for name in SERIES_STAGES:
                series_stage(plan, entry, name)

    return {
        "standing_build": lambda: standing_build(plan),
        "declare_stages_and_list_pages": declare_stages,
        "ask_receipts": ask_receipts,
    }


def _fresh_process(plan: Plan, name: str, repeats: int) -> Cost:
    """Raises RuntimeError if the command fails or finds anything to do."""
    costs: list[Cost] = []
    while len(costs) < repeats and not any(cost.wall >= TIMEOUT_S for cost in costs):
        with timed() as cost:
            answer = _answer(plan, name)
        if answer is not None and not any(words in answer for words in SAYS_DONE):
            raise RuntimeError(f"{name} found something to do: this is no re-run without work")
        costs.append(cost)
    return max(costs, key=_wall) if costs[-1].wall >= TIMEOUT_S else typical(costs)


def _wall(cost: Cost) -> float:
    return cost.wall


def _answer(plan: Plan, name: str) -> str | None:
    """What the command printed; None if it was ended at the time-out."""
    work = str(plan.workspace.root)
    try:
        done = subprocess.run(
            [sys.executable, *COMMANDS[name], "--profile", PROFILE, "--work", work],
            env={**os.environ, "MANGAZERO_MANIFESTS": str(plan.manifests)},
            cwd=CHECKOUT,
            capture_output=True,
            text=True,
            timeout=TIMEOUT_S,
            check=False,
        )
    except subprocess.TimeoutExpired:
        return None
    if done.returncode:
        raise RuntimeError(f"{name} ended with {done.returncode}: {done.stderr[-500:]}")
    return done.stdout


def _only_import() -> None:
    subprocess.run(
        [sys.executable, "-c", "import pipeline.cli.run"],
        cwd=CHECKOUT,
        timeout=TIMEOUT_S,
        check=True,
    )


def _folder_listing(size: Size, scratch: Path) -> Cost:
    """The same number of pages as files in folders: their listing is not that of drawn pages.

    The files are empty, for a listing opens none.
    """
    with tempfile.TemporaryDirectory(dir=scratch) as root:
        folders = [Path(root) / f"series{number}" for number in range(size.series)]
        for folder in folders:
            folder.mkdir()
            for page in range(size.pages):
                (folder / f"page{page}.png").touch()

        def list_all() -> None:
            for number, folder in enumerate(folders):
                FolderSource(f"bench-{number}", folder, size.pages).plan()

        return typical(repeated(list_all, size.repeats))
