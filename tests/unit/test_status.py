"""What is done, stale, missing or failed, and that each is told for its true reason."""

from __future__ import annotations

import json
import shutil
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from typer import Typer
from typer.testing import CliRunner

from pipeline.cli.status import plain_lines, status
from pipeline.core.errors import BadItem
from pipeline.core.workspace import Workspace
from pipeline.staleness import flat
from pipeline.standing import standing_build
from pipeline.status import StageState, plan_states
from pipeline.wiring import SERIES_STAGES, Plan
from schemas.identities import Verdict
from schemas.receipts import DATASET_SCOPE
from schemas.series import FolderSource
from tests.support.small_build import ENTRY, small_build, small_plan


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Plan:
    return small_build(tmp_path_factory.mktemp("status"))


@pytest.fixture
def copied(built: Plan, tmp_path: Path) -> Plan:
    """A plan over a workspace that the test may damage."""
    root = shutil.copytree(built.workspace.root, tmp_path / "work")
    return replace(built, workspace=Workspace(root))


def by_stage(plan: Plan) -> dict[str, StageState]:
    return {state.stage: state for state in plan_states(plan)}


def with_params(plan: Plan, stage: str, **values: Any) -> Plan:
    params = getattr(plan.profile, stage).model_copy(update=values)
    return replace(plan, profile=plan.profile.model_copy(update={stage: params}))


def open_stages(plan: Plan) -> list[str]:
    return [name for name, state in by_stage(plan).items() if not state.is_done]


def test_after_a_build_everything_is_done_with_its_counts(built: Plan) -> None:
    states = by_stage(built)
    assert list(states) == [*SERIES_STAGES, "shard"]
    assert {state.state for state in states.values()} == {"done"}
    assert all(not state.why for state in states.values())
    assert sum(states["screen"].dropped.values()) + states["screen"].kept == states["fetch"].kept
    assert standing_build(built) is not None


def test_before_a_build_everything_is_missing(tmp_path: Path) -> None:
    plan = small_plan(tmp_path)
    states = by_stage(plan)
    assert {state.state for state in states.values()} == {"missing"}
    assert states["resolve"].why == ("never finished",)
    assert states["detect"].why == ("waits for pair",)
    assert states["shard"].why == ("waits for ink",)
    assert standing_build(plan) is None
    assert not plan.workspace.root.exists()


def test_a_changed_parameter_is_named_and_only_what_depends_on_it_is_stale(built: Plan) -> None:
    plan = with_params(built, "caption", include_dialogue=True)
    states = by_stage(plan)
    assert states["caption"].why == ("parameters changed: params.include_dialogue false -> true",)
    assert states["assemble"].why == ("waits for caption",)
    assert open_stages(plan) == ["caption", "assemble", "shard"]
    assert standing_build(plan) is None


def test_a_changed_decision_is_named(built: Plan) -> None:
    plan = with_params(built, "screen", blank_ink=0.01)
    assert by_stage(plan)["screen"].why == ("parameters changed: limits.blank_ink 0.002 -> 0.01",)


def test_a_changed_model_is_named(built: Plan) -> None:
    states = by_stage(with_params(built, "detect", detector="random"))
    assert any("models changed: OracleSpec" in reason for reason in states["detect"].why)


def test_a_verdict_makes_assemble_stale(copied: Plan) -> None:
    path = copied.workspace.verdicts_path("ink")
    path.parent.mkdir()
    said = Verdict(
        id="v1",
        series="ink",
        kind="junk",
        characters=("ink/c0001/p001-002/character00",),
        annotator="a",
        at="2026-01-01T00:00:00+00:00",
    )
    path.write_text(said.model_dump_json() + "\n")
    assert by_stage(copied)["assemble"].why == ("verdicts changed",)
    assert open_stages(copied) == ["assemble", "shard"]


