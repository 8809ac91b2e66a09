"""Page plans of MangaDex series: asked of the catalogue once, frozen, made anew only on request."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Final

from pipeline.amending import amend
from pipeline.availability import availability
from pipeline.catalogue import refusal
from pipeline.core.errors import (
    BadConfig,
    Retryable,
    SeriesGone,
    SeriesRefused,
    SeriesUnanswered,
)
from pipeline.manga.chapters import ChoiceRule, choose
from pipeline.manga.page_plan import differences, frozen_plan, gone_plan
from pipeline.ports.frozen_plans import read_frozen_plan, sound_plan, write_frozen_plan
from pipeline.ports.protocols import Catalogue
from pipeline.wiring import Plan
from schemas.mangadex import FrozenPlan, PlanTerms, SeriesFacts
from schemas.profile import Profile
from schemas.series import MangaDexSource, SeriesEntry

__all__ = [
    "Renewal",
    "amend",
    "availability",
    "frozen_or_made",
    "renew",
    "terms_of",
]

ASK_AGAIN_AFTER: Final = timedelta(hours=24)
"""For so long nobody asks again for a series that was gone."""


@dataclass(frozen=True)
class Renewal:
    """A plan made on request; `before` is None where there was none. `lines` say the change."""

    before: FrozenPlan | None
    after: FrozenPlan
    lines: tuple[str, ...]


def source_of_entry(entry: SeriesEntry, manifest: Path) -> MangaDexSource:
    """The MangaDex source of an entry. Raises BadConfig if it is another kind, or still empty."""
    if not isinstance(entry.source, MangaDexSource):
        raise BadConfig(f"{manifest}: {entry.slug} is not from MangaDex: it needs no page plan")
    if not entry.source.manga:
        raise BadConfig(
            f"{manifest}: {entry.slug} is still empty: fill it with mangazero series add, "
            "or write the whole file with mangazero series discover"
        )
    return entry.source


def terms_of(entry: SeriesEntry, profile: Profile) -> PlanTerms:
    """What a plan of this series depends on. Raises BadConfig for an empty template entry."""
    source = source_of_entry(entry, Path(profile.manifest))
    return PlanTerms(
        manga=source.manga,
        language=entry.language,
        cap=entry.cap,
        cap_unit=entry.cap_unit,
        cover=profile.pair.cover,
        groups=source.groups,
        official=source.official,
    )


def frozen_or_made(
    plan: Plan, entry: SeriesEntry, catalogue: Catalogue, now: datetime
) -> FrozenPlan:
    """The frozen plan, or one that is made and frozen now.

    Raises BadConfig where the frozen one was made for other terms, or where the series is refused;
    SeriesUnanswered where the catalogue gives no answer, and what else it raises.
    """
    source_of_entry(entry, plan.manifest_path)
    before = read_frozen_plan(plan.workspace.frozen_plan_path(entry.slug))
    terms = terms_of(entry, plan.profile)
    if before is None or _may_be_back(before, terms, now):
        return _made(plan, entry, catalogue, now)
    if before.terms == terms:
        return before
    if before.gone_at:  # nothing that other terms could spoil
        return _kept(plan, gone_plan(entry.slug, entry.title, terms, before.gone_at))
    raise SeriesRefused(
        f"{entry.slug}: its pages were planned for {_changed(before.terms, terms)}: "
        f"mangazero plan --renew --series {entry.slug} plans it anew"
    )


def renew(plan: Plan, entry: SeriesEntry, catalogue: Catalogue, now: datetime) -> Renewal:
    """Plans a series anew, whatever is frozen. A plan that comes out the same is left as it is.

    Raises as `frozen_or_made` does, but for other terms; then the old plan stands.
    """
    source_of_entry(entry, plan.manifest_path)
    before = sound_plan(plan.workspace.frozen_plan_path(entry.slug))
    terms = terms_of(entry, plan.profile)
    if before is not None and before.gone_at and not _may_be_back(before, terms, now):
        after = frozen_or_made(plan, entry, catalogue, now)
        again = _moment(before.gone_at) + ASK_AGAIN_AFTER
        line = f"gone since {before.gone_at}: not asked again before {_iso(again)}"
        return Renewal(before, after, (line,))
    after = _asked(plan, entry, catalogue, now)
    if before is not None and before.sha256 == after.sha256:
        return Renewal(before, before, ())
    _kept(plan, after)
    return Renewal(before, after, tuple(differences(before, after)) if before else ("new",))


@contextmanager
def answered(series: str) -> Iterator[None]:
    """A call that was tried often enough without an answer is the series' problem alone."""
    try:
        yield
    except Retryable as error:
        raise SeriesUnanswered(
            f"{series}: MangaDex gives no answer ({error}): run it again"
        ) from None


def _made(plan: Plan, entry: SeriesEntry, catalogue: Catalogue, now: datetime) -> FrozenPlan:
    return _kept(plan, _asked(plan, entry, catalogue, now))


def _kept(plan: Plan, frozen: FrozenPlan) -> FrozenPlan:
    write_frozen_plan(plan.workspace.frozen_plan_path(frozen.series), frozen)
    return frozen


def _asked(plan: Plan, entry: SeriesEntry, catalogue: Catalogue, now: datetime) -> FrozenPlan:
    """A plan from what the catalogue says now; a plan of nothing where the series is gone."""
    source = source_of_entry(entry, plan.manifest_path)
    terms = terms_of(entry, plan.profile)
    with answered(entry.slug):
        try:
            facts = catalogue.series(source.manga)
            why = refusal(facts, source.allow, plan.profile.mangadex.ratings)
            if why:
                raise SeriesRefused(f"{entry.slug}: {why}")
            listed = catalogue.chapters(source.manga, entry.language.lower())
        except SeriesGone:
            return gone_plan(entry.slug, entry.title, terms, _iso(now))
    choice = choose(listed, _rule(plan, facts, terms, now))
    return frozen_plan(entry.slug, entry.title, terms, choice, _iso(now))


def _rule(plan: Plan, facts: SeriesFacts, terms: PlanTerms, now: datetime) -> ChoiceRule:
    return ChoiceRule(
        language=terms.language,
        groups=terms.groups,
        official=terms.official,
        restarts_numbers=facts.restarts_numbers,
        now_iso=_iso(now),
        tombstones=plan.tombstones,
        manga=terms.manga,
    )


def _may_be_back(before: FrozenPlan, terms: PlanTerms, now: datetime) -> bool:
    """Whether a plan that says gone may be asked about: another series, or after a day."""
    if not before.gone_at:
        return False
    is_other = before.terms.manga != terms.manga
    return is_other or now - _moment(before.gone_at) >= ASK_AGAIN_AFTER


def _changed(before: PlanTerms, after: PlanTerms) -> str:
    """cap 1000 (now 500), language en (now ja)."""
    return ", ".join(
        f"{name.replace('_', ' ')} {_told(old)} (now {_told(new)})"
        for name, old in before
        if (new := getattr(after, name)) != old
    )


def _told(value: object) -> str:
    if isinstance(value, tuple):
        return " ".join(map(str, value)) or "none"
    return {True: "yes", False: "no"}[value] if isinstance(value, bool) else str(value)


def _iso(moment: datetime) -> str:
    return moment.astimezone(UTC).isoformat(timespec="seconds")


def _moment(text: str) -> datetime:
    moment = datetime.fromisoformat(text)
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)
