"""The one place that knows every concrete part: from a profile to declared stages."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Final

from pipeline.core.blobs import Blobs
from pipeline.core.errors import BadConfig, NotPlanned
from pipeline.core.stage import Stage
from pipeline.core.workspace import Workspace
from pipeline.manga.rights import Withheld, withheld_chapters
from pipeline.manifests import load_prompt
from pipeline.model_pins import classical_pins, drawn_pins
from pipeline.ports.detectors import ClassicalSpec, OracleSpec, RandomSpec
from pipeline.ports.drawn import DrawnSource, spec_of
from pipeline.ports.folder import FolderSource
from pipeline.ports.frozen_plans import read_frozen_plan
from pipeline.ports.mangadex.past import past_of
from pipeline.ports.mangadex.session import MangaDexSession
from pipeline.ports.mangadex.source import MangaDexSource
from pipeline.ports.protocols import DetectorSpec, Source
from pipeline.ports.verdict_log import read_verdicts
from pipeline.stages.assemble import SeriesTerms, assemble
from pipeline.stages.caption import CaptionRule, caption
from pipeline.stages.detect import detect
from pipeline.stages.fetch import FetchParams, fetch
from pipeline.stages.identify import identify
from pipeline.stages.pair import PairRule, pair
from pipeline.stages.resolve import resolve
from pipeline.stages.screen import ScreenDecision, screen
from pipeline.stages.shard import shard
from schemas.mangadex import FrozenPlan, Tombstones
from schemas.profile import Profile
from schemas.series import MangaDexSource as MangaDexEntry
from schemas.series import SeriesEntry, SeriesManifest, SyntheticSource

SERIES_STAGES: Final = (
    "resolve",
    "fetch",
    "screen",
    "pair",
    "detect",
    "identify",
    "caption",
    "assemble",
)
"""In the order in which they run; `shard` comes after them, over all series."""


@dataclass(frozen=True)
class Plan:
    """A profile made concrete: what is built, where, and with what."""

    profile: Profile
    manifest: SeriesManifest
    manifest_path: Path
    workspace: Workspace
    manifests: Path
    faces_python: str = ""
    tombstones: Tombstones = field(default_factory=Tombstones)
    session: MangaDexSession | None = None

    @cached_property
    def mangadex(self) -> MangaDexSession:
        """The one client of this plan; nothing is sent before it is asked something."""
        return self.session or MangaDexSession(self.profile.mangadex)

    def close(self) -> None:
        """Says goodbye to MangaDex, if it was ever asked."""
        if "mangadex" in vars(self):
            self.mangadex.close()

    @property
    def blobs(self) -> Blobs:
        return Blobs(self.workspace)

    @property
    def slugs(self) -> tuple[str, ...]:
        return tuple(entry.slug for entry in self.manifest.series)

    def entry(self, slug: str) -> SeriesEntry:
        """The series of that slug. Raises BadConfig, naming those there are."""
        for entry in self.manifest.series:
            if entry.slug == slug:
                return entry
        raise BadConfig(f"no series '{slug}' in {self.manifest_path}: {', '.join(self.slugs)}")


def series_stage(plan: Plan, entry: SeriesEntry, name: str) -> Stage:
    """The declared stage of one series. Raises what its source or verdict log raises."""
    return _FACTORIES[name](plan, entry)


def shard_stage(plan: Plan, series: tuple[str, ...]) -> Stage:
    """The stage over the series that are assembled."""
    return shard(series, plan.workspace, plan.blobs, plan.profile.shard)


def source_of(plan: Plan, entry: SeriesEntry) -> Source:
    """Where the pages of a series come from. Raises NotPlanned where a plan has to be frozen."""
    if isinstance(entry.source, SyntheticSource):
        return DrawnSource(spec_of(entry, entry.source), entry.page_cap)
    if isinstance(entry.source, MangaDexEntry):
        return _mangadex_source(plan, entry)
    folder = (plan.manifest_path.parent / entry.source.path).resolve()
    return FolderSource(entry.slug, folder, entry.page_cap)


def frozen_plan_of(plan: Plan, slug: str) -> FrozenPlan:
    """The page plan of a MangaDex series. Raises NotPlanned if there is none yet."""
    frozen = read_frozen_plan(plan.workspace.frozen_plan_path(slug))
    if frozen is None:
        raise NotPlanned(f"{slug}: no pages are planned yet: mangazero plan chooses them")
    return frozen


def withheld_of(plan: Plan, entry: SeriesEntry) -> dict[str, Withheld]:
    """Chapters of a series that must not be used, and why."""
    if not isinstance(entry.source, MangaDexEntry):
        return {}
    frozen = read_frozen_plan(plan.workspace.frozen_plan_path(entry.slug))
    if frozen is None:
        return {}
    gone = past_of(plan.workspace.fetch_log_path(entry.slug)).gone
    return withheld_chapters(frozen, plan.tombstones, gone)


def _mangadex_source(plan: Plan, entry: SeriesEntry) -> Source:
    stones = plan.tombstones
    return MangaDexSource(
        series=entry.slug,
        frozen=frozen_plan_of(plan, entry.slug),
        session=plan.mangadex,
        log_path=plan.workspace.fetch_log_path(entry.slug),
        taken_down=frozenset((*stones.manga, *stones.chapter, *stones.group)),
    )


def _resolve(plan: Plan, entry: SeriesEntry) -> Stage:
    return resolve(entry.slug, source_of(plan, entry))


def _fetch(plan: Plan, entry: SeriesEntry) -> Stage:
    is_mangadex = isinstance(entry.source, MangaDexEntry)
    params = FetchParams(
        max_pixels=plan.profile.screen.max_pixels,
        quality=plan.profile.mangadex.quality if is_mangadex else "",
    )
    withheld = withheld_of(plan, entry)
    taken_down = [name for name, why in withheld.items() if why is Withheld.TAKEN_DOWN]
    return fetch(entry.slug, source_of(plan, entry), plan.blobs, params, taken_down)


def _screen(plan: Plan, entry: SeriesEntry) -> Stage:
    decision = ScreenDecision(
        limits=plan.profile.screen, colour=entry.colour, withheld=withheld_of(plan, entry)
    )
    return screen(entry.slug, plan.blobs, decision)


def _pair(plan: Plan, entry: SeriesEntry) -> Stage:
    joins = entry.cap_unit == "double"
    rule = PairRule(params=plan.profile.pair, direction=entry.direction, joins=joins)
    return pair(entry.slug, rule)


def _detect(plan: Plan, entry: SeriesEntry) -> Stage:
    spec = detector_of(plan, entry)
    pins = (
        classical_pins(plan.manifests, spec)
        if isinstance(spec, ClassicalSpec)
        else drawn_pins(spec)
    )
    return detect(entry.slug, spec, pins, plan.blobs, plan.profile.detect)


def _identify(plan: Plan, entry: SeriesEntry) -> Stage:
    return identify(entry.slug, plan.blobs, plan.profile.identify)


def _caption(plan: Plan, entry: SeriesEntry) -> Stage:
    params = plan.profile.caption
    return caption(
        entry.slug, CaptionRule(params=params, prompt=load_prompt(plan.manifests, params.prompt))
    )


def _assemble(plan: Plan, entry: SeriesEntry) -> Stage:
    terms = SeriesTerms(
        title=entry.title,
        language=entry.language,
        direction=entry.direction,
        licence=entry.licence,
        attribution=entry.attribution,
        split=entry.split,
    )
    return assemble(entry.slug, terms, read_verdicts(plan.workspace.verdicts_path(entry.slug)))


_FACTORIES: Final[dict[str, Callable[[Plan, SeriesEntry], Stage]]] = {
    "resolve": _resolve,
    "fetch": _fetch,
    "screen": _screen,
    "pair": _pair,
    "detect": _detect,
    "identify": _identify,
    "caption": _caption,
    "assemble": _assemble,
}


def detector_of(plan: Plan, entry: SeriesEntry) -> DetectorSpec:
    """The detector of the profile for this series. Raises BadConfig for oracle on real pages."""
    choice = plan.profile.detect
    if choice.detector == "oracle":
        if not isinstance(entry.source, SyntheticSource):
            raise BadConfig(
                f'profile {plan.profile.name}: detect.detector = "oracle" reads the truth of '
                f'drawn series, and {entry.slug} is none; use "classical"'
            )
        return OracleSpec(spec_of(entry, entry.source))
    if choice.detector == "random":
        return RandomSpec()
    return ClassicalSpec(plan.faces_python if choice.faces else "")
