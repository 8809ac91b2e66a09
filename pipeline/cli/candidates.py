"""The series that a search found: as a table, and the one that is meant."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final

from rich.table import Table as RichTable
from rich.text import Text

from pipeline.catalogue import EDITION_TAGS, title_of
from pipeline.core.errors import BadConfig, Interrupted
from schemas.mangadex import SeriesFacts

_WIDE: Final = 110
"""Columns from which the id stands beside the title instead of below it."""


@dataclass(frozen=True)
class Picking:
    """How one of several is chosen. `ask` is None where nobody can be asked."""

    number: int | None = None
    ask: Callable[[str], str] | None = None


def candidate_table(found: Sequence[SeriesFacts], width: int) -> RichTable:
    """A row a series. `width` in columns: where there are few, the id has a line of its own."""
    is_wide = width >= _WIDE
    table = RichTable(box=None, header_style="bold", pad_edge=False)
    table.add_column("#", justify="right", no_wrap=True)
    table.add_column("title", overflow="fold")
    for name in ("year", "from", "rating", "status"):
        table.add_column(name, no_wrap=True)
    if is_wide:
        table.add_column("id", no_wrap=True)
    for number, facts in enumerate(found, start=1):
        title = Text(title_of(facts))
        for edition in _editions(facts):
            title.append(f"\n{edition}", style="yellow")
        if not is_wide:
            title.append(f"\n{facts.id}", style="dim")
        cells = (facts.original_language, facts.content_rating, facts.status)
        told = (str(facts.year or ""), *cells, *((facts.id,) if is_wide else ()))
        table.add_row(str(number), title, *(Text(cell or "-") for cell in told))
    return table


def _editions(facts: SeriesFacts) -> list[str]:
    found = (EDITION_TAGS[tag.id] for tag in facts.tags if tag.id in EDITION_TAGS)
    return [f"{name}: needs --allow {edition}" for edition, name in found]


def picked(found: Sequence[SeriesFacts], title: str, picking: Picking) -> SeriesFacts:
    """The one that is meant: by number, by asking, or because no other can be.

    Raises BadConfig where it cannot be told, Interrupted where the answer is none of them.
    """
    if picking.number is not None:
        if picking.number > len(found):
            raise BadConfig(f"--pick {picking.number}: there are only {len(found)} candidates")
        return found[picking.number - 1]
    if picking.ask is not None:
        return found[_answer(picking.ask, len(found)) - 1]
    exact = [facts for facts in found if _has_title(facts, title)]
    only = found if len(found) == 1 else exact
    if len(only) != 1:
        raise BadConfig(
            f"{len(found)} series are found for '{title}', {len(exact)} of exactly that title: "
            "say which with --pick N, or give its UUID"
        )
    return only[0]


def _has_title(facts: SeriesFacts, title: str) -> bool:
    wanted = title.casefold()
    return any(" ".join(t.casefold().split()) == wanted for t in (facts.title, *facts.other_titles))


def _answer(ask: Callable[[str], str], most: int) -> int:
    question = f"Which one? 1 to {most}, 0 for none" if most > 1 else "Add it? 1 yes, 0 no"
    while True:
        answer = ask(question).strip()
        if answer == "0":
            raise Interrupted("nothing was added")
        if answer.isdecimal() and 1 <= int(answer) <= most:
            return int(answer)
