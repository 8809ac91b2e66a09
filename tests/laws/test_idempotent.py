"""A stage that is done stays done: nothing is asked again and no byte changes."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from pipeline.core.runner import run_stage
from pipeline.core.workspace import Workspace
from pipeline.wiring import Plan
from tests.support.built import STAGES, product, run_all, stage_of, undone
from tests.support.engines import CountingEngine

Copies = Callable[[], Plan]


def test_a_second_run_does_nothing(fresh_copy: Copies, clean_product: dict[str, str]) -> None:
    plan, engine = fresh_copy(), CountingEngine()
    runs = run_all(plan, engine)
    assert len(runs) == 17
    assert all(run.was_done for run in runs.values())
    assert engine.asked == []
    assert product(plan.workspace) == clean_product


@pytest.mark.parametrize("name", STAGES)
def test_a_stage_made_again_from_nothing_gives_the_same_bytes(
    name: str, fresh_copy: Copies, clean_product: dict[str, str]
) -> None:
    plan, engine = undone(fresh_copy(), name, "ink"), CountingEngine()
    assert product(plan.workspace) != clean_product
    run = run_stage(stage_of(plan, name), plan.workspace, engine)
    assert not run.was_done
    assert sorted(engine.asked) == sorted(set(engine.asked))
    assert run.receipt.fresh == run.receipt.items == len(engine.asked) > 0
    assert product(plan.workspace) == clean_product


@pytest.mark.parametrize("name", STAGES)
def test_without_its_receipt_a_stage_commits_again_from_the_journal(
    name: str, fresh_copy: Copies, clean_product: dict[str, str]
) -> None:
    plan, engine = fresh_copy(), CountingEngine()
    stage = stage_of(plan, name)
    plan.workspace.receipt_path(name, stage.scope.name).write_bytes(b"\xff torn")
    run = run_stage(stage, plan.workspace, engine)
    assert not run.was_done
    assert run.receipt.fresh == 0
    assert engine.asked == []
    assert product(plan.workspace) == clean_product


@pytest.mark.parametrize("name", STAGES)
def test_a_lost_table_is_written_again(
    name: str, fresh_copy: Copies, clean_product: dict[str, str]
) -> None:
    plan, engine = fresh_copy(), CountingEngine()
    stage = stage_of(plan, name)
    plan.workspace.table_path(stage.writes[0], stage.scope.name).unlink()
    assert not run_stage(stage, plan.workspace, engine).was_done
    assert engine.asked == []
    assert product(plan.workspace) == clean_product


def test_a_lost_shard_is_written_again_and_no_other(
    fresh_copy: Copies, clean_product: dict[str, str]
) -> None:
    plan, engine = fresh_copy(), CountingEngine()
    shards = sorted(plan.workspace.shards_folder.glob("*.tar"))
    assert len(shards) > 2
    shards[1].unlink()
    run_stage(stage_of(plan, "shard"), plan.workspace, engine)
    assert engine.asked == [shards[1].stem]
    assert product(plan.workspace) == clean_product


def test_a_workspace_may_be_moved(fresh_copy: Copies, tmp_path: Path) -> None:
    plan = fresh_copy()
    elsewhere = tmp_path / "another" / "place"
    shutil.move(plan.workspace.root, elsewhere)
    moved = replace(plan, workspace=Workspace(elsewhere), manifest_path=tmp_path / "x.toml")
    assert all(run.was_done for run in run_all(moved).values())
