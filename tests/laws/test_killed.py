"""A real kill -9 loses nothing that was answered, and the next run gives the clean bytes."""

from __future__ import annotations

import random
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from pipeline.core.engine import LocalEngine
from pipeline.core.lock import workspace_lock
from tests.support.built import plan_for, product, run_all
from tests.support.engines import CountingEngine

ROOT = Path(__file__).resolve().parents[2]


def build(root: Path, *arguments: object) -> subprocess.Popen[bytes]:
    command = [sys.executable, "-m", "tests.support.build_until_killed", str(root)]
    return subprocess.Popen([*command, *map(str, arguments)], cwd=ROOT, start_new_session=True)


@pytest.mark.parametrize(("stage", "after"), [("fetch", 5), ("detect", 2), ("shard", 3)])
def test_killed_at_an_outcome(
    stage: str, after: int, tmp_path: Path, clean_product: dict[str, str]
) -> None:
    process = build(tmp_path / "work", stage, after, 0)
    assert process.wait(60) == -signal.SIGKILL
    plan, engine = plan_for(tmp_path / "work"), CountingEngine()
    with workspace_lock(plan.workspace):
        runs = run_all(plan, engine)
    interrupted = runs["shard" if stage == "shard" else f"{stage}/ink"].receipt
    assert interrupted.items - interrupted.fresh == after
    assert product(plan.workspace) == clean_product


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(6))
def test_killed_at_any_instant_with_worker_processes(
    seed: int, tmp_path: Path, clean_product: dict[str, str]
) -> None:
    """From outside, while worker processes detect and write shards; again and again."""
    dice = random.Random(seed)
    for _ in range(3):
        process = build(tmp_path / "work", "none", 0, 2)
        time.sleep(dice.uniform(2, 9))
        process.kill()
        assert process.wait(60) in (0, -signal.SIGKILL)
    plan = plan_for(tmp_path / "work")
    with workspace_lock(plan.workspace), LocalEngine(2) as engine:
        run_all(plan, engine)
    assert product(plan.workspace) == clean_product
