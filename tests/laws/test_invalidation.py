"""A change reruns exactly what depends on it; an irrelevant one reruns nothing.

A stage that reruns but comes to the same rows invalidates nobody: later stages go by the
digests of the tables. So some changes below rerun a single stage.
"""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from pipeline.core.stage import Stage
from pipeline.wiring import SERIES_STAGES, Plan
from schemas.receipts import ModelPin
from schemas.record import Record
from schemas.series import SeriesManifest
from tests.support.built import (
    MANIFESTS,
    copied,
    draw_into,
    drawn_entry,
    folder_entry,
    plain_entry,
    plan_for,
    run_all,
    small_profile,
    worked,
)

AFTER_PAIR = {"detect", "identify", "caption", "assemble", "shard"}
AFTER_SCREEN = {"pair", *AFTER_PAIR}
AFTER_DETECT = AFTER_PAIR - {"detect"}
TAIL = {"assemble", "shard"}
ALL = {*SERIES_STAGES, "shard"}


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Plan:
    """A folder of seven pages, built with the random detector: it needs no truth of them."""
    root = tmp_path_factory.mktemp("invalidation")
    draw_into(root / "pages", {"one": 4, "two": 3})
    shutil.copytree(MANIFESTS, root / "manifests")
    plan = plan_for(
        root / "work",
        [folder_entry(root / "pages")],
        small_profile(detect={"detector": "random"}),
        root / "manifests",
    )
    run_all(plan)
    return plan


@pytest.fixture
def plan(built: Plan, tmp_path: Path) -> Plan:
    """A copy with pages and manifests of its own, so that a case may change them."""
    shutil.copytree(built.manifests, tmp_path / "manifests")
    shutil.copytree(built.manifest_path.parent / "pages", tmp_path / "pages")
    entry = folder_entry(tmp_path / "pages")
    manifest = SeriesManifest(series=(entry,))
    mine = replace(built, manifests=tmp_path / "manifests", manifest=manifest)
    return copied(mine, tmp_path / "work")


def reran(plan: Plan, alter: Callable[[Stage], Stage] = lambda stage: stage) -> set[str]:
    return {name.split("/")[0] for name in worked(run_all(plan, alter=alter))}


def with_part(plan: Plan, part: str, values: Mapping[str, Any]) -> Plan:
    changed = getattr(plan.profile, part).model_copy(update=dict(values))
    return replace(plan, profile=plan.profile.model_copy(update={part: changed}))


PARAMETERS = [
    ("screen", {"max_pixels": 10**8}, {"fetch", "screen"}),
    ("screen", {"max_pixels": 1000}, {"fetch", "screen", *AFTER_SCREEN}),
    ("screen", {"min_side_px": 101}, {"screen"}),
    ("screen", {"min_side_px": 301}, {"screen", *AFTER_SCREEN}),
    ("screen", {"strip_ratio": 2.7}, {"screen"}),
    ("screen", {"strip_ratio": 1.2}, {"screen", *AFTER_SCREEN}),
    ("screen", {"blank_ink": 0.003}, {"screen"}),
    ("screen", {"blank_ink": 0.9}, {"screen", *AFTER_SCREEN}),
    ("screen", {"colour_chroma": 0.05}, {"screen"}),
    ("screen", {"near_duplicate_bits": 11}, {"screen"}),
    ("screen", {"near_duplicate_bits": 256}, {"screen", *AFTER_SCREEN}),
    ("screen", {"boilerplate_chapters": 4}, {"screen"}),
    ("pair", {"cover": "alone"}, {"pair", *AFTER_PAIR}),
    ("pair", {"spread_ratio": 1.2}, {"pair"}),
    ("pair", {"spread_ratio": 0.5}, {"pair", *AFTER_PAIR}),
    ("detect", {"faces": False}, {"detect"}),
    ("detect", {"uncertain_below": 0.99}, {"detect", *AFTER_DETECT} - {"identify"}),
    ("identify", {"max_distance": 0.160001}, {"identify"}),
    ("identify", {"max_distance": 1.9}, {"identify", *TAIL}),
    ("caption", {"include_dialogue": True}, {"caption"}),
    ("shard", {"seed": 1}, {"shard"}),
    ("shard", {"target_bytes": 10**6}, {"shard"}),
]


