"""How much of what was asked for is here: a shortfall is a result, with reasons and a word."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Final

from pipeline.build import Built, verdict_on
from pipeline.core.errors import NotPlanned, PagesMissing, Shortfall, StopRun
from pipeline.manga.rights import Withheld
from pipeline.wiring import Plan, frozen_plan_of
from schemas.mangadex import FrozenPlan
from schemas.series import MangaDexSource

FINAL: Final = frozenset({"hash_mismatch_confirmed", Withheld.TAKEN_DOWN})
"""Reasons for which a page is not asked for again."""


class Status(StrEnum):
    """The last word of a run.

    complete   everything that was asked for is here
    shortfall  everything that is available was taken, and it is less than was asked for
    partial    pages that are planned are missing
    stopped    the run ended early; the next one goes on
    """

    COMPLETE = "complete"
    SHORTFALL = "shortfall"
    PARTIAL = "partial"
    STOPPED = "stopped"


@dataclass(frozen=True)
class SeriesTake:
    """What became of one series. `asked` and `available` in units, the rest in single pages.

    missing   planned pages that are not here, by reason
    skipped   uploads that were not taken, by reason
    """

    series: str
    unit: str
    asked: int
    available: int
    planned: int
    fetched: int
    missing: dict[str, int]
    skipped: dict[str, int]
    is_gone: bool

    @property
    def status(self) -> Status:
        if sum(self.missing.values()) > self.missing.get(Withheld.TAKEN_DOWN, 0):
            return Status.PARTIAL
        is_short = self.available < self.asked or bool(self.missing)
        return Status.SHORTFALL if is_short else Status.COMPLETE


def takes(plan: Plan, slugs: Sequence[str] = ()) -> list[SeriesTake]:
    """Every MangaDex series that has a page plan, as things lie now."""
    found = []
    for slug in slugs or plan.slugs:
        if not isinstance(plan.entry(slug).source, MangaDexSource):
            continue
        try:
            found.append(_take(plan, frozen_plan_of(plan, slug)))
        except NotPlanned:
            continue
    return found


def _take(plan: Plan, frozen: FrozenPlan) -> SeriesTake:
    receipt = plan.workspace.read_receipt("fetch", frozen.series)
    missing: Counter[str] = Counter()
    if receipt is not None:
        missing.update(receipt.dropped)
        missing.update(receipt.failed)
    fetched = receipt.kept if receipt is not None else 0
    unasked = frozen.taken_pages - fetched - missing.total()
    if unasked > 0:
        missing["not_fetched"] += unasked
    return SeriesTake(
        series=frozen.series,
        unit=frozen.terms.cap_unit,
        asked=frozen.terms.cap,
        available=frozen.available_units,
        planned=frozen.taken_pages,
        fetched=fetched,
        missing=dict(sorted(missing.items())),
        skipped=dict(sorted(Counter(each.reason.value for each in frozen.skipped).items())),
        is_gone=bool(frozen.gone_at),
    )


def status_of(series: Sequence[SeriesTake]) -> Status:
    """The gravest word of all of them."""
    words = {take.status for take in series}
    for word in (Status.PARTIAL, Status.SHORTFALL):
        if word in words:
            return word
    return Status.COMPLETE


def verdict_on_takes(series: Sequence[SeriesTake]) -> StopRun | None:
    """What the operator has to hear, with its exit code; None if everything is here."""
    match status_of(series):
        case Status.PARTIAL:
            return PagesMissing(_partial(series))
        case Status.SHORTFALL:
            return Shortfall(_short(series))
        case _:
            return None


def conclusion(
    plan: Plan, built: Built, slugs: Sequence[str] = ()
) -> tuple[Status, StopRun | None]:
    """The word for a build of all series or of those named, and the gravest thing to hear with
    its exit code: a shortfall never stands before what the next run may mend."""
    taken = takes(plan, slugs)
    word = status_of(taken)
    grave = [each for each in built.problems if not isinstance(each, Shortfall)]
    if grave:
        return Status.PARTIAL, grave[0]
    if word is Status.PARTIAL:
        return word, verdict_on_takes(taken)
    verdict = verdict_on(replace(built, problems=()))
    if verdict:
        return Status.PARTIAL, verdict
    if built.problems:
        return Status.SHORTFALL, verdict_on_takes(taken) or built.problems[0]
    return word, verdict_on_takes(taken)


def _partial(series: Sequence[SeriesTake]) -> str:
    why: Counter[str] = Counter()
    for take in series:
        why.update(take.missing)
    named = ", ".join(f"{count} {reason}" for reason, count in sorted(why.items()))
    return (
        f"{why.total()} of {sum(take.planned for take in series)} planned pages are missing "
        f"({named}): {_advice(why)}"
    )


def _advice(why: Mapping[str, int]) -> str:
    if set(why) <= FINAL:
        return "those are not asked for again"
    return "run again to ask once more for those that may come"


def _short(series: Sequence[SeriesTake]) -> str:
    short = [take for take in series if take.status is Status.SHORTFALL]
    first = short[0]
    more = f" and {len(short) - 1} more series" if len(short) > 1 else ""
    return (
        f"all there is was taken, less than was asked for: {first.series} has {_extent(first)}"
        f"{more}; mangazero plan shows every series"
    )


def _extent(take: SeriesTake) -> str:
    if take.available < take.asked:
        unit = "page images" if take.unit == "double" else "pages"
        return f"{take.available} of {take.asked} {unit}"
    return f"{sum(take.missing.values())} of {take.planned} planned pages taken down"
