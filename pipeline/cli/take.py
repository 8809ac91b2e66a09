"""How the outcome of a download looks: a table, JSON, and the last line."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from typing import Literal

from rich.table import Table as RichTable

from pipeline.core.errors import StopRun
from pipeline.shortfall import SeriesTake

_NUMBERS = ("asked", "available", "planned", "here")


def take_table(taken: Sequence[SeriesTake]) -> RichTable:
    """A row a series: what was asked for, what there is, what is here, and why not more."""
    table = RichTable(box=None, header_style="bold", pad_edge=False)
    for name in ("series", "unit", *_NUMBERS, "status", "missing pages"):
        side: Literal["left", "right"] = "right" if name in _NUMBERS else "left"
        table.add_column(name, justify=side, overflow="fold")
    for take in taken:
        table.add_row(
            take.series,
            take.unit,
            *map(str, (take.asked, take.available, take.planned, take.fetched)),
            take.status.value,
            "the series is gone" if take.is_gone else reasons(take.missing),
        )
    return table


def reasons(counts: Mapping[str, int]) -> str:
    """3 gone, 1 hash_mismatch."""
    return ", ".join(f"{count} {reason}" for reason, count in counts.items())


def take_json(taken: Sequence[SeriesTake], problems: Sequence[StopRun]) -> dict[str, object]:
    """The same in plain values."""
    return {
        "series": [{**asdict(take), "status": take.status.value} for take in taken],
        "planned": sum(take.planned for take in taken),
        "fetched": sum(take.fetched for take in taken),
        "problems": [str(problem) for problem in problems],
    }