@pytest.mark.parametrize(
    ("part", "values", "expected"), PARAMETERS, ids=[f"{p}-{v}" for p, v, _ in PARAMETERS]
)
def test_a_parameter(part: str, values: dict[str, Any], expected: set[str], plan: Plan) -> None:
    assert reran(with_part(plan, part, values)) == expected


def test_the_table_covers_every_parameter_of_a_profile() -> None:
    covered = {(part, key) for part, values, _ in PARAMETERS for key in values}
    parts = {name: value for name, value in small_profile() if isinstance(value, Record)}
    of_the_network = parts.pop("mangadex")
    assert "quality" in type(of_the_network).model_fields, "what MangaDex is asked is tried there"
    known = {(part, key) for part, value in parts.items() for key in type(value).model_fields}
    assert known - covered == {
        ("detect", "detector"),
        ("caption", "captioner"),
        ("caption", "prompt"),
    }


def test_a_limit_that_makes_a_page_boilerplate(plan: Plan, tmp_path: Path) -> None:
    """E26: with three chapters asked for, the copy goes; with two, the first goes as well."""
    shutil.copy(tmp_path / "pages/one/page1.png", tmp_path / "pages/two/page4.png")
    assert run_all(plan)["screen/own"].receipt.dropped == {"exact_duplicate": 1}
    runs = run_all(with_part(plan, "screen", {"boilerplate_chapters": 2}))
    assert runs["screen/own"].receipt.dropped == {"repeated_in_chapters": 2}
    assert runs["screen/own"].receipt.fresh == 0, "no picture is opened for it"
    assert {name.split("/")[0] for name in worked(runs)} == {"screen", *AFTER_SCREEN}


SERIES_FIELDS = [
    ({"title": "Another"}, TAIL),
    ({"language": "en"}, TAIL),
    ({"licence": "CC-BY-4.0"}, TAIL),
    ({"attribution": "Somebody"}, TAIL),
    ({"split": "test"}, TAIL),
    ({"direction": "ltr"}, {"pair", *AFTER_PAIR}),
    ({"colour": "keep"}, {"screen"}),
    ({"cap_unit": "single"}, {"pair", *AFTER_PAIR}),
    ({"cap": 500}, set()),
    ({"cap": 3}, ALL),
]


@pytest.mark.parametrize(
    ("values", "expected"), SERIES_FIELDS, ids=[str(v) for v, _ in SERIES_FIELDS]
)
def test_a_field_of_the_series(values: dict[str, Any], expected: set[str], plan: Plan) -> None:
    entry = plan.manifest.series[0].model_copy(update=values)
    assert reran(replace(plan, manifest=SeriesManifest(series=(entry,)))) == expected


def test_another_detector(plan: Plan) -> None:
    """The random detector of another seed: a model pin of its own and other boxes."""
    pin = (ModelPin(name="RandomSpec", revision="another"),)

    def pinned(stage: Stage) -> Stage:
        return replace(stage, models=pin) if stage.name == "detect" else stage

    assert reran(plan, pinned) == {"detect"}


@pytest.mark.parametrize("name", [*SERIES_STAGES, "shard"])
def test_another_version_of_a_stage_reruns_it_alone_if_it_answers_the_same(
    name: str, plan: Plan
) -> None:
    assert reran(plan, lambda s: replace(s, version=99) if s.name == name else s) == {name}


def test_the_text_of_the_prompt(plan: Plan) -> None:
    path = plan.manifests / "prompts" / "layout-template-v1.toml"
    path.write_text(path.read_text("utf-8").replace("Panel {number}", "Picture {number}"), "utf-8")
    assert reran(plan) == {"caption", *TAIL}


