"""Stopped anywhere and run again, a stage gives the bytes of a run that was never stopped."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, NoReturn

import pytest

from pipeline.core.errors import Interrupted
from pipeline.core.outcome import Item, Kept, Outcome
from pipeline.core.runner import run_stage
from pipeline.core.stage import Act, Stage
from pipeline.core.tables import Table
from pipeline.stages.tables import PANELS
from pipeline.wiring import Plan
from tests.support.built import STAGES, plan_for, product, run_all, stage_of, undone
from tests.support.engines import CountingEngine, StoppingEngine

Copies = Callable[[], Plan]


@pytest.mark.parametrize("name", STAGES)
def test_stopped_after_any_number_of_outcomes(
    name: str, fresh_copy: Copies, clean_product: dict[str, str]
) -> None:
    plan = fresh_copy()
    items = run_stage(stage_of(plan, name), plan.workspace, CountingEngine()).receipt.items
    for k in sorted({0, 1, 2, items // 2, items - 1}):
        undone(plan, name, "ink")
        with pytest.raises(Interrupted):
            run_stage(stage_of(plan, name), plan.workspace, StoppingEngine(k))
        assert plan.workspace.read_receipt(name, stage_of(plan, name).scope.name) is None
        engine = CountingEngine()
        run = run_stage(stage_of(plan, name), plan.workspace, engine)
        assert len(engine.asked) == run.receipt.fresh == items - k
        assert product(plan.workspace) == clean_product


@pytest.mark.parametrize("steps", [3, 40])
def test_a_whole_build_stopped_again_and_again(
    steps: int, tmp_path: Path, clean_product: dict[str, str]
) -> None:
    plan = plan_for(tmp_path / "work")
    stops = 0
    while True:
        try:
            run_all(plan, StoppingEngine(steps))
            break
        except Interrupted:
            stops += 1
    assert stops > 1
    assert product(plan.workspace) == clean_product


@pytest.mark.parametrize("name", STAGES)
def test_stopped_between_the_tables_and_the_receipt(
    name: str, fresh_copy: Copies, clean_product: dict[str, str]
) -> None:
    plan = undone(fresh_copy(), name, "ink")
    with pytest.raises(Interrupted):
        run_stage(
            replace(stage_of(plan, name), finish=_interrupted), plan.workspace, CountingEngine()
        )
    engine = CountingEngine()
    run_stage(stage_of(plan, name), plan.workspace, engine)
    assert engine.asked == []
    assert product(plan.workspace) == clean_product


def _interrupted(kept: Sequence[Kept]) -> NoReturn:
    raise Interrupted("stopped by the test")


def test_a_receipt_never_vouches_for_tables_of_another_answer(
    fresh_copy: Copies, clean_product: dict[str, str]
) -> None:
    """A change was stopped amid its commit and taken back; its table has the old one's size."""
    plan = fresh_copy()
    stage = stage_of(plan, "detect")
    path = plan.workspace.table_path(stage.writes[0], "ink")
    size = path.stat().st_size
    amid = tuple(_unsortable(t) if t.name == "dialogs" else t for t in stage.writes)
    other = replace(stage, version=2, act=_Renaming(stage.act), writes=amid)
    with pytest.raises(KeyError):
        run_stage(other, plan.workspace, CountingEngine())
    assert path.stat().st_size == size
    assert product(plan.workspace) != clean_product
    run_all(plan)
    assert product(plan.workspace) == clean_product


@dataclass
class _Renaming:
    """Signs panels with another name of the same length."""

    act: Act

    def __call__(self, batch: Sequence[Item[Any]]) -> Iterator[Outcome]:
        for kept in self.act(batch):
            assert isinstance(kept, Kept)
            panels = [p.model_copy(update={"detector": "elcaro"}) for p in kept.of(PANELS)]
            yield replace(kept, rows={**kept.rows, "panels": panels})


def _unsortable(table: Table[Any]) -> Table[Any]:
    return replace(table, sort_by=("no such column",))


def test_a_receipt_never_vouches_for_shards_of_another_answer(
    fresh_copy: Copies, clean_product: dict[str, str]
) -> None:
    plan = fresh_copy()
    with pytest.raises(Interrupted):
        run_stage(_shuffled_shards(plan), plan.workspace, StoppingEngine(2))
    run_all(plan)
    assert product(plan.workspace) == clean_product


def test_the_journal_never_vouches_for_shards_of_another_answer(
    fresh_copy: Copies, clean_product: dict[str, str]
) -> None:
    plan = fresh_copy()
    run_stage(_shuffled_shards(plan), plan.workspace, CountingEngine())
    assert product(plan.workspace) != clean_product
    run_all(plan)
    assert product(plan.workspace) == clean_product


def _shuffled_shards(plan: Plan) -> Stage:
    shard = plan.profile.shard.model_copy(update={"seed": 1})
    profile = plan.profile.model_copy(update={"shard": shard})
    return stage_of(replace(plan, profile=profile), "shard")
