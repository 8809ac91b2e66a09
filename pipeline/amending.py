"""Single chapters of a frozen plan that changed or went away after it was made."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime

from pipeline.core.errors import Retryable
from pipeline.manga.page_plan import amended
from pipeline.manga.rights import is_taken_down
from pipeline.ports.frozen_plans import read_frozen_plan, write_frozen_plan
from pipeline.ports.mangadex.past import HandedOut, past_of
from pipeline.ports.protocols import Catalogue
from pipeline.wiring import Plan
from schemas.mangadex import FrozenPlan, ListedChapter, PlannedChapter, Tombstones
from schemas.series import SeriesEntry


def amend(
    plan: Plan, entry: SeriesEntry, catalogue: Catalogue, chapters: Sequence[str], now: datetime
) -> list[str]:
    """Plans these chapters anew where the catalogue says something else than the frozen plan.

    An upload that is still there in another version, or of which a lease named other pages, stays;
    for one that is gone the first alternate that can still be read steps in. Where that one goes
    before it is fetched, the next is tried when the chapter is asked for again: after 24 hours.
    Where nothing is left, or nobody answers, the chapter stays as it is. Gives a line for each
    chapter that is different now.
    """
    path = plan.workspace.frozen_plan_path(entry.slug)
    changed = past_of(plan.workspace.fetch_log_path(entry.slug)).changed
    frozen = read_frozen_plan(path)
    lines: list[str] = []
    for name in chapters if frozen is not None else ():
        assert frozen is not None
        planned = next((each for each in frozen.chapters if each.chapter == name), None)
        if planned is None:
            continue
        try:
            found = _better(frozen, planned, catalogue, plan.tombstones, changed)
        except Retryable:
            continue  # the next run asks again
        if found is None:
            continue
        upload, why = found
        day = now.astimezone(UTC).date().isoformat()
        after = amended(frozen, name, upload, f"{day}: {why}")
        if after.sha256 == frozen.sha256:
            continue
        frozen = after
        write_frozen_plan(path, frozen)
        lines.append(f"{entry.slug}/{name}: {why}")
    return lines


def _better(
    frozen: FrozenPlan,
    planned: PlannedChapter,
    catalogue: Catalogue,
    tombstones: Tombstones,
    changed: Mapping[str, HandedOut],
) -> tuple[ListedChapter, str] | None:
    """The upload to take from now on, and why; None if the planned one stands or none is left.

    Of one version the leases know best how many pages there are: a listing that counts otherwise
    would be planned today, found wrong, and planned again tomorrow.
    """
    before = planned.upload
    after = catalogue.chapter(before.id)
    if after is not None and is_readable(after, frozen, tombstones):
        if after.version != before.version:
            return after, _changes(before, after)
        return _as_handed_out(planned, changed)
    lost = "gone" if after is None else "not readable any more"
    for alternate in _still_readable(planned.alternates, frozen, catalogue, tombstones):
        return alternate, f"upload {before.id} is {lost}: {alternate.id} instead"
    return _as_handed_out(planned, changed)


def _as_handed_out(
    planned: PlannedChapter, changed: Mapping[str, HandedOut]
) -> tuple[ListedChapter, str] | None:
    """The upload with the pages that its last lease named, if they are not as planned."""
    seen = changed.get(planned.upload.id)
    if seen is None or not seen.pages:
        return None
    upload = planned.upload.model_copy(update={"pages": seen.pages})
    return upload, f"MangaDex hands out {seen.pages} pages as {seen.hash[:8]}"


def _still_readable(
    alternates: Iterable[ListedChapter],
    frozen: FrozenPlan,
    catalogue: Catalogue,
    tombstones: Tombstones,
) -> Iterable[ListedChapter]:
    for alternate in alternates:
        found = catalogue.chapter(alternate.id)
        if found is not None and is_readable(found, frozen, tombstones):
            yield found


def is_readable(upload: ListedChapter, frozen: FrozenPlan, tombstones: Tombstones) -> bool:
    """Whether the upload has pages of its own in the plan's language, and none asked it away."""
    return (
        upload.pages > 0
        and not upload.is_unavailable
        and not upload.external_url
        and upload.language.lower() == frozen.terms.language.lower()
        and not is_taken_down(frozen.terms.manga, upload, tombstones)
    )


def _changes(before: ListedChapter, after: ListedChapter) -> str:
    """pages 20 -> 19, version 1 -> 2."""
    told = [
        f"{name} {getattr(before, name)} -> {getattr(after, name)}"
        for name in ("pages", "version")
        if getattr(before, name) != getattr(after, name)
    ]
    return ", ".join(told)
