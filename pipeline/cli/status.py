"""`mangazero status`: what is done, stale, missing or failed, and why."""

from __future__ import annotations

import json
import sys
from collections import Counter
from collections.abc import Sequence
from dataclasses import asdict
from typing import Final

from rich.console import Console
from rich.table import Table as RichTable
from rich.text import Text

from pipeline.cli.narration import spoken
from pipeline.cli.opening import (
    JsonOption,
    ManifestOption,
    PagesOption,
    ProfileOption,
    WorkOption,
    open_plan,
)
from pipeline.status import StageState, plan_states

_HEADER: Final = ("series", "stage", "state", "kept", "dropped", "failed", "why")
_NUMBERS: Final = ("kept", "dropped", "failed")
_STYLES: Final = {"done": "green", "stale": "yellow", "missing": "dim", "failed": "bold red"}


def status(
    profile: ProfileOption = "sample",
    work: WorkOption = None,
    pages: PagesOption = None,
    manifest: ManifestOption = None,
    as_json: JsonOption = False,
) -> None:
    """Say of every stage of every series whether it is done, stale, missing or failed, and why."""
    plan = open_plan(profile, work, pages, manifest)
    states = plan_states(plan)
    if as_json:
        document = {
            "workspace": str(plan.workspace.root),
            "is_done": all(state.is_done for state in states),
            "states": [asdict(state) for state in states],
        }
        sys.stdout.write(json.dumps(document, indent=1, ensure_ascii=False) + "\n")
        return
    console = Console(file=sys.stdout)
    if console.is_terminal:
        console.print(_table(states))
        console.print(Text(_closing(states)))
    else:
        sys.stdout.write("\n".join([*plain_lines(states), _closing(states)]) + "\n")


def plain_lines(states: Sequence[StageState]) -> list[str]:
    """Aligned columns without markup; the last one is as long as it needs to be."""
    rows = [_HEADER, *(_cells(state) for state in states)]
    widths = [max(len(row[i]) for row in rows) for i in range(len(_HEADER))]
    return [
        "  ".join(
            cell.rjust(width) if name in _NUMBERS else cell.ljust(width)
            for name, cell, width in zip(_HEADER, row, widths, strict=True)
        ).rstrip()
        for row in rows
    ]


def _table(states: Sequence[StageState]) -> RichTable:
    table = RichTable(box=None, header_style="bold", pad_edge=False)
    for name in _HEADER:
        fits = name != "why"
        table.add_column(name, justify="right" if name in _NUMBERS else "left", no_wrap=fits)
    previous = ""
    for state in states:
        cells = [Text(cell) for cell in _cells(state)]
        cells[2].stylize(_STYLES[state.state])
        if state.scope == previous:
            cells[0].stylize("dim")
        previous = state.scope
        table.add_row(*cells)
    return table


def _cells(state: StageState) -> tuple[str, ...]:
    has_run = state.kept or state.dropped or state.failed or state.is_done
    counts = (state.kept, sum(state.dropped.values()), sum(state.failed.values()))
    numbers = (str(count) if has_run else "-" for count in counts)
    return (spoken(state.scope), state.stage, state.state, *numbers, _why(state))


def _why(state: StageState) -> str:
    """The reasons; what was dropped is told where there is nothing else to tell."""
    told = "; ".join(state.why)
    lost = ", ".join(f"{count} {reason}" for reason, count in state.dropped.items())
    return f"{told}; dropped: {lost}" if told and lost else told or lost


def _closing(states: Sequence[StageState]) -> str:
    counts = Counter(state.state for state in states)
    if counts["done"] == len(states):
        return "Everything is done."
    named = ", ".join(f"{count} {name}" for name, count in counts.items())
    return f"{named} of {len(states)}: mangazero run does what is open."
