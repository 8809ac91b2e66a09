"""Any id, present or lost, is followed from its source to its shard."""

from __future__ import annotations

import shutil
from dataclasses import replace
from pathlib import Path

import pytest

from pipeline.build import run_named
from pipeline.cli.explain import told
from pipeline.core.engine import LocalEngine
from pipeline.core.errors import BadConfig
from pipeline.core.progress import Silent
from pipeline.core.workspace import Workspace
from pipeline.explain.any_id import explain
from pipeline.explain.explanation import Explanation
from pipeline.loader.raw import read_pages
from pipeline.stages.tables import IDENTITIES
from pipeline.wiring import SERIES_STAGES, Plan
from schemas.identities import Verdict
from tests.support.small_build import small_build, small_plan

DOUBLE = "ink/c0001/p001-002"


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Plan:
    return small_build(tmp_path_factory.mktemp("explain"))


@pytest.fixture
def copied(built: Plan, tmp_path: Path) -> Plan:
    root = shutil.copytree(built.workspace.root, tmp_path / "work")
    return replace(built, workspace=Workspace(root))


def way(answer: Explanation) -> list[str]:
    return [f"{step.stage} {step.outcome}" for step in answer.steps]


def say_junk(plan: Plan, *characters: str) -> None:
    said = Verdict(
        id="v1",
        series="ink",
        kind="junk",
        characters=characters,
        annotator="a",
        at="2026-01-01T00:00:00+00:00",
    )
    path = plan.workspace.verdicts_path("ink")
    path.parent.mkdir()
    path.write_text(said.model_dump_json() + "\n")


def test_a_page_goes_from_its_locator_to_its_shard(built: Plan) -> None:
    answer = explain(built, "ink/c0001/p001")
    assert (answer.kind, answer.status) == ("page", "present")
    assert way(answer) == [f"{stage} kept" for stage in (*SERIES_STAGES, "shard")]
    assert answer.sources[0].locator == "c0001/1"
    assert len(answer.sources[0].sha256) == 64
    assert answer.neighbours["page image"] == (DOUBLE,)
    assert answer.notes == ()


def test_a_page_that_stands_alone_is_its_page_image_too(built: Plan) -> None:
    answer = explain(built, "ink/c0002/p007")
    assert answer.kind == "page and page image"
    assert answer.notes == ("one file that shows a double page already",)
    assert answer.neighbours["panels"]


def test_a_dropped_page_names_stage_reason_and_limits(built: Plan) -> None:
    answer = explain(built, "ink/c0002/p008")
    assert answer.status == "dropped"
    assert answer.reason.startswith("colour: chroma 0.")
    assert way(answer) == ["resolve kept", "fetch kept", "screen dropped"]
    assert answer.made_by is not None
    assert answer.made_by.stage == "screen"
    assert answer.made_by.params["limits.colour_chroma"] == 0.04


def test_a_duplicate_names_the_page_that_it_repeats(built: Plan) -> None:
    assert "repeats ink/c0002/p002" in explain(built, "ink/c0002/p003").reason


def test_a_page_and_its_partner_both_dropped(built: Plan) -> None:
    answer = explain(built, "ink/c0002/p005")
    assert answer.reason.startswith("truncated")
    assert answer.notes == ("its partner ink/c0002/p006 was dropped (near_blank)",)


def test_a_page_whose_partner_was_dropped_says_so_and_so_does_the_partner(built: Plan) -> None:
    alone = explain(built, "ink/c0002/p004")
    assert alone.notes == (
        "stands alone: its partner ink/c0002/p003 was dropped (exact_duplicate)",
    )
    lost = explain(built, "ink/c0002/p003")
    assert lost.notes == ("its partner ink/c0002/p004 stands alone now",)


def test_a_page_image_names_both_sources_left_to_right(built: Plan) -> None:
    answer = explain(built, DOUBLE)
    assert [source.page for source in answer.sources] == ["ink/c0001/p002", "ink/c0001/p001"]
    assert answer.made_by is not None
    assert answer.made_by.params["joins"] is True


