"""`mangazero explain ID`: where a row comes from, or why it is not there."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator, Sequence
from dataclasses import asdict
from typing import Annotated, Any, Final

import typer
from rich.console import Console
from rich.text import Text

from pipeline.cli.opening import JsonOption, PagesOption, ProfileOption, WorkOption, open_plan
from pipeline.explain.any_id import explain as explained
from pipeline.explain.explanation import Explanation, SourceFile

_INDENT: Final = 2
_MOST: Final = 4
"""Neighbours of one kind, and sources, that are named; --json names them all."""

IdArgument = Annotated[
    str,
    typer.Argument(
        metavar="ID", help="A page, page image, panel, character, dialog or identity id."
    ),
]


def explain(
    some_id: IdArgument,
    profile: ProfileOption = "sample",
    work: WorkOption = None,
    pages: PagesOption = None,
    as_json: JsonOption = False,
) -> None:
    """Say of any id where it comes from, which stage made or dropped it, with what, and why."""
    answer = explained(open_plan(profile, work, pages), some_id)
    if as_json:
        sys.stdout.write(json.dumps(asdict(answer), indent=1, ensure_ascii=False) + "\n")
        return
    console = Console(file=sys.stdout, soft_wrap=True, highlight=False)
    for head, line in told(answer):
        bold = "bold" if console.is_terminal else ""
        console.print(Text.assemble((head, bold), line))


def told(answer: Explanation) -> Iterator[tuple[str, str]]:
    """The explanation in lines of a name and what it says."""
    why = f": {answer.reason}" if answer.reason else ""
    yield answer.id, f"  {answer.kind}, {answer.status}{why}"
    for note in answer.notes:
        yield "", f"{' ' * _INDENT}{note}"
    yield from _block("source", _sources(answer.sources))
    yield from _block("way", [f"{s.stage:<9}{s.outcome:<8} {s.says}" for s in answer.steps])
    yield from _block("facts", _aligned(dict(answer.facts)))
    yield from _block("near it", _aligned({k: _ids(v) for k, v in answer.neighbours.items() if v}))
    if answer.made_by is not None:
        by = answer.made_by
        verb = "made by" if answer.status == "present" else f"{answer.status} by"
        models = f", models: {', '.join(by.models)}" if by.models else ""
        yield from _block(verb, [f"{by.stage} v{by.version} on {by.when}{models}"])
        yield from _block("with", [f"{key} = {_value(value)}" for key, value in by.params.items()])


def _block(head: str, lines: Sequence[str]) -> Iterator[tuple[str, str]]:
    for i, line in enumerate(lines):
        yield (head if i == 0 else "").ljust(11), line


def _aligned(values: dict[str, Any]) -> list[str]:
    width = max((len(key) for key in values), default=0)
    return [f"{key.ljust(width)}  {_value(value)}" for key, value in values.items()]


def _value(value: Any) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, (tuple, list)):
        return ", ".join(map(str, value))
    return " ".join(str(value).split())


def _ids(ids: Sequence[str]) -> str:
    more = f" and {len(ids) - _MOST} more" if len(ids) > _MOST else ""
    return ", ".join(ids[:_MOST]) + more


def _sources(sources: Sequence[SourceFile]) -> list[str]:
    lines = [
        f"{each.page}  at {each.locator or '?'}  sha256 {each.sha256 or 'never fetched'}"
        for each in sources[:_MOST]
    ]
    more = len(sources) - _MOST
    return [*lines, f"and {more} more pages"] if more > 0 else lines
