"""`make bench`: every benchmark in turn, each with a file in benchmarks/results."""

from __future__ import annotations

import argparse
import os
import shutil
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from benchmarks import detection_speed, noop_rerun, runner_overhead, shard_speed
from benchmarks.machine import machine
from benchmarks.report import Measured
from pipeline.cli.opening import CHECKOUT

RESULTS = Path(__file__).with_name("results")


@dataclass(frozen=True)
class Chosen:
    """What the command line asks for."""

    items: int
    series: int
    pages: int
    detection_pages: int
    shard_pages: int
    keep: bool


def benchmarks(chosen: Chosen) -> dict[str, Callable[[Path], Measured]]:
    """Name -> what measures it in a scratch folder. The quick and quiet ones go first."""
    overhead = runner_overhead.Size(items=chosen.items)
    shards = shard_speed.Size(chosen.shard_pages, max(2, chosen.shard_pages * 3 // 10))
    detection = detection_speed.Size(chosen.detection_pages)
    workers = min(4, os.cpu_count() or 1)
    noop = noop_rerun.Size(chosen.series, chosen.pages, workers=workers, keep=chosen.keep)
    return {
        runner_overhead.NAME: lambda scratch: runner_overhead.measure(overhead, scratch),
        shard_speed.NAME: lambda scratch: shard_speed.measure(shards, scratch),
        detection_speed.NAME: lambda scratch: detection_speed.measure(detection, scratch),
        noop_rerun.NAME: lambda scratch: noop_rerun.measure(noop, scratch),
    }


def run(chosen: Chosen, only: str, scratch: Path, results: Path) -> list[Measured]:
    """Measures all, or only the one named, and writes each result as soon as it is known.

    The machine's facts are taken before each one, for the load is that of its own start.
    """
    measured = []
    for name, measure in benchmarks(chosen).items():
        if only in ("", name):
            print(f"measuring {name} ...", flush=True)
            facts = machine()
            found = measure(scratch)
            found.write(results, facts)
            measured.append(found)
    if not chosen.keep:
        shutil.rmtree(scratch, ignore_errors=True)
    return measured


def main() -> None:
    options = _parser().parse_args()
    chosen = Chosen(
        items=options.items,
        series=options.series,
        pages=options.pages,
        detection_pages=options.detection_pages,
        shard_pages=options.shard_pages,
        keep=options.keep,
    )
    measured = run(chosen, options.only, options.scratch, options.results)
    print("\n" + "\n\n".join(found.table() for found in measured))


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.all", description=__doc__)
    names = (
        runner_overhead.NAME,
        shard_speed.NAME,
        detection_speed.NAME,
        noop_rerun.NAME,
    )
    parser.add_argument("--only", choices=names, default="", help="one benchmark")
    parser.add_argument("--items", type=int, default=10_000, help="runner_overhead: items")
    parser.add_argument("--series", type=int, default=48, help="noop_rerun: series")
    parser.add_argument("--pages", type=int, default=1000, help="noop_rerun: pages in each")
    parser.add_argument("--detection-pages", type=int, default=8, help="pages in each language")
    parser.add_argument("--shard-pages", type=int, default=200, help="single pages in the shard")
    parser.add_argument("--keep", action="store_true", help="leave the workspace of noop_rerun")
    parser.add_argument("--scratch", type=Path, default=CHECKOUT / "work" / "bench")
    parser.add_argument("--results", type=Path, default=RESULTS)
    return parser


if __name__ == "__main__":
    main()
