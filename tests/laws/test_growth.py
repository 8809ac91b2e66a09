"""New pages cost the new pages: what was answered before is not asked again."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from pipeline.wiring import Plan
from tests.support.built import (
    draw_into,
    folder_entry,
    plain_entry,
    plan_for,
    product,
    run_all,
    small_profile,
)

CHAPTERS = {"c01": 4, "c02": 4}


def plan_of(root: Path, name: str = "work", **changes: object) -> Plan:
    entry = folder_entry(root / "pages")
    parts = {"detect": {"detector": "random"}, "shard": {"target_bytes": 10**5}, **changes}
    profile = small_profile(**parts)
    return plan_for(root / name, [entry], profile)


@pytest.fixture
def grown(tmp_path: Path, template: Path) -> Plan:
    shutil.copytree(template, tmp_path, dirs_exist_ok=True)
    return plan_of(tmp_path)


@pytest.fixture(scope="module")
def template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = tmp_path_factory.mktemp("growth")
    draw_into(root / "pages", CHAPTERS)
    run_all(plan_of(root))
    return root


def fresh(plan: Plan) -> dict[str, int]:
    """Stage -> items that the run worked on; 0 where its receipt stood."""
    return {
        name.split("/")[0]: 0 if run.was_done else run.receipt.fresh
        for name, run in run_all(plan).items()
    }


def test_a_new_chapter(grown: Plan, tmp_path: Path) -> None:
    draw_into(tmp_path / "pages", {**CHAPTERS, "c03": 2})
    asked = fresh(grown)
    assert asked["resolve"] == asked["fetch"] == asked["screen"] == 2
    assert asked["pair"] == asked["detect"] == asked["identify"] == 1
    assert asked["caption"] == 5, "the random detector finds five panels on every page image"
    assert 1 <= asked["assemble"] <= 5
    assert_like_built_at_once(grown, tmp_path)


def test_a_new_page_image_changes_one_sample_and_one_shard(tmp_path: Path) -> None:
    """Where no identity is joined with an old one, and no split outgrows its shards."""
    strict = {"identify": {"max_distance": 1e-6}, "shard": {"target_bytes": 320_000}}
    draw_into(tmp_path / "pages", {"c01": 6, "c02": 4})
    plan = plan_of(tmp_path, **strict)
    before = {run.receipt.stage: run.receipt for run in run_all(plan).values()}
    assert before["shard"].items > 1
    draw_into(tmp_path / "pages", {"c01": 6, "c02": 4, "c03": 2})
    asked = fresh(plan)
    assert asked["assemble"] == asked["shard"] == 1


def test_a_page_more_in_the_last_chapter(grown: Plan, tmp_path: Path) -> None:
    draw_into(tmp_path / "pages", {"c01": 4, "c02": 5})
    asked = fresh(grown)
    assert asked["fetch"] == asked["screen"] == asked["pair"] == asked["detect"] == 1
    assert_like_built_at_once(grown, tmp_path)

    draw_into(tmp_path / "pages", {"c01": 4, "c02": 6})
    asked = fresh(grown)
    assert asked["fetch"] == asked["pair"] == asked["detect"] == 1, "the odd page found its partner"
    assert_like_built_at_once(grown, tmp_path, "again")


def test_a_page_that_is_taken_away(grown: Plan, tmp_path: Path) -> None:
    (tmp_path / "pages/c02/page4.png").unlink()
    asked = fresh(grown)
    assert asked["resolve"] == asked["fetch"] == asked["screen"] == 0
    assert asked["detect"] == 1, "the partner stands alone now"
    assert_like_built_at_once(grown, tmp_path)


def test_a_change_that_is_taken_back_asks_nothing_again(grown: Plan, tmp_path: Path) -> None:
    page = tmp_path / "pages/c02/page4.png"
    shutil.move(page, tmp_path / "aside.png")
    before = product(grown.workspace)
    fresh(grown)
    shutil.move(tmp_path / "aside.png", page)
    asked = fresh(grown)
    assert {name: n for name, n in asked.items() if n and name != "shard"}.keys() <= {"assemble"}
    assert product(grown.workspace) == before


def test_a_new_series_rewrites_its_own_shards_only(grown: Plan, tmp_path: Path) -> None:
    both = plan_for(
        tmp_path / "work", [*grown.manifest.series, plain_entry(attribution="B")], grown.profile
    )
    before = {p: sha for p, sha in product(grown.workspace).items() if p.endswith(".tar")}
    run_all(both)
    after = product(grown.workspace)
    assert before.items() <= after.items(), "another split: no shard of the first is touched"
    assert any("pages-val" in path for path in after)


def assert_like_built_at_once(grown: Plan, root: Path, name: str = "at-once") -> None:
    at_once = plan_of(root, name)
    run_all(at_once)
    assert product(grown.workspace) == product(at_once.workspace)
