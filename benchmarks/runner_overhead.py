"""What `run_stage` itself costs an item: the work here is to give back the row that came."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from benchmarks.clock import Cost, repeated, timed, typical
from benchmarks.report import Aim, Measured
from pipeline.core.engine import Engine, LocalEngine
from pipeline.core.journal import Journal, entry_of
from pipeline.core.outcome import Item, Kept
from pipeline.core.runner import run_stage
from pipeline.core.stage import Inputs, Scope, Stage
from pipeline.core.tables import Table, write_table
from pipeline.core.workspace import Workspace
from schemas.record import Record

NAME = "runner_overhead"
MS = 1e-3
POOLED_SHARE = 10
"""Of so many items one goes through a worker process: that part is slower."""


@dataclass(frozen=True)
class Size:
    """So many items, so many times."""

    items: int = 10_000
    repeats: int = 5


class Trifle(Record):
    """A row of the size of a page's."""

    id: str
    series: str
    number: int
    sha256: str
    note: str


TRIFLES = Table("trifles", "trifle", Trifle)


def give_back(batch: Sequence[Item[Trifle]]) -> Iterator[Kept]:
    """No work at all. In a module, so that it travels to worker processes."""
    for item in batch:
        yield Kept(item.key, {TRIFLES.name: [item.payload]})


def measure(size: Size, scratch: Path) -> Measured:
    """Whole runs first, then the parts that can be had alone, on the same items."""
    scratch.mkdir(parents=True, exist_ok=True)
    trifles = [_trifle(number) for number in range(size.items)]
    costs = {
        **_whole_runs(trifles, size, scratch),
        **_parts(trifles, size, scratch),
    }
    figures = {
        name: cost.per(_items_of(name, size), MS) | {"unit": _unit_of(name)}
        for name, cost in costs.items()
    }
    parts = ("digest", "journal", "table")
    whole = costs["run"]
    shares = {name: round(costs[name].cpu / whole.cpu, 3) for name in parts}
    shares["rest"] = round(1 - sum(shares.values()), 3)
    wall = whole.per(size.items, MS)["wall"]
    return Measured(
        NAME,
        {
            "items": size.items,
            "pooled_items": _items_of("pooled_run", size),
            "repeats": size.repeats,
        },
        {**figures, "cpu_shares_of_run": shares},
        [
            *(
                (name, f"{each['wall']} {each['unit']} (CPU {each['cpu']})")
                for name, each in figures.items()
            ),
            ("shares of run (CPU)", ", ".join(f"{k} {v:.0%}" for k, v in shares.items())),
        ],
        [Aim("ms per item, in process", wall, 1.0)],
    )


def _items_of(name: str, size: Size) -> int:
    """By how many items the cost is divided; what stands is asked about once, not by item."""
    counts = {"pooled_run": max(1, size.items // POOLED_SHARE), "standing": 1}
    return counts.get(name, size.items)


def _unit_of(name: str) -> str:
    return "ms in all" if name == "standing" else "ms per item"


def _whole_runs(trifles: Sequence[Trifle], size: Size, scratch: Path) -> dict[str, Cost]:
    """run: everything new. resumed: all in the journal. standing: nothing to do.

    pooled_run: everything new, one item a batch over one worker process that is awake.
    """
    stage = _stage(trifles)
    pooled = replace(_stage(trifles[: _items_of("pooled_run", size)]), in_processes=True)
    costs: dict[str, list[Cost]] = {"run": [], "resumed": [], "standing": [], "pooled_run": []}
    with LocalEngine(0) as inline, LocalEngine(1) as pool:
        _run(replace(_stage(trifles[:1]), in_processes=True), scratch, pool)  # wakes the worker
        for _ in range(size.repeats):
            with tempfile.TemporaryDirectory(dir=scratch) as root:
                workspace = Workspace(Path(root))
                for name in ("run", "resumed", "standing"):
                    if name == "resumed":
                        workspace.withdraw_receipt(stage.name, stage.scope.name)
                    with timed() as cost:
                        run_stage(stage, workspace, inline)
                    costs[name].append(cost)
            costs["pooled_run"].append(_run(pooled, scratch, pool))
    return {name: typical(each) for name, each in costs.items()}


def _run(stage: Stage, scratch: Path, engine: Engine) -> Cost:
    with tempfile.TemporaryDirectory(dir=scratch) as root, timed() as cost:
        run_stage(stage, Workspace(Path(root)), engine)
    return cost


def _parts(trifles: Sequence[Trifle], size: Size, scratch: Path) -> dict[str, Cost]:
    """digest: of every payload, once. journal: append every outcome. table: one Parquet file."""
    kept = [Kept(trifle.id, {TRIFLES.name: [trifle]}) for trifle in trifles]
    rows = [trifle.model_dump(mode="json") for trifle in trifles]
    folder = Path(tempfile.mkdtemp(dir=scratch))

    def digest() -> None:
        for trifle in trifles:
            _ = Item(trifle.id, trifle).digest

    def journal() -> None:
        path = folder / "journal.jsonl"
        path.unlink(missing_ok=True)
        with Journal(path) as open_journal:
            for each in kept:
                open_journal.append(entry_of(each, ""))

    def table() -> None:
        write_table(folder / "trifles.parquet", TRIFLES, rows)

    work = {"digest": digest, "journal": journal, "table": table}
    costs = {name: typical(repeated(each, size.repeats)) for name, each in work.items()}
    shutil.rmtree(folder)
    return costs


def _stage(trifles: Sequence[Trifle]) -> Stage:
    def list_items(_: Inputs) -> list[Item[Trifle]]:
        return [Item(trifle.id, trifle) for trifle in trifles]

    return Stage(
        name=TRIFLES.stage,
        version=1,
        scope=Scope.one("trifles"),
        params=_NoParams(),
        reads=(),
        writes=(TRIFLES,),
        list_items=list_items,
        act=give_back,
    )


class _NoParams(Record):
    """None."""


def _trifle(number: int) -> Trifle:
    return Trifle(
        id=f"trifles/c0001/p{number:05d}",
        series="trifles",
        number=number,
        sha256=f"{number:064x}",
        note="a line of text as long as a locator",
    )
