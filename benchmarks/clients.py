"""The downloaders under measure, each as a process of its own with a folder of its own."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

from benchmarks.catalogued import PROFILE, Site, settle
from benchmarks.collected import Judged, judge, numbered_files, page_files, sha256s_of
from pipeline.cli.opening import CHECKOUT
from pipeline.core.hashing import sha256_of_file
from tests.support.mangadex.corpus import Corpus

OURS: Final = "mangazero"
PEERS: Final = {
    "gallery-dl": "with_gallery_dl.py",
    "mangadex-downloader": "with_mangadex_downloader.py",
    "hondana": "with_hondana.py",
}
_FIRST_PAGE: Final = {"mangadex-downloader": 0}
"""What a downloader calls page 1, where that is not 1."""
_TIMEOUT_S: Final = 90


@dataclass(frozen=True)
class Ran:
    """One run. Seconds: `wall` of the whole process, `inside` from the ready downloader on."""

    wall: float
    inside: float
    code: int | None
    said: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Task:
    """One site of one series, and a scratch folder for whoever downloads it."""

    site: Site
    corpus: Corpus
    folder: Path

    @property
    def expected(self) -> list[str]:
        return [sha256 for chapter in self.corpus.chapters for sha256 in sha256s_of(chapter)]


def run_peer(name: str, python: Path, task: Task) -> Ran:
    """Downloads the series into task.folder, anew."""
    shutil.rmtree(task.folder, ignore_errors=True)
    task.folder.mkdir(parents=True)
    script = Path(__file__).with_name("peers") / PEERS[name]
    asked = {
        "api": task.site.api,
        "report": task.site.report,
        "manga": task.corpus.series[0].id,
        "into": str(task.folder),
    }
    return _run([str(python), str(script), *_options(asked)])


def run_ours(task: Task) -> Ran:
    """`mangazero fetch`, the whole command."""
    place = settle(task.folder, task.corpus, task.site)
    work = ["--profile", PROFILE, "--work", str(place.workspace.root)]
    command = [sys.executable, "-m", "pipeline.cli.main", "fetch", *work]
    return _run(command, place.environment)


def run_ours_inside(task: Task, **more: object) -> Ran:
    """The same stages in a process that times them from inside."""
    place = settle(task.folder, task.corpus, task.site)
    asked = {"root": str(place.root), **{name: str(value) for name, value in more.items()}}
    command = [sys.executable, "-m", "benchmarks.download_client", *_options(asked)]
    return _run(command, place.environment, timeout=None)


def pages_of_peer(task: Task) -> set[str]:
    """The sha256 of every file that it left."""
    return {sha256_of_file(path) for path in page_files(task.folder)}


def judged_peer(name: str, task: Task) -> Judged:
    """For a series of one chapter."""
    return judge(numbered_files(task.folder, _FIRST_PAGE.get(name, 1)), task.expected)


def has_peers(python: Path | None) -> bool:
    """Whether that interpreter has every peer."""
    if python is None:
        return False
    names = "gallery_dl, mangadex_downloader, hondana"
    asked = [str(python), "-W", "ignore", "-c", f"import {names}"]
    try:
        return subprocess.run(asked, capture_output=True, check=False).returncode == 0
    except OSError:
        return False


def _options(asked: dict[str, str]) -> list[str]:
    return [part for name, value in asked.items() for part in (f"--{name}", value)]


def _run(
    command: list[str],
    environment: dict[str, str] | None = None,
    timeout: float | None = _TIMEOUT_S,
) -> Ran:
    """Runs to the end or to the time-out, when code is None."""
    began = time.perf_counter()
    try:
        done = subprocess.run(
            command,
            env=environment,
            cwd=CHECKOUT,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=timeout,
            check=False,
        )
    except subprocess.TimeoutExpired:
        return Ran(time.perf_counter() - began, 0.0, None)
    wall = time.perf_counter() - began
    said = _last_document(done.stdout)
    said |= {"stderr": done.stderr[-2000:]}
    code = said.get("code")
    return Ran(
        wall, said.get("download_s", wall), code if isinstance(code, int) else done.returncode, said
    )


def _last_document(text: str) -> dict[str, Any]:
    """The JSON of the last line, if it is that."""
    last = text.strip().rpartition("\n")[2]
    try:
        found = json.loads(last)
    except ValueError:
        return {}
    return found if isinstance(found, dict) else {}