def test_a_comment_in_the_prompt(plan: Plan) -> None:
    path = plan.manifests / "prompts" / "layout-template-v1.toml"
    path.write_text(path.read_text("utf-8") + "\n# a word on it\n", "utf-8")
    assert reran(plan) == set()


def verdict(plan: Plan, *characters: str) -> None:
    line = {"id": "v1", "series": "own", "kind": "junk", "annotator": "ann"}
    path = plan.workspace.verdicts_path("own")
    path.parent.mkdir(exist_ok=True)
    path.write_text(json.dumps({**line, "characters": characters, "at": "2026-01-02T03:04:05Z"}))


def test_a_verdict(plan: Plan) -> None:
    seen = {c.id for s in samples(plan) for c in s.characters}
    verdict(plan, min(seen))
    assert reran(plan) == TAIL
    assert {c.id for s in samples(plan) for c in s.characters} == seen - {min(seen)}


def samples(plan: Plan) -> list[Any]:
    from pipeline.stages.tables import SAMPLES

    return plan.workspace.read(SAMPLES, ["own"])


def test_a_verdict_on_a_box_that_is_gone(plan: Plan) -> None:
    verdict(plan, "own/one/p001-002/character99")
    assert reran(plan) == {"assemble"}


def test_other_bytes_behind_a_page(plan: Plan, tmp_path: Path) -> None:
    draw_into(tmp_path / "other", {"one": 1}, seed=77)
    shutil.copy(tmp_path / "other/one/page1.png", tmp_path / "pages/one/page1.png")
    runs = run_all(plan)
    assert {name.split("/")[0] for name in worked(runs)} == ALL
    asked = {name.split("/")[0]: run.receipt.fresh for name, run in runs.items()}
    assert asked["fetch"] == asked["screen"] == asked["detect"] == asked["identify"] == 1
    assert asked["caption"] == 0, "boxes by lot do not depend on pixels"


def test_colour_pages_come_back_when_the_policy_keeps_them(clean: Plan, tmp_path: Path) -> None:
    mine = copied(clean, tmp_path / "work")
    keeping = SeriesManifest(series=(drawn_entry(colour="keep"), plain_entry()))
    asked = worked(run_all(replace(mine, manifest=keeping)))
    assert asked == {"shard", *(f"{name}/ink" for name in {"screen", *AFTER_SCREEN} - {"shard"})}


def test_a_touched_file(plan: Plan, tmp_path: Path) -> None:
    os.utime(tmp_path / "pages/one/page1.png", (1, 1))
    assert reran(plan) == {"resolve", "fetch"}


def test_irrelevant_changes(plan: Plan, tmp_path: Path) -> None:
    (tmp_path / "pages" / "notes.txt").write_text("no page")
    (tmp_path / "pages" / ".hidden.png").write_bytes(b"no page")
    (plan.manifests / "sample.toml").unlink()
    profile = plan.profile.model_copy(update={"name": "other", "workers": 7, "workspace": "x"})
    profile = with_part(
        replace(plan, profile=profile), "mangadex", {"quality": "data-saver", "consent": True}
    ).profile
    assert reran(replace(plan, profile=profile, faces_python="/nowhere/python")) == set()


def test_another_series_touches_the_shards_alone(plan: Plan) -> None:
    other = plain_entry()
    both = SeriesManifest(series=(*plan.manifest.series, other))
    assert worked(run_all(replace(plan, manifest=both))) == {
        "shard",
        *(f"{name}/reed" for name in SERIES_STAGES),
    }
    changed = SeriesManifest(series=(plan.manifest.series[0], plain_entry(licence="CC-BY-4.0")))
    assert worked(run_all(replace(plan, manifest=changed))) == {"assemble/reed", "shard"}
    assert worked(run_all(plan)) == {"shard"}
