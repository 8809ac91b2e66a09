"""Explanations of identities: which boxes are one character, and who says so."""

from __future__ import annotations

from pipeline.explain.explanation import Explanation, Step, making_of
from pipeline.explain.series_rows import SeriesRows
from pipeline.explain.trail import sources_of


def explain_identity(rows: SeriesRows, identity: str) -> Explanation | None:
    """The boxes that were proposed for it and those that it has after people's verdicts."""
    proposed = tuple(each.id for each in rows.proposals.values() if each.identity == identity)
    now = {each.id: each for each in rows.identities.values() if each.identity == identity}
    if not proposed and not now:
        return None
    verified = sum(each.status == "verified" for each in now.values())
    images = sorted({rows.characters[each].page_image for each in now if each in rows.characters})
    pages = [page for image in images for page in rows.images[image].pages]
    steps = [Step("identify", "kept", f"{len(proposed)} boxes proposed")]
    if rows.verdicts:
        steps.append(Step("assemble", "kept", f"{len(now)} boxes after the verdicts"))
    gone = "people gave its boxes to others, or called them junk"
    return Explanation(
        id=identity,
        kind="identity",
        status="present" if now else "dropped",
        reason="" if now else gone,
        made_by=making_of(rows.receipt("identify")),
        sources=sources_of(rows, pages),
        steps=tuple(steps),
        facts={
            "characters": len(now),
            "verified": verified,
            "proposed only": len(now) - verified,
            "cluster size": len(proposed),
        },
        neighbours={"characters": tuple(now), "page images": tuple(images)},
    )
