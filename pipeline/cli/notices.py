"""What a person should know before a run: parts that are absent, facts that were only assumed."""

from __future__ import annotations

from pipeline.ports.detectors import ClassicalSpec
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


def _looks_without_faces(plan: Plan) -> bool:
    return any(
        isinstance(spec := detector_of(plan, entry), ClassicalSpec) and not spec.faces_python
        for entry in plan.manifest.series
    )
