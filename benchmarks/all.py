"""`make bench`: every benchmark in turn, each with a file in benchmarks/results."""

from __future__ import annotations

import argparse
import os
import shutil
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path

from benchmarks import (
    detection_speed,
    download_floor,
    download_kills,
    download_peers,
    download_race,
    noop_rerun,
    runner_overhead,
    shard_speed,
)
from benchmarks.machine import machine
from benchmarks.report import Measured
from pipeline.cli.opening import CHECKOUT

RESULTS = Path(__file__).with_name("results")
ONLY_BY_NAME = frozenset({download_kills.NAME})
"""What takes many minutes is left out of `make bench`."""
WITH_PEERS = frozenset({download_peers.NAME, download_race.NAME})
"""Left out of `make bench` where there are no peers: a result with them must not be lost."""


@dataclass(frozen=True)
class Chosen:
    """What the command line asks for."""

    items: int
    series: int
    pages: int
    detection_pages: int
    shard_pages: int
    keep: bool
    full: bool = False
    factor: float = 0.0
    page_bytes: int = 0
    kills: int = 50
    peers: Path | None = None


def benchmarks(chosen: Chosen) -> dict[str, Callable[[Path], Measured]]:
    """Name -> what measures it in a scratch folder. The quick and quiet ones go first."""
    overhead = runner_overhead.Size(items=chosen.items)
    shards = shard_speed.Size(chosen.shard_pages, max(2, chosen.shard_pages * 3 // 10))
    detection = detection_speed.Size(chosen.detection_pages)
    workers = min(4, os.cpu_count() or 1)
    noop = noop_rerun.Size(chosen.series, chosen.pages, workers=workers, keep=chosen.keep)
    peers = download_peers.Size(peers=chosen.peers)
    race = download_race.Size(chosen.peers)
    kills = download_kills.Size(kills=chosen.kills)
    return {
        runner_overhead.NAME: lambda scratch: runner_overhead.measure(overhead, scratch),
        shard_speed.NAME: lambda scratch: shard_speed.measure(shards, scratch),
        download_floor.NAME: lambda scratch: download_floor.measure(_floor(chosen), scratch),
        download_peers.NAME: lambda scratch: download_peers.measure(peers, scratch),
        download_race.NAME: lambda scratch: download_race.measure(race, scratch),
        download_kills.NAME: lambda scratch: download_kills.measure(kills, scratch),
        detection_speed.NAME: lambda scratch: detection_speed.measure(detection, scratch),
        noop_rerun.NAME: lambda scratch: noop_rerun.measure(noop, scratch),
    }


def _floor(chosen: Chosen) -> download_floor.Size:
    shape = download_floor.FULL if chosen.full else download_floor.Size()
    return replace(
        shape,
        factor=chosen.factor or shape.factor,
        page_bytes=chosen.page_bytes or shape.page_bytes,
    )


def run(chosen: Chosen, only: str, scratch: Path, results: Path) -> list[Measured]:
    """Measures all but the longest, or only the one named; writes each result as it is known.

    The machine's facts are taken before each one, for the load is that of its own start.
    """
    measured = []
    for name, measure in benchmarks(chosen).items():
        why_not = left_out(name, only, chosen)
        if why_not:
            print(f"{name}: {why_not}")
        elif only in ("", name):
            print(f"measuring {name} ...", flush=True)
            facts = machine()
            found = measure(scratch)
            found.write(results, facts)
            measured.append(found)
    if not chosen.keep:
        shutil.rmtree(scratch, ignore_errors=True)
    return measured


def left_out(name: str, only: str, chosen: Chosen) -> str:
    """Why a run of all does without it; empty if it does not."""
    if only:
        return ""
    if name in ONLY_BY_NAME:
        return f"takes many minutes, --only {name} measures it"
    return download_peers.NO_PEERS if name in WITH_PEERS and chosen.peers is None else ""


def main() -> None:
    options = _parser().parse_args()
    chosen = Chosen(
        items=options.items,
        series=options.series,
        pages=options.pages,
        detection_pages=options.detection_pages,
        shard_pages=options.shard_pages,
        keep=options.keep,
        full=options.full,
        factor=options.factor,
        page_bytes=options.page_bytes,
        kills=options.kills,
        peers=options.peers and options.peers.absolute(),
    )
    measured = run(chosen, options.only, options.scratch, options.results)
    print("\n" + "\n\n".join(found.table() for found in measured))


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.all", description=__doc__)
    names = (
        runner_overhead.NAME,
        shard_speed.NAME,
        download_floor.NAME,
        download_peers.NAME,
        download_race.NAME,
        download_kills.NAME,
        detection_speed.NAME,
        noop_rerun.NAME,
    )
    parser.add_argument("--only", choices=names, default="", help="one benchmark")
    parser.add_argument("--items", type=int, default=10_000, help="runner_overhead: items")
    parser.add_argument("--series", type=int, default=48, help="noop_rerun: series")
    parser.add_argument("--pages", type=int, default=1000, help="noop_rerun: pages in each")
    parser.add_argument("--detection-pages", type=int, default=8, help="pages in each language")
    parser.add_argument("--shard-pages", type=int, default=200, help="single pages in the shard")
    parser.add_argument("--full", action="store_true", help="download_floor: all 48,000 pages")
    parser.add_argument("--factor", type=float, default=0.0, help="download_floor: clock speed")
    parser.add_argument("--page-bytes", type=int, default=0, help="download_floor: of a page")
    parser.add_argument("--kills", type=int, default=50, help="download_kills: how many")
    parser.add_argument(
        "--peers", type=Path, help="a Python that has benchmarks/peers-requirements.txt"
    )
    parser.add_argument("--keep", action="store_true", help="leave the workspace of noop_rerun")
    parser.add_argument("--scratch", type=Path, default=CHECKOUT / "work" / "bench")
    parser.add_argument("--results", type=Path, default=RESULTS)
    return parser


if __name__ == "__main__":
    main()
