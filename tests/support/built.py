"""Small datasets to build in tests: what is asked for, the run of it, and its bytes."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from pipeline.build import assembled
from pipeline.core.engine import Engine, LocalEngine
from pipeline.core.hashing import sha256_of_file
from pipeline.core.progress import Progress
from pipeline.core.runner import StageRun, run_stage
from pipeline.core.stage import Stage
from pipeline.core.workspace import Workspace
from pipeline.synthetic.series import SyntheticSeries
from pipeline.synthetic.spec import SeriesSpec
from pipeline.wiring import SERIES_STAGES, Plan, series_stage, shard_stage
from schemas.profile import Profile
from schemas.series import FolderSource, SeriesEntry, SeriesManifest, SyntheticSource

MANIFESTS = Path(__file__).resolve().parents[2] / "manifests"
STAGES = (*SERIES_STAGES, "shard")
SMALL_SHARDS = 60_000
"""Bytes; cuts the few pages of a test over several tars."""

Alter = Callable[[Stage], Stage]


def unaltered(stage: Stage) -> Stage:
    return stage


def drawn_entry(slug: str = "ink", **changes: Any) -> SeriesEntry:
    """A small right-to-left series with the chapter of specials; `source` keys may be changed."""
    source = {"seed": 3, "chapters": 1, "pages_per_chapter": 4, "specials": True}
    size = {"page_width": 300, "page_height": 430, "hardness": 1}
    asked = {**source, **size, **changes.pop("source", {})}
    return _entry(slug, SyntheticSource(kind="synthetic", **asked), changes)


def plain_entry(slug: str = "reed", **changes: Any) -> SeriesEntry:
    """A left-to-right series of three plain pages, in the split `val`."""
    source = {"seed": 9, "pages_per_chapter": 3, "specials": False, **changes.pop("source", {})}
    terms = {"direction": "ltr", "language": "en", "split": "val", "attribution": "Reed"}
    return drawn_entry(slug, source=source, **{**terms, **changes})


def folder_entry(folder: Path, slug: str = "own", **changes: Any) -> SeriesEntry:
    return _entry(slug, FolderSource(kind="folder", path=str(folder)), changes)


def _entry(
    slug: str, source: SyntheticSource | FolderSource, changes: dict[str, Any]
) -> SeriesEntry:
    terms: dict[str, Any] = {
        "title": slug.title(),
        "language": "ja",
        "direction": "rtl",
        "licence": "CC0-1.0",
        "attribution": "Ink",
    }
    return SeriesEntry(slug=slug, source=source, **{**terms, **changes})


def small_profile(**changes: Mapping[str, Any]) -> Profile:
    """The oracle, limits that fit small pages, small shards; each part may be changed."""
    parts: dict[str, dict[str, Any]] = {
        "screen": {"min_side_px": 100},
        "detect": {"detector": "oracle"},
        "shard": {"target_bytes": SMALL_SHARDS},
    }
    for part, values in changes.items():
        parts[part] = {**parts.get(part, {}), **values}
    return Profile.model_validate(
        {"name": "laws", "manifest": "laws.toml", "workspace": "work/laws", **parts}
    )


def plan_for(
    root: Path,
    entries: Sequence[SeriesEntry] | None = None,
    profile: Profile | None = None,
    manifests: Path = MANIFESTS,
) -> Plan:
    """The plan of a workspace at `root`; by default the two small series."""
    series = tuple(entries) if entries is not None else (drawn_entry(), plain_entry())
    manifest = SeriesManifest(series=series)
    path = root.parent / "laws.toml"
    return Plan(profile or small_profile(), manifest, path, Workspace(root), manifests)


def stage_of(plan: Plan, name: str, slug: str = "ink") -> Stage:
    """The stage as the wiring declares it; `shard` over all series."""
    if name == "shard":
        return shard_stage(plan, plan.slugs)
    return series_stage(plan, plan.entry(slug), name)


def run_all(
    plan: Plan,
    engine: Engine | None = None,
    alter: Alter = unaltered,
    progress: Progress | None = None,
) -> dict[str, StageRun]:
    """Every stage of every series, as `build` runs them; keys are "stage" or "stage/slug"."""
    engine = engine or LocalEngine(0)
    runs: dict[str, StageRun] = {}
    for slug in plan.slugs:
        for name in SERIES_STAGES:
            stage = alter(stage_of(plan, name, slug))
            runs[f"{name}/{slug}"] = run_stage(stage, plan.workspace, engine, progress)
    shard = alter(shard_stage(plan, tuple(assembled(plan, plan.slugs))))
    runs["shard"] = run_stage(shard, plan.workspace, engine, progress)
    return runs


def worked(runs: Mapping[str, StageRun]) -> set[str]:
    """The stages that did not stand."""
    return {name for name, run in runs.items() if not run.was_done}


def product(workspace: Workspace) -> dict[str, str]:
    """Path -> sha256 of every table and every file among the shards: what has to be repeatable."""
    return {
        workspace.relative(path): sha256_of_file(path)
        for folder in (workspace.root / "tables", workspace.shards_folder)
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }


def copied(plan: Plan, root: Path) -> Plan:
    """The same plan on a copy of its workspace."""
    shutil.copytree(plan.workspace.root, root)
    return replace(plan, workspace=Workspace(root))


def undone(plan: Plan, name: str, slug: str) -> Plan:
    """Takes away what the stage made, as if it had never run; what others made stays."""
    scope = "_dataset" if name == "shard" else slug
    root = plan.workspace.root
    plan.workspace.receipt_path(name, scope).unlink()
    shutil.rmtree(root / "tables" / name / scope)
    shutil.rmtree(root / "journal" / name / scope)
    if name == "shard":
        shutil.rmtree(plan.workspace.shards_folder)
    return plan


def draw_into(folder: Path, chapters: Mapping[str, int], seed: int = 5) -> Path:
    """Draws that many pages into each sub-folder ("" is the folder itself); existing ones stay."""
    spec = SeriesSpec("own", seed, len(chapters), 40, page_width=300, page_height=430)
    series = SyntheticSeries(spec)
    for index, (chapter, pages) in enumerate(chapters.items(), start=1):
        (folder / chapter).mkdir(parents=True, exist_ok=True)
        for number in range(1, pages + 1):
            path = folder / chapter / f"page{number}.png"
            if not path.exists():
                path.write_bytes(series.draw(f"c{index:04d}", number).png_or_jpeg)
    return folder
