"""Manifests that ask for everything that an emulated site holds, and where it lies afterwards."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final

from pipeline.cli.opening import CHECKOUT
from pipeline.core.blobs import Blobs
from pipeline.core.errors import BadItem
from pipeline.core.workspace import Workspace
from pipeline.manifests import load_profile, load_series
from pipeline.stages.tables import PAGES, PLAN
from pipeline.wiring import Plan

if TYPE_CHECKING:  # the client under measure must not carry the emulator along
    from tests.support.mangadex.corpus import Corpus

PROFILE: Final = "bench"

_PROFILE = """\
name = "bench"
manifest = "bench.toml"
workspace = "work/bench"

[mangadex]
api_url = "{api}"
report_url = "{report}"
allow_loopback = true
api_interval_s = {api_interval}
at_home_interval_s = {at_home_interval}
"""

_SERIES = """\
[[series]]
slug = "bench-{number:03d}"
title = "{title}"
source = {{ kind = "mangadex", manga = "{manga}" }}
language = "en"
direction = "rtl"
cap = {pages}
cap_unit = "single"
licence = "LicenseRef-unknown"
attribution = "MangaDex"
"""


@dataclass(frozen=True)
class Site:
    """Where an emulator listens. `has_limits`: it keeps the documented limits, so we do too."""

    api: str
    report: str
    has_limits: bool = False


@dataclass(frozen=True)
class Place:
    """A scratch folder with manifests that name every series of a corpus, and a workspace."""

    root: Path

    @property
    def manifests(self) -> Path:
        return self.root / "manifests"

    @property
    def workspace(self) -> Workspace:
        return Workspace(self.root / "workspace")

    @property
    def environment(self) -> dict[str, str]:
        """For our commands: this place's manifests, and its own book of request slots."""
        own = {
            "MANGAZERO_MANIFESTS": str(self.manifests),
            "MANGAZERO_LIMITS_DIR": str(self.root / "limits"),
        }
        return {**os.environ, **own}

    def plan(self) -> Plan:
        return Plan(
            profile=load_profile(self.manifests, PROFILE),
            manifest=load_series(self.manifests / "bench.toml"),
            manifest_path=self.manifests / "bench.toml",
            workspace=self.workspace,
            manifests=self.manifests,
        )

    def pages(self) -> Iterator[tuple[str, int, str]]:
        """(chapter id, page from 1, sha256) of every row whose bytes are whole on the disk."""
        plan, blobs = self.plan(), Blobs(self.workspace)
        for slug in plan.slugs:
            if not self.workspace.table_path(PAGES, slug).exists():
                continue
            locators = {page.id: page.locator for page in self.workspace.read(PLAN, [slug])}
            for row in self.workspace.read(PAGES, [slug]):
                chapter, _, number = locators[row.id].partition("/")
                with suppress(BadItem):
                    blobs.get(row.sha256)
                    yield chapter, int(number), row.sha256


def settle(root: Path, corpus: Corpus, site: Site) -> Place:
    """Writes the manifests; whatever was at `root` is gone."""
    shutil.rmtree(root, ignore_errors=True)
    place = Place(root)
    shutil.copytree(CHECKOUT / "manifests", place.manifests)
    (place.manifests / "tombstones.toml").unlink(missing_ok=True)
    profile = _PROFILE.format(
        api=site.api,
        report=site.report,
        api_interval=0.25 if site.has_limits else 0,
        at_home_interval=1.52 if site.has_limits else 0,
    )
    (place.manifests / "profiles" / f"{PROFILE}.toml").write_text(profile)
    entries = [
        _SERIES.format(
            number=number,
            title=series.title,
            manga=series.id,
            pages=sum(len(chapter.pictures) for chapter in series.chapters),
        )
        for number, series in enumerate(corpus.series)
    ]
    (place.manifests / "bench.toml").write_text("\n".join(entries))
    return place