def test_a_verdict_log_that_is_none_is_a_state_too(copied: Plan) -> None:
    path = copied.workspace.verdicts_path("ink")
    path.parent.mkdir()
    path.write_text("nonsense\n")
    state = by_stage(copied)["assemble"]
    assert state.state == "failed"
    assert "line 1" in state.why[0]
    assert standing_build(copied) is None


def test_a_longer_listing_makes_resolve_stale(built: Plan) -> None:
    source = ENTRY.source.model_copy(update={"pages_per_chapter": 5})
    entry = ENTRY.model_copy(update={"source": source})
    plan = replace(built, manifest=built.manifest.model_copy(update={"series": (entry,)}))
    assert by_stage(plan)["resolve"].why == ("listing changed",)


def test_a_lost_file_is_named(copied: Plan) -> None:
    (copied.workspace.shards_folder / "index.json").unlink()
    assert by_stage(copied)["shard"].why == ("shards/index.json is gone or cut",)
    assert standing_build(copied) is None


def test_a_lost_input_table_is_named(copied: Plan) -> None:
    (copied.workspace.root / "tables/detect/ink/dialogs.parquet").unlink()
    states = by_stage(copied)
    assert states["detect"].why == ("tables/detect/ink/dialogs.parquet is gone or cut",)
    assert states["caption"].why == ("input table dialogs is gone", "waits for detect")


def test_failed_items_are_counted(copied: Plan) -> None:
    receipt = copied.workspace.read_receipt("detect", "ink")
    assert receipt is not None
    lost = {"kept": receipt.kept - 1, "failed": {BadItem.__name__: 1}}
    copied.workspace.write_receipt(receipt.model_copy(update=lost))
    state = by_stage(copied)["detect"]
    assert (state.state, state.failed) == ("failed", {"BadItem": 1})
    assert state.why == ("1 item failed (1 BadItem): the next run tries again",)


def test_a_series_that_cannot_be_listed_is_told_and_does_not_hold_up_the_shards(
    built: Plan, tmp_path: Path
) -> None:
    (tmp_path / "empty").mkdir()
    source = FolderSource(kind="folder", path=str(tmp_path / "empty"))
    empty = ENTRY.model_copy(update={"slug": "void", "source": source})
    plan = replace(built, manifest=built.manifest.model_copy(update={"series": (ENTRY, empty)}))
    states = {(state.scope, state.stage): state for state in plan_states(plan)}
    assert states["void", "resolve"].state == "failed"
    assert "empty" in states["void", "resolve"].why[0]
    assert states["void", "fetch"].why == ("waits for resolve",)
    assert states[DATASET_SCOPE, "shard"].state == "done"
    assert standing_build(plan) is None


def test_a_series_to_come_holds_up_the_shards(built: Plan) -> None:
    new = ENTRY.model_copy(update={"slug": "new"})
    plan = replace(built, manifest=built.manifest.model_copy(update={"series": (ENTRY, new)}))
    assert plan_states(plan)[-1].why == ("waits for new",)


def test_nested_parameters_become_one_level() -> None:
    assert flat({"a": {"b": 1, "c": {"d": 2}}, "e": 3}) == {"a.b": 1, "a.c.d": 2, "e": 3}


def test_plain_lines_are_aligned(built: Plan) -> None:
    lines = plain_lines(plan_states(built))
    column = lines[0].index("stage")
    assert [line[column:].split()[0] for line in lines[1:]] == [*SERIES_STAGES, "shard"]
    assert lines[3].endswith("1 truncated")


def test_the_command_writes_one_json_document(tmp_path: Path) -> None:
    app = Typer()
    app.command()(status)
    answer = CliRunner().invoke(app, ["--work", str(tmp_path / "none"), "--json"])
    document = json.loads(answer.stdout)
    assert answer.exit_code == 0
    assert document["is_done"] is False
    assert {state["state"] for state in document["states"]} == {"missing"}
    plain = CliRunner().invoke(app, ["--work", str(tmp_path / "none")])
    assert "waits for pair" in plain.stdout
    assert "\x1b" not in plain.stdout
