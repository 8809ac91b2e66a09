"""The flow on a real Prefect server: what `make shards` runs."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from pipeline.core.workspace import Workspace
from tests.support.built import product
from tests.support.commands import Said, say, small_manifests

pytestmark = pytest.mark.prefect


@pytest.fixture(scope="module")
def manifests(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return small_manifests(tmp_path_factory.mktemp("intent") / "manifests")


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """A Prefect home of the test's own, so that the first start is a cold one."""
    return {"PREFECT_HOME": str(tmp_path_factory.mktemp("prefect"))}


def shards(work: Path, manifests: Path, home: dict[str, str], *more: str) -> Said:
    options = ("--profile", "small", "--work", work, "--workers", "0", *more)
    return say("flows.shards", *options, manifests=manifests, extra=home)


def test_the_flow_gives_what_the_bare_stages_give(
    tmp_path: Path, manifests: Path, home: dict[str, str]
) -> None:
    first = shards(tmp_path / "flow", manifests, home)
    assert first.code == 0, first.err
    assert "Prefect server ready" in first.out
    assert "sha256" in first.out
    bare = say("pipeline.cli.main", "run", "--profile", "small", "--workers", "0",
               "--work", tmp_path / "bare", manifests=manifests)  # fmt: skip
    assert bare.code == 0, bare.err
    assert product(Workspace(tmp_path / "flow")) == product(Workspace(tmp_path / "bare"))

    started = time.monotonic()
    second = shards(tmp_path / "flow", manifests, home)
    assert second.code == 0
    assert "Everything is done already" in second.out
    assert "Prefect" not in second.out
    assert time.monotonic() - started < 30


def test_a_killed_flow_is_continued_with_the_same_bytes(
    tmp_path: Path, manifests: Path, home: dict[str, str]
) -> None:
    work = tmp_path / "killed"
    environment = {**os.environ, **home, "MANGAZERO_MANIFESTS": str(manifests)}
    command = [sys.executable, "-m", "flows.shards", "--profile", "small", "--work", str(work)]
    with subprocess.Popen(
        [*command, "--workers", "0"], env=environment, stdout=subprocess.DEVNULL
    ) as run:
        deadline = time.monotonic() + 200
        while not (work / "receipts" / "screen").exists():
            assert run.poll() is None, "the run ended before it could be killed"
            assert time.monotonic() < deadline
            time.sleep(0.01)
        run.send_signal(signal.SIGKILL)
    assert shards(work, manifests, home).code == 0
    undisturbed = tmp_path / "undisturbed"
    bare = say("pipeline.cli.main", "run", "--profile", "small", "--workers", "0",
               "--work", undisturbed, manifests=manifests)  # fmt: skip
    assert bare.code == 0
    assert product(Workspace(work)) == product(Workspace(undisturbed))


def test_one_bad_series_does_not_stop_the_others(
    tmp_path: Path, manifests: Path, home: dict[str, str]
) -> None:
    own = small_manifests(tmp_path / "manifests")
    profile = own / "profiles" / "small.toml"
    profile.write_text(profile.read_text().replace("oracle", "random"))
    with (own / "small.toml").open("a") as file:
        file.write(
            '[[series]]\nslug = "gone"\ntitle = "Gone"\nlanguage = "ja"\ndirection = "rtl"\n'
            'licence = "x"\nattribution = ""\n'
            f'source = {{ kind = "folder", path = "{tmp_path}/no" }}\n'
        )
    said = shards(tmp_path / "work", own, home)
    assert said.code == 3
    assert "there is no such folder" in said.err
    assert len(said.err.strip().splitlines()) == 1
    assert (tmp_path / "work" / "shards" / "index.json").exists()
