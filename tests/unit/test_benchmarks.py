"""The benchmarks on miniatures: each runs, and gives the figures that it promises."""

from __future__ import annotations

import json
import re
import subprocess
import sys
import time
from pathlib import Path

import pytest

from benchmarks import all as everything
from benchmarks import detection_speed, noop_rerun, runner_overhead, shard_speed
from benchmarks.clock import Cost, cpu_seconds, repeated, timed, typical
from benchmarks.machine import PACKAGES, machine
from benchmarks.report import Aim, Measured
from benchmarks.stand_ins import build_empty_shards, build_rows
from benchmarks.workspaces import Drawn, drawn_plan
from pipeline.stages.tables import PANELS, SAMPLES, SHARDS
from pipeline.standing import standing_build
from schemas.receipts import DATASET_SCOPE

SPINNING = "import time; end = time.process_time() + 0.2\nwhile time.process_time() < end: pass"


def test_a_sleep_costs_wall_and_no_cpu() -> None:
    with timed() as cost:
        time.sleep(0.1)
    assert cost.wall >= 0.1
    assert cost.cpu < 0.09


def test_cpu_of_a_child_counts_while_it_lives_and_after() -> None:
    before = cpu_seconds()
    spin = f"{SPINNING}\nprint('spun', flush=True); input()"
    with subprocess.Popen(
        [sys.executable, "-c", spin], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    ) as child:
        assert child.stdout is not None
        child.stdout.readline()
        alive = cpu_seconds() - before
        child.communicate(b"\n")
    if sys.platform == "linux":
        assert alive >= 0.15
    assert cpu_seconds() - before >= 0.15


def test_the_median_forgets_one_slow_run() -> None:
    assert typical([Cost(1, 1), Cost(9, 2), Cost(2, 3)]) == Cost(2, 2)
    assert len(repeated(lambda: None, 4)) == 4


def test_machine_facts_are_whole_and_name_no_machine() -> None:
    facts = machine()
    assert set(facts["versions"]) == set(PACKAGES)  # type: ignore[call-overload]
    assert {"cores", "cpu", "memory_gb", "python", "load_at_start"} <= set(facts)
    assert not re.search(r"/(home|root|tmp|work)\b", json.dumps(facts))


@pytest.mark.parametrize(("value", "met"), [(0.5, True), (1.0, False), (2.0, False)])
def test_an_aim_says_whether_it_is_met(tmp_path: Path, value: float, met: bool) -> None:
    found = Measured("one", {}, {"x": value}, [("x", str(value))], [Aim("x", value, 1.0)])
    document = json.loads(found.write(tmp_path, {"cores": 2}).read_text())
    assert document["aims"] == [{"what": "x", "value": value, "below": 1.0, "met": met}]
    assert ("MISSED" in found.table()) is not met


def test_runner_overhead_gives_every_cost_of_an_item(tmp_path: Path) -> None:
    found = runner_overhead.measure(runner_overhead.Size(items=40, repeats=1), tmp_path)
    costs = ("run", "resumed", "standing", "pooled_run", "digest", "journal", "table")
    for name in costs:
        assert found.figures[name]["wall"] >= 0
    assert found.figures["run"]["wall"] > 0
    assert found.settings["pooled_items"] == 4
    assert sum(found.figures["cpu_shares_of_run"].values()) == pytest.approx(1)


def test_what_stand_ins_build_stands_for_the_declared_stages(tmp_path: Path) -> None:
    plan = drawn_plan(tmp_path, Drawn(series=2, pages=3))
    for slug in plan.slugs:
        build_rows(plan, slug)
    assert standing_build(plan) is None, "the shards are not there yet"
    build_empty_shards(plan)
    assert standing_build(plan) is not None
    assert len(plan.workspace.read(PANELS, plan.slugs)) == 2 * 3 * 6
    samples = plan.workspace.read(SAMPLES, plan.slugs)
    assert all(len(sample.characters) == len(sample.dialogs) == 1 for sample in samples)
    assert sum(shard.pages for shard in plan.workspace.read(SHARDS, [DATASET_SCOPE])) == 6
    assert not (plan.workspace.root / "blobs").exists()


def test_shard_speed_compares_on_single_and_on_double_pages(tmp_path: Path) -> None:
    size = shard_speed.Size(pages=3, joined_pages=4, repeats=1)
    figures = shard_speed.measure(size, tmp_path).figures
    assert figures["single_pages"]["page_images"] == 3
    assert figures["double_pages"]["page_images"] < 4
    for kind in ("single_pages", "double_pages"):
        rates = figures[kind]["mb_per_s"]
        assert set(rates) == {"shard_stage", "plain_copy", "webdataset", "tar_writer_alone"}
        assert all(rate > 0 for rate in rates.values())
        assert set(figures[kind]["times_as_long_as"]) == {"plain_copy", "webdataset"}


def test_only_one_benchmark_runs_when_one_is_named(tmp_path: Path) -> None:
    chosen = everything.Chosen(20, 1, 2, 1, 2, keep=False)
    (found,) = everything.run(chosen, "runner_overhead", tmp_path / "scratch", tmp_path / "results")
    assert found.name == "runner_overhead"
    assert [path.name for path in (tmp_path / "results").iterdir()] == ["runner_overhead.json"]
    assert not (tmp_path / "scratch").exists()


@pytest.mark.slow
def test_noop_rerun_times_every_command(tmp_path: Path) -> None:
    size = noop_rerun.Size(series=2, pages=3, repeats=1, workers=1)
    found = noop_rerun.measure(size, tmp_path)
    assert set(noop_rerun.COMMANDS) <= set(found.figures)
    assert found.figures["receipts"] == 2 * 8 + 1
    assert found.figures["ended_at_time_out"] == []
    assert found.figures["build_s"] > 0
    assert not list(tmp_path.iterdir()), "the workspace is removed"


@pytest.mark.slow
def test_detection_speed_knows_its_parts(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MANGAZERO_FACES_PYTHON", "")
    figures = detection_speed.measure(detection_speed.Size(pages=1), tmp_path).figures
    assert figures["faces_environment"] is False
    for language in ("ja", "en"):
        found = figures[language]
        assert found["pages_per_s_with_faces"] is None
        assert found["pages_per_s_without_faces"] > 0
        parts = found["parts_s_per_page"]
        assert 0 < parts["ocr"]["wall"] < found["s_per_page"]["wall"]
        assert parts["panels"]["wall"] > 0
        assert parts["faces"] is None