def test_a_panel_names_caption_neighbours_and_the_shard_that_holds_it(built: Plan) -> None:
    answer = explain(built, f"{DOUBLE}/panel01")
    shards = {
        page.page_image: path.name for path, page in read_pages(built.workspace.shards_folder)
    }
    assert answer.steps[-1].says.startswith(shards[DOUBLE])
    assert answer.facts["caption source"] == "layout-template/v1"
    assert answer.neighbours["panel before"] == (f"{DOUBLE}/panel00",)
    assert answer.neighbours["panel after"] == (f"{DOUBLE}/panel02",)
    assert answer.made_by is not None
    assert answer.made_by.models[0].startswith("OracleSpec ")


def test_a_character_and_its_identity_know_each_other(built: Plan) -> None:
    character = explain(built, f"{DOUBLE}/character00")
    identity = explain(built, character.neighbours["identity"][0])
    assert character.facts["identity status"] == "proposed"
    assert character.facts["cluster size"] == identity.facts["cluster size"]
    assert character.id in identity.neighbours["characters"]
    assert set(character.neighbours["same identity"]) < set(identity.neighbours["characters"])


def test_a_junk_box_is_dropped_by_people(copied: Plan) -> None:
    box = f"{DOUBLE}/character00"
    say_junk(copied, box)
    answer = explain(copied, box)
    assert answer.status == "dropped"
    assert answer.reason.startswith("junk")
    assert answer.made_by is not None
    assert answer.made_by.stage == "assemble"


def test_an_identity_that_verdicts_emptied_says_so(copied: Plan) -> None:
    rows = copied.workspace.read(IDENTITIES, ["ink"])
    mine = tuple(row.id for row in rows if row.identity == rows[0].identity)
    say_junk(copied, *mine)
    assert explain(copied, rows[0].identity).status == "dropped"


def test_a_dialog_has_its_text_and_panel(built: Plan) -> None:
    answer = explain(built, f"{DOUBLE}/dialog00")
    assert answer.facts["text"]
    assert answer.neighbours["panel"][0].startswith(f"{DOUBLE}/panel")
    assert way(answer)[-1] == "shard kept"


@pytest.mark.parametrize(
    ("some_id", "said"),
    [
        (f"{DOUBLE}/panel99", f"nearest: {DOUBLE}/panel0"),
        ("ink/c0001/p099", "nearest: ink/c0001/p00"),
        ("ink/who9999", "nearest: ink/who0"),
        ("inc/c0001/p001", "no series 'inc'.*nearest: ink"),
        ("ink/Panel 3", "shape of no id"),
    ],
)
def test_an_unknown_id_names_the_nearest(built: Plan, some_id: str, said: str) -> None:
    with pytest.raises(BadConfig, match=said) as caught:
        explain(built, some_id)
    assert "\n" not in str(caught.value)


def test_before_any_run_it_says_what_to_do(tmp_path: Path) -> None:
    with pytest.raises(BadConfig, match="mangazero run"):
        explain(small_plan(tmp_path), "ink/c0001/p001")


def test_after_resolve_alone_the_rest_waits(tmp_path: Path) -> None:
    plan = small_plan(tmp_path)
    with LocalEngine(0) as engine:
        run_named(plan, "ink", "resolve", engine, Silent())
    answer = explain(plan, "ink/c0001/p001")
    assert way(answer) == ["resolve kept", "fetch waits", "screen waits", "pair waits"]
    assert answer.sources[0].sha256 == ""


def test_the_lines_tell_reason_and_parameters(built: Plan) -> None:
    lines = [head + line for head, line in told(explain(built, "ink/c0002/p008"))]
    assert lines[0].startswith("ink/c0002/p008  page, dropped: colour: chroma 0.")
    assert any(line.startswith("dropped by screen v1") for line in lines)
    assert any("limits.colour_chroma = 0.04" in line for line in lines)
