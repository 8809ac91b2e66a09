"""A finished workspace in about a second: one drawn series with the oracle in place of a detector.

Chapter 1 has four story pages. Chapter 2 has the pages that a screen must judge: among others
p005 truncated, p006 nearly blank, p007 a spread, p008 in colour.
"""

from __future__ import annotations

from pathlib import Path

from pipeline.build import build
from pipeline.core.engine import LocalEngine
from pipeline.core.progress import Silent
from pipeline.core.workspace import Workspace
from pipeline.wiring import Plan
from schemas.profile import DetectParams, Profile, ShardParams
from schemas.series import SeriesEntry, SeriesManifest, SyntheticSource

MANIFESTS = Path(__file__).resolve().parents[2] / "manifests"

ENTRY = SeriesEntry(
    slug="ink",
    title="Ink & <Paper>",
    source=SyntheticSource(
        kind="synthetic",
        seed=3,
        chapters=1,
        pages_per_chapter=4,
        page_width=400,
        page_height=560,
        specials=True,
    ),
    language="ja",
    direction="rtl",
    licence="CC0-1.0",
    attribution="A <b>person</b>",
)


def small_plan(root: Path, *more: SeriesEntry) -> Plan:
    """One series, tars of at most 100 kB, everything below `root`."""
    profile = Profile(
        name="small",
        manifest="small.toml",
        workspace="work",
        detect=DetectParams(detector="oracle"),
        shard=ShardParams(target_bytes=100_000),
    )
    manifest = SeriesManifest(series=(ENTRY, *more))
    return Plan(profile, manifest, root / "small.toml", Workspace(root / "work"), MANIFESTS)


def small_build(root: Path) -> Plan:
    """The plan, built."""
    plan = small_plan(root)
    with LocalEngine(0) as engine:
        build(plan, engine, Silent())
    return plan
