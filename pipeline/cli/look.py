"""`mangazero look`: the shards on one HTML page."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated

import typer

from pipeline.cli.opening import PagesOption, ProfileOption, WorkOption, open_plan
from pipeline.look.document import write_look

OutOption = Annotated[
    Path | None, typer.Option("--out", "-o", help="The HTML file; look.html in the workspace.")
]
LimitOption = Annotated[
    int, typer.Option("--limit", min=1, help="At most this many page images, over all series.")
]


def look(
    profile: ProfileOption = "sample",
    work: WorkOption = None,
    pages: PagesOption = None,
    out: OutOption = None,
    limit: LimitOption = 24,
) -> None:
    """Write one HTML file that shows page images from the shards with everything on them."""
    plan = open_plan(profile, work, pages)
    path = (out or plan.workspace.root / "look.html").resolve()
    count = write_look(plan.workspace.shards_folder, path, limit)
    sys.stdout.write(f"{count} page images: {path.as_uri()}\n")
