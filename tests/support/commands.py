"""Runs the project's own commands as a user would: another process, files in, text out."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from tests.support.built import MANIFESTS

SMALL_MANIFEST = """
[[series]]
slug = "ink"
title = "Ink"
source.kind = "synthetic"
source.seed = 3
source.chapters = 1
source.pages_per_chapter = 4
source.page_width = 300
source.page_height = 430
source.specials = true
language = "ja"
direction = "rtl"
licence = "CC0-1.0"
attribution = "Ink"

[[series]]
slug = "reed"
title = "Reed"
source.kind = "synthetic"
source.seed = 9
source.chapters = 1
source.pages_per_chapter = 3
source.page_width = 300
source.page_height = 430
language = "en"
direction = "ltr"
licence = "CC0-1.0"
attribution = "Reed"
split = "val"
"""

SMALL_PROFILE = """
name = "small"
manifest = "small.toml"
workspace = "work/small"
screen = { min_side_px = 100 }
detect = { detector = "oracle" }
"""


@dataclass(frozen=True)
class Said:
    """What a command answered."""

    code: int
    out: str
    err: str


def small_manifests(folder: Path) -> Path:
    """A copy of manifests/ with the profile `small`: two drawn series and the oracle."""
    shutil.copytree(MANIFESTS, folder)
    (folder / "small.toml").write_text(SMALL_MANIFEST)
    (folder / "profiles" / "small.toml").write_text(SMALL_PROFILE)
    return folder


def say(*arguments: str | Path, manifests: Path, extra: Mapping[str, str] | None = None) -> Said:
    """Runs `python -m <arguments>`; faces are left out, the environment is otherwise ours."""
    environment = {
        **os.environ,
        "MANGAZERO_MANIFESTS": str(manifests),
        "MANGAZERO_FACES_PYTHON": "",
        "COLUMNS": "120",
        **(extra or {}),
    }
    done = subprocess.run(
        [sys.executable, "-m", *map(str, arguments)],
        env=environment,
        capture_output=True,
        text=True,
        timeout=400,
        check=False,
    )
    return Said(done.returncode, done.stdout, done.stderr)
