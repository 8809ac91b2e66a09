"""What a person should know before a run: parts that are absent, facts that were only assumed."""

from __future__ import annotations

from pipeline.availability import ASSUMED_PAGE_BYTES
from pipeline.ports.detectors import ClassicalSpec
from pipeline.shortfall import takes
from pipeline.wiring import Plan, detector_of
from schemas.series import FolderSource


def notices(plan: Plan) -> list[str]:
    """One line each; none where all is as it should be. Raises BadConfig as `detector_of`."""
    found = []
    if plan.profile.detect.faces and _looks_without_faces(plan):
        found.append("detect: no face environment, so no characters will be found: run make setup")
    assumed = [
        entry.slug
        for entry in plan.manifest.series
        if isinstance(entry.source, FolderSource) and entry.licence == "unknown"
    ]
    if assumed:
        found.append(
            f"{', '.join(assumed)}: licence unknown, and what cannot be seen from the files "
            "(direction, language) may be only assumed: a series.toml in the folder says "
            "otherwise (docs/how-to/own-pages.md)"
        )
    return found


def room_notice(plan: Plan, free_bytes: int) -> str | None:
    """One line if what is planned may not fit. An estimate from mean page sizes elsewhere."""
    lacking = sum(take.planned - take.fetched for take in takes(plan))
    needed = int(lacking * ASSUMED_PAGE_BYTES * 1.3)
    if needed <= free_bytes:
        return None
    return (
        f"{lacking} pages are still to come, about {needed / 1e9:.2g} GB, and the disk has "
        f"{free_bytes / 1e9:.2g} GB left: the run stops cleanly when it is full"
    )


def _looks_without_faces(plan: Plan) -> bool:
    return any(
        isinstance(spec := detector_of(plan, entry), ClassicalSpec) and not spec.faces_python
        for entry in plan.manifest.series
    )
