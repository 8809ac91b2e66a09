"""`mangazero plan`: what there is of every series, and what will be taken, before any download."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Annotated

import typer
from rich.console import Console

from pipeline.availability import Availability, availability
from pipeline.catalogue_entries import is_empty
from pipeline.cli.catalogues import opener_of, screen, shown
from pipeline.cli.ending import told_if_stopped
from pipeline.cli.main import report
from pipeline.cli.opening import JsonOption, ManifestOption, ProfileOption, WorkOption, open_plan
from pipeline.cli.plan_table import closing_lines, plan_json, print_plan
from pipeline.cli.run import SeriesOption
from pipeline.core.errors import BadConfig, Interrupted, SeriesUnanswered, Shortfall, StopRun
from pipeline.core.lock import workspace_lock
from pipeline.planning import frozen_or_made, renew
from pipeline.ports.protocols import Catalogue
from pipeline.shortfall import Status
from pipeline.wiring import Plan
from schemas.mangadex import FrozenPlan
from schemas.series import MangaDexSource, SeriesEntry

Say = Callable[[str], None]


@dataclass(frozen=True)
class Planned:
    """What became of the series that were asked for, in the manifest's order.

    local      series that are not from MangaDex, which need no page plan
    changes    by series, what a renewal changed
    problems   series that got no plan; the others did
    """

    rows: tuple[Availability, ...]
    local: tuple[str, ...]
    changes: dict[str, tuple[str, ...]]
    problems: tuple[StopRun, ...]


def plan(
    context: typer.Context,
    profile: ProfileOption = "mangazero",
    manifest: ManifestOption = None,
    work: WorkOption = None,
    series: SeriesOption = None,
    anew: Annotated[
        bool, typer.Option("--renew", help="Ask again, freeze the answer, show what changed.")
    ] = False,
    as_json: JsonOption = False,
) -> None:
    """Say what there is of every series and what will be taken of it, and freeze that choice."""
    with told_if_stopped(as_json=True) if as_json else nullcontext():
        whole = open_plan(profile, work, manifest=manifest)
        entries = [whole.entry(slug) for slug in dict.fromkeys(series or whole.slugs)]
        refuse_empty(whole, entries)
        console = screen(stderr=as_json)
        with (
            workspace_lock(whole.workspace),
            opener_of(context)(whole.profile.mangadex) as catalogue,
            screen(stderr=True).status("asking MangaDex") as status,
            _stops_named(),
        ):
            done = planned(whole, entries, catalogue, anew=anew, say=status.update)
        interval = whole.profile.mangadex.at_home_interval_s
        if as_json:
            document = plan_json(done.rows, done.local, done.changes, interval)
            document["problems"] = [str(problem) for problem in done.problems]
            document["status"] = Status.PARTIAL if done.problems else document["status"]
            sys.stdout.write(json.dumps(document, indent=1, ensure_ascii=False) + "\n")
        else:
            print_plan(console, done.rows, done.local)
            _print_changes(console, done, anew=anew)
            for line in closing_lines(done.rows, interval):
                console.print(line, markup=False, soft_wrap=True)
    conclude(done)


def planned(
    whole: Plan, entries: Sequence[SeriesEntry], catalogue: Catalogue, *, anew: bool, say: Say
) -> Planned:
    """Plans one series after the other; each plan is on the disk before the next is asked for.

    A series that is refused leaves the others their plans. Raises what the catalogue raises.
    """
    rows: list[Availability] = []
    changes: dict[str, tuple[str, ...]] = {}
    problems: list[StopRun] = []
    remote = [entry for entry in entries if isinstance(entry.source, MangaDexSource)]
    for number, entry in enumerate(remote, start=1):
        say(f"asking MangaDex: {number} of {len(remote)}, {entry.slug}")
        try:
            frozen, lines = _one(whole, entry, catalogue, anew=anew)
        except (BadConfig, SeriesUnanswered) as problem:
            problems.append(problem)
        else:
            rows.append(availability(frozen))
            changes |= {entry.slug: lines} if anew else {}
    local = tuple(entry.slug for entry in entries if entry not in remote)
    return Planned(tuple(rows), local, changes, tuple(problems))


def _one(
    whole: Plan, entry: SeriesEntry, catalogue: Catalogue, *, anew: bool
) -> tuple[FrozenPlan, tuple[str, ...]]:
    now = datetime.now(UTC)
    if not anew:
        return frozen_or_made(whole, entry, catalogue, now), ()
    renewal = renew(whole, entry, catalogue, now)
    return renewal.after, renewal.lines


@contextmanager
def _stops_named() -> Iterator[None]:
    """Ctrl-C says that nothing is lost by it."""
    try:
        yield
    except KeyboardInterrupt:
        raise Interrupted("stopped: plans made so far stay, run it again for the rest") from None


def refuse_empty(whole: Plan, entries: Sequence[SeriesEntry]) -> None:
    """Raises BadConfig, in one line for all of them, where an entry is still to be filled."""
    empty = [entry.slug for entry in entries if is_empty(entry)]
    if empty:
        others = f" and {len(empty) - 1} more are" if len(empty) > 1 else " is"
        raise BadConfig(
            f"{shown(whole.manifest_path)}: {empty[0]}{others} still empty: fill with mangazero "
            "series add, or write the whole file with mangazero series discover"
        )


def conclude(done: Planned) -> None:
    """Raises the first problem, or Shortfall where there is less than was asked for."""
    for problem in done.problems[1:]:
        report(problem)
    if done.problems:
        raise done.problems[0]
    short = [row for row in done.rows if row.shortfall_units]
    if short:
        most = max(short, key=lambda row: row.shortfall_units)
        raise Shortfall(
            f"{len(short)} of {len(done.rows)} series have less than their cap, most of all "
            f"{most.series}, {most.available_units:,} of {most.asked_units:,}: put others in "
            "their place, or lower the cap; what there is can be fetched as it is"
        )


def _print_changes(console: Console, done: Planned, *, anew: bool) -> None:
    if not anew:
        return
    console.print()
    for series, lines in done.changes.items():
        if lines:
            console.print(f"{series}:", markup=False)
        for line in lines:
            console.print(f"  {line}", markup=False, soft_wrap=True)
    same = sum(not lines for lines in done.changes.values())
    console.print(f"{same} of {len(done.changes)} series are planned as before.")
