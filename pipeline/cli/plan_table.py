"""Page plans as a table, as JSON, and what fetching them costs."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict

from rich.console import Console
from rich.table import Table as RichTable
from rich.text import Text

from pipeline.availability import ASSUMED_PAGE_BYTES, Availability, cost
from pipeline.shortfall import Status

_UNITS = {"double": "double pages", "single": "single pages"}


def print_plan(console: Console, rows: Sequence[Availability], local: Sequence[str]) -> None:
    """The table, then why uploads are not taken. `local` are series without a page plan."""
    console.print(_table(rows, local))
    told = [row for row in rows if row.skipped or row.note]
    if told:
        console.print("\nNot taken (uploads, by reason):")
    for row in told:
        reasons = ", ".join(f"{count:,} {reason}" for reason, count in row.skipped.items())
        line = Text(f"  {row.series}: ")
        line.append(row.note, style="yellow")
        line.append(f"{'; ' if row.note and reasons else ''}{reasons}", style="dim")
        console.print(line)


def _table(rows: Sequence[Availability], local: Sequence[str]) -> RichTable:
    table = RichTable(box=None, header_style="bold", pad_edge=False, padding=(0, 1, 0, 0))
    table.add_column("\nseries", overflow="fold")
    table.add_column("\nunit")
    there = ("there are\nchapters", "\npages", "\nunits")
    taken = ("to take\nchapters", "\npages", "\nunits", "\nshort")
    for name in (*there, *taken):
        table.add_column(name, justify="right", no_wrap=True)
    for row in rows:
        table.add_row(Text(row.series), row.unit, *_numbers(row))
    for slug in local:
        table.add_row(Text(slug), "local", *(Text("-", style="dim"),) * 7)
    if len(rows) > 1:
        table.add_section()
        table.add_row("all", "", *_totals(rows), style="bold")
    return table


def _numbers(row: Availability) -> tuple[Text, ...]:
    numbers = (
        row.available_chapters,
        row.available_pages,
        row.available_units,
        row.taken_chapters,
        row.taken_pages,
        row.taken_units,
    )
    short = row.shortfall_units
    style = "" if not short else "red" if not row.taken_units else "yellow"
    return (*(Text(f"{number:,}") for number in numbers), Text(f"{short:,}", style=style))


def _totals(rows: Sequence[Availability]) -> tuple[str, ...]:
    """The columns added up; units only where all series count in the same one."""
    is_mixed = len({row.unit for row in rows}) > 1
    sums = (
        sum(row.available_chapters for row in rows),
        sum(row.available_pages for row in rows),
        None if is_mixed else sum(row.available_units for row in rows),
        sum(row.taken_chapters for row in rows),
        sum(row.taken_pages for row in rows),
        None if is_mixed else sum(row.taken_units for row in rows),
        None if is_mixed else sum(row.shortfall_units for row in rows),
    )
    return tuple("-" if number is None else f"{number:,}" for number in sums)


def closing_lines(rows: Sequence[Availability], lease_interval_s: float) -> list[str]:
    """What fetching costs, and what a unit is; nothing where no page is taken."""
    whole = cost(rows, lease_interval_s)
    if not whole.pages:
        return []
    units = " and ".join(sorted({_UNITS[row.unit] for row in rows}))
    return [
        "",
        f"Units are {units}; pages are single pages, and of the last chapter only so many as fit.",
        f"All of it, politely: at least {_duration(whole.seconds)} "
        f"({whole.chapters:,} chapters, one every {lease_interval_s:g} s), and about "
        f"{_size(whole.assumed_bytes)} of disk "
        f"({whole.pages:,} pages; {ASSUMED_PAGE_BYTES / 1e6:g} MB a page is assumed).",
    ]


def plan_json(
    rows: Sequence[Availability],
    local: Sequence[str],
    changes: Mapping[str, Sequence[str]],
    lease_interval_s: float,
) -> dict[str, object]:
    """The same in plain values; times in seconds, sizes in bytes."""
    whole = cost(rows, lease_interval_s)
    is_short = any(row.shortfall_units for row in rows)
    return {
        "status": Status.SHORTFALL if is_short else Status.COMPLETE,
        "series": [asdict(row) for row in rows],
        "local": list(local),
        "changes": {series: list(lines) for series, lines in changes.items()},
        "is_short": is_short,
        "chapters": whole.chapters,
        "pages": whole.pages,
        "least_seconds": round(whole.seconds, 1),
        "assumed_bytes": whole.assumed_bytes,
    }


def _duration(seconds: float) -> str:
    if seconds < 90:
        return f"{seconds:.0f} s"
    minutes = round(seconds / 60)
    return f"{minutes} min" if minutes < 120 else f"{minutes // 60} h {minutes % 60:02d} min"


def _size(n_bytes: int) -> str:
    return f"{n_bytes / 1e9:.1f} GB" if n_bytes >= 1e9 else f"{n_bytes / 1e6:.0f} MB"
