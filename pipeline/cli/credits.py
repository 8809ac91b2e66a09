"""CREDITS.txt beside a download: who has to be named, chapter by chapter."""

from __future__ import annotations

from pipeline.core.atomic import write_text
from pipeline.stages.tables import CREDITS
from pipeline.wiring import Plan


def write_credits(plan: Plan) -> None:
    """Writes it into the workspace, where any series has credits. Raises DiskFull, NotWritable."""
    lines = []
    for entry in plan.manifest.series:
        rows = plan.workspace.read(CREDITS, [entry.slug])
        if rows:
            lines += ["", f"{entry.title} ({entry.attribution})"]
            lines += [f"  {row.title or row.chapter}: {row.line}" for row in rows]
    if lines:
        head = "Pages by way of MangaDex and of those who translated and uploaded them:"
        write_text(plan.workspace.credits_path, "\n".join([head, *lines, ""]))
