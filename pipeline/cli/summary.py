"""The end of a run: counts a stage, the shards with their sha256, and how to look at them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import Final

from rich.console import Console
from rich.table import Table as RichTable

from pipeline.build import Built
from pipeline.cli.scores import lines as score_lines
from pipeline.core.runner import StageRun
from pipeline.evaluation import drawn_series, sample_accuracy
from pipeline.shortfall import conclusion
from pipeline.stages.tables import SHARDS
from pipeline.wiring import SERIES_STAGES, Plan
from schemas.receipts import DATASET_SCOPE, Receipt

STAGES = (*SERIES_STAGES, "shard")
_MOST_SCORED: Final = 200
"""Page images; scoring one draws its truth anew, which takes about 20 ms."""


def print_summary(console: Console, plan: Plan, built: Built, look: str) -> None:
    """The table, the shard files, and where to go next. `look` is the command that shows them."""
    if built.was_done and not built.problems:
        console.print("Everything is done already: nothing was run.", highlight=False)
    console.print(_stages_table(built.runs))
    shards = plan.workspace.read(SHARDS, [DATASET_SCOPE])
    if not shards:
        return
    for shard in shards:
        path = plan.workspace.shards_folder / f"{shard.id}.tar"
        line = f"{path}  {shard.pages} page images, {shard.panels} panels, {_size(shard.n_bytes)}"
        console.print(line, markup=False, highlight=False, soft_wrap=True)
        console.print(f"  sha256 {shard.sha256}", markup=False, highlight=False, soft_wrap=True)
    for line in _score(plan, built):
        console.print(line, markup=False, highlight=False)
    console.print(f"Look at them: {look}", markup=False, highlight=False, soft_wrap=True)


def _score(plan: Plan, built: Built) -> list[str]:
    """Accuracy against what was drawn; on large datasets only where to ask for it."""
    page_images = sum(run.receipt.kept for run in built.runs if run.receipt.stage == "pair")
    if page_images > _MOST_SCORED:
        command = f"mangazero evaluate sample --work {plan.workspace.root}"
        return [f"Score it against what was drawn: {command}"] if drawn_series(plan) else []
    accuracy = sample_accuracy(plan)
    return [] if accuracy is None else score_lines(accuracy)


def summary_json(plan: Plan, built: Built, slugs: Sequence[str] = ()) -> dict[str, object]:
    """The same in plain values."""
    shards = plan.workspace.read(SHARDS, [DATASET_SCOPE])
    return {
        "status": conclusion(plan, built, slugs)[0].value,
        "was_done": built.was_done and not built.problems,
        "stages": [
            {
                "stage": run.receipt.stage,
                "scope": run.receipt.scope,
                "was_done": run.was_done,
                "items": run.receipt.items,
                "fresh": 0 if run.was_done else run.receipt.fresh,
                "kept": run.receipt.kept,
                "dropped": run.receipt.dropped,
                "failed": run.receipt.failed,
                "seconds": run.receipt.seconds,
            }
            for run in built.runs
        ],
        "shards": [shard.model_dump(mode="json") for shard in shards],
        "problems": [str(problem) for problem in built.problems],
    }


def _stages_table(runs: Sequence[StageRun]) -> RichTable:
    table = RichTable(box=None, header_style="bold", pad_edge=False)
    for name in ("stage", "items", "kept", "dropped", "failed", "why"):
        is_number = name in {"items", "kept", "dropped", "failed"}
        table.add_column(name, justify="right" if is_number else "left")
    for stage in STAGES:
        receipts = [run.receipt for run in runs if run.receipt.stage == stage]
        if receipts:
            table.add_row(stage, *_row(receipts))
    return table


def _row(receipts: Sequence[Receipt]) -> tuple[str, ...]:
    why: Counter[str] = Counter()
    for receipt in receipts:
        why.update(receipt.dropped)
        why.update({f"failed: {error}": n for error, n in receipt.failed.items()})
    return (
        str(sum(receipt.items for receipt in receipts)),
        str(sum(receipt.kept for receipt in receipts)),
        str(sum(receipt.n_dropped for receipt in receipts)),
        str(sum(receipt.n_failed for receipt in receipts)),
        ", ".join(f"{n} {reason}" for reason, n in sorted(why.items())),
    )


def _size(n_bytes: int) -> str:
    return f"{n_bytes / 1e6:.1f} MB" if n_bytes >= 100_000 else f"{n_bytes} bytes"
