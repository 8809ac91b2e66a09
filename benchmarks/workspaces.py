"""Manifests that the benchmarks write for themselves: series that the project draws."""

from __future__ import annotations

import shutil
from dataclasses import dataclass
from math import ceil
from pathlib import Path
from typing import Final

from pipeline.cli.opening import CHECKOUT
from pipeline.core.workspace import Workspace
from pipeline.manifests import load_profile, load_series
from pipeline.wiring import Plan

PROFILE: Final = "bench"
PAGES_A_CHAPTER: Final = 25

_PROFILE = """\
name = "bench"
manifest = "bench.toml"
workspace = "work/bench"

[detect]
detector = "random"

[shard]
target_bytes = {target_bytes}
"""

_SERIES = """\
[[series]]
slug = "bench-{number:03d}"
title = "Bench {number}"
language = "{language}"
direction = "{direction}"
cap = {pages}
cap_unit = "{unit}"
licence = "CC0-1.0"
attribution = "Drawn by mangazero"

[series.source]
kind = "synthetic"
seed = {number}
chapters = {chapters}
pages_per_chapter = {pages_per_chapter}
page_width = {width}
page_height = {height}
"""


@dataclass(frozen=True)
class Drawn:
    """So many series of so many single pages, of `width` x `height` pixels.

    Series are Japanese and English in turn. `joined` makes double pages of the single ones.
    """

    series: int
    pages: int
    joined: bool = False
    width: int = 700
    height: int = 1000


def drawn_plan(root: Path, drawn: Drawn, target_bytes: int = 384_000_000) -> Plan:
    """The plan of those series; nothing is drawn yet.

    Manifests lie in root/manifests, the workspace is root/workspace. A shard is cut at about
    `target_bytes`.
    """
    manifests = root / "manifests"
    shutil.copytree(CHECKOUT / "manifests", manifests, dirs_exist_ok=True)
    entries = [_entry(number, drawn) for number in range(drawn.series)]
    (manifests / "bench.toml").write_text("\n".join(entries))
    (manifests / "profiles" / "bench.toml").write_text(_PROFILE.format(target_bytes=target_bytes))
    return Plan(
        profile=load_profile(manifests, PROFILE),
        manifest=load_series(manifests / "bench.toml"),
        manifest_path=manifests / "bench.toml",
        workspace=Workspace(root / "workspace"),
        manifests=manifests,
    )


def _entry(number: int, drawn: Drawn) -> str:
    per_chapter = min(drawn.pages, PAGES_A_CHAPTER)
    return _SERIES.format(
        number=number,
        language="en" if number % 2 else "ja",
        direction="ltr" if number % 2 else "rtl",
        pages=ceil(drawn.pages / 2) if drawn.joined else drawn.pages,
        unit="double" if drawn.joined else "single",
        chapters=ceil(drawn.pages / per_chapter),
        pages_per_chapter=per_chapter,
        width=drawn.width,
        height=drawn.height,
    )
