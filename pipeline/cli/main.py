"""`mangazero`: each command lives in a file of its own and loads what it needs."""

from __future__ import annotations

import os
import sys
import traceback

import typer

from pipeline.core.errors import BrokenInvariant, MangaZeroError

app = typer.Typer(
    name="mangazero",
    help="Turns comic pages into training-ready shards.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)


def main() -> None:
    """Runs a command. Our errors become one line on standard error and their exit code."""
    _register()
    try:
        app(standalone_mode=True)
    except MangaZeroError as error:
        report(error)
        sys.exit(error.exit_code)


def report(error: MangaZeroError) -> None:
    """One line, after the traceback where it is a bug of ours or MANGAZERO_DEBUG asks for it."""
    if isinstance(error, BrokenInvariant) or os.environ.get("MANGAZERO_DEBUG"):
        traceback.print_exception(error)
    sys.stderr.write(f"mangazero: {error}\n")


def _register() -> None:
    from pipeline.cli import evaluate, explain, fetch, look, plan, run, series, status

    app.command()(run.run)
    app.command()(status.status)
    app.add_typer(series.app, name="series")
    app.command()(plan.plan)
    app.command()(fetch.fetch)
    app.command()(explain.explain)
    app.command()(look.look)
    app.add_typer(evaluate.app, name="evaluate")


if __name__ == "__main__":
    main()
