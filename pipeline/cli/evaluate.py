"""`mangazero evaluate`: a detector on labelled pages, and the drawn sample against its truth."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated, Final

import typer
from rich.console import Console
from rich.table import Table as RichTable

from pipeline.cli.opening import JsonOption, ProfileOption, WorkOption, faces_python, open_plan
from pipeline.cli.scores import (
    PAGE_COLUMNS,
    aligned,
    detector_rows,
    lines,
    page_cells,
)
from pipeline.cli.scores_json import accuracy_json, report_json
from pipeline.core.errors import NothingToRead
from pipeline.evaluation import drawn_series, sample_accuracy
from pipeline.evaluation_on_pages import (
    FACES_UNAVAILABLE,
    DetectorReport,
    PageResult,
    evaluate_detector,
)
from pipeline.ports.detectors import ClassicalSpec
from pipeline.ports.truth_files import LabelledPage, labelled_pages
from pipeline.stages.detect import opened

app = typer.Typer(
    help="Measure accuracy against ground truth.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)

_NO_FACES: Final = (
    "no face environment: faces were not looked for (make setup makes it, "
    "MANGAZERO_FACES_PYTHON names another)"
)


@app.command()
def detector(
    pages: Annotated[Path, typer.Option("--pages", help="The folder of the pictures.")],
    truth: Annotated[Path, typer.Option("--truth", help="The truth file (JSON) of these pages.")],
    faces_truth: Annotated[
        Path | None,
        typer.Option(
            "--faces-truth", help="List of faces; else identity_labels.json beside the truth."
        ),
    ] = None,
    limit: Annotated[
        int | None, typer.Option("--limit", min=1, help="Only the first so many pages.")
    ] = None,
    as_json: JsonOption = False,
) -> None:
    """Run the classical detector over labelled pages and print how much it got right."""
    labelled = labelled_pages(pages, truth, faces_truth, limit)
    console = Console(stderr=as_json)
    python = faces_python()
    if not python:
        console.print(_NO_FACES, markup=False, highlight=False, soft_wrap=True)
    classical = opened(ClassicalSpec(python))
    with _watched(console, labelled) as listen:
        report = evaluate_detector(classical, labelled, listen)
    if as_json:
        sys.stdout.write(json.dumps(report_json(report), indent=1) + "\n")
    else:
        _print_report(console, report)


@app.command()
def sample(
    profile: ProfileOption = "sample",
    work: WorkOption = None,
    as_json: JsonOption = False,
) -> None:
    """Compare what the workspace holds with what was drawn, for the profile's drawn series."""
    plan = open_plan(profile, work)
    if not drawn_series(plan):
        raise NothingToRead(
            f"profile {profile} has no drawn series, and only those have a truth to compare with: "
            "use mangazero evaluate detector with a truth file"
        )
    accuracy = sample_accuracy(plan)
    if accuracy is None:
        raise NothingToRead(
            f"{plan.workspace.root}: nothing is detected there yet; build it first: "
            f"mangazero run --profile {profile}"
        )
    if as_json:
        sys.stdout.write(json.dumps(accuracy_json(accuracy), indent=1) + "\n")
    else:
        sys.stdout.write("\n".join(lines(accuracy)) + "\n")


class _PlainPages:
    """Writes a line for every page as it is done, under one line of headings."""

    def __init__(self, console: Console, pages: list[LabelledPage]) -> None:
        self._console = console
        keys = max(len(page.key) for page in pages)
        self._widths = [max(keys, len("page")), *(max(len(name), 6) for name in PAGE_COLUMNS[1:])]
        self._write(PAGE_COLUMNS)

    def __call__(self, page: PageResult) -> None:
        self._write(page_cells(page))

    def _write(self, cells: tuple[str, ...]) -> None:
        padded = (f"{cell:<{width}}" for cell, width in zip(cells, self._widths, strict=True))
        text = "  ".join(padded)
        self._console.print(text.rstrip(), markup=False, highlight=False, soft_wrap=True)


@contextmanager
def _watched(console: Console, pages: list[LabelledPage]) -> Iterator[Callable[[PageResult], None]]:
    """A listener for the block: a counter on a terminal, lines elsewhere."""
    if not console.is_terminal:
        yield _PlainPages(console, pages)
        return
    with console.status(f"page 1 of {len(pages)}") as status:
        done = 0

        def listen(_: PageResult) -> None:
            nonlocal done
            done += 1
            status.update(f"page {min(done + 1, len(pages))} of {len(pages)}")

        yield listen


def _print_report(console: Console, report: DetectorReport) -> None:
    if console.is_terminal:
        console.print(_pages_table(report))
    for page in report.pages:
        for note in page.notes:
            if note == FACES_UNAVAILABLE:  # said once, at the top
                continue
            line = f"page {page.key}: {note}"
            console.print(line, markup=False, highlight=False, soft_wrap=True)
    for line in aligned(detector_rows(report)):
        console.print(line, markup=False, highlight=False, soft_wrap=True)


def _pages_table(report: DetectorReport) -> RichTable:
    table = RichTable(box=None, header_style="bold", pad_edge=False)
    for name in PAGE_COLUMNS:
        table.add_column(name, justify="left" if name == "page" else "right")
    for page in report.pages:
        table.add_row(*page_cells(page))
    return table
