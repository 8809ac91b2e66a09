"""`make shards`: the flow on a Prefect server of its own, with live progress and a summary.

What is done already is seen before Prefect is even imported, so a second run takes seconds.
"""

from __future__ import annotations

import json
import os
import sys
from typing import TypedDict

import typer
from rich.console import Console

from flows.local_server import local_server
from flows.settings import settle_environment
from pipeline.build import Built
from pipeline.cli.ending import conclude, told_if_stopped
from pipeline.cli.main import report
from pipeline.cli.narration import narrated
from pipeline.cli.opening import (
    CHECKOUT,
    JsonOption,
    PagesOption,
    ProfileOption,
    WorkOption,
    named_folders,
    open_plan,
)
from pipeline.cli.run import WorkersOption, say_notices
from pipeline.cli.summary import print_summary, summary_json
from pipeline.core.errors import MangaZeroError
from pipeline.standing import list_pages, standing_build


class Order(TypedDict):
    """The flow's parameters: plain values, as Prefect stores them."""

    profile: str
    work: str | None
    pages: list[str]
    workers: int | None


app = typer.Typer(add_completion=False, pretty_exceptions_enable=False)


@app.command()
def shards(
    profile: ProfileOption = "sample",
    work: WorkOption = None,
    pages: PagesOption = None,
    workers: WorkersOption = None,
    as_json: JsonOption = False,
) -> None:
    """Build the shards of a profile, or of your own pages, as a Prefect flow."""
    with told_if_stopped(as_json=as_json):
        plan = open_plan(profile, work, pages)
        console = Console(stderr=as_json, soft_wrap=True)
        if len(plan.slugs) == 1:
            list_pages(plan)
        built = standing_build(plan)
        if built is None:
            order = Order(
                profile=profile,
                work=str(work.resolve()) if work else None,
                pages=[str(page.resolve()) for page in named_folders(pages)],
                workers=workers,
            )
            say_notices(console, plan)
            built = _run_flow(console, order)
        if as_json:
            sys.stdout.write(json.dumps(summary_json(plan, built), indent=1) + "\n")
        else:
            print_summary(
                console, plan, built, f".venv/bin/mangazero look --work {plan.workspace.root}"
            )
        conclude(plan, built, as_json=as_json)


def _run_flow(console: Console, order: Order) -> Built:
    """The flow on the server of PREFECT_API_URL, or on one of its own."""
    home = CHECKOUT / ".prefect"
    settle_environment(home)
    if os.environ.get("PREFECT_API_URL"):
        return _run_on_server(console, order)
    with local_server(home, lambda line: console.print(line, markup=False)) as url:
        os.environ["PREFECT_API_URL"] = url
        return _run_on_server(console, order)


def _run_on_server(console: Console, order: Order) -> Built:
    # Imported here: prefect takes seconds to import and reads its settings while it does.
    from flows.build_mangazero import build_mangazero, listen

    with narrated(console) as progress:
        listen(progress)
        return build_mangazero(**order)


if __name__ == "__main__":
    try:
        app()
    except MangaZeroError as error:
        report(error)
        sys.exit(error.exit_code)
