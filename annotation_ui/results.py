"""Exported results to verdicts, or to a record of why not. Pure.

What an answer says, and no more than that (`kept` are the crops that are not marked):

    one_character     the kept are the same; each marked one differs from them. Marked ones may
                      or may not be one another: nobody was asked
    with a name       the kept have that name
    not_a_character   the kept are junk; of the marked ones nothing is said
    mixed, unsure     nothing yet: a second look

A `different` verdict has two characters, and the first is the one whose identity stays.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC
from typing import Any, Literal

from pydantic import ValidationError

from annotation_ui.answers import Annotation, Answer, Misfit, Reason, read_answer
from annotation_ui.questions import SheetVerdict
from annotation_ui.tasks import SheetContent
from schemas.boxes import Box
from schemas.detections import Character
from schemas.identities import Verdict
from schemas.record import Record

Kind = Literal["same", "different", "name", "junk"]
Statement = tuple[Kind, tuple[str, ...], str]
"""Kind, characters, name: a verdict before it has an author."""


class Quarantined(Record):
    """An annotation, or a part of one, that gives no verdict. `raw` loses nothing of it."""

    task_key: str
    annotation: str
    reason: Reason
    detail: str
    raw: Any

    @property
    def line(self) -> str:
        """JSON on one line, in ASCII: `raw` may hold what UTF-8 cannot."""
        return json.dumps({**self.model_dump(exclude={"raw"}), "raw": self.raw}, sort_keys=True)


@dataclass(frozen=True, slots=True)
class Reading:
    """All that an export says. Verdicts by time, then id; quarantine by task and annotation."""

    verdicts: tuple[Verdict, ...]
    quarantined: tuple[Quarantined, ...]


def read_results(tasks: Sequence[Any], characters: Iterable[Character]) -> Reading:
    """Label Studio's JSON export (a list of tasks with annotations) -> verdicts and quarantine.

    Nothing in it can raise. The order of tasks, annotations and controls does not matter, and
    what is there twice counts once. `characters` are the boxes of today: an answer about a box
    that is gone, or that has moved since, is not used.
    """
    boxes = {character.id: character.box for character in characters}
    verdicts: dict[str, Verdict] = {}
    quarantined: dict[str, Quarantined] = {}
    for task in tasks:
        for found in _read_task(task, boxes):
            if isinstance(found, Verdict):
                verdicts[found.id] = found
            else:
                quarantined[found.line] = found
    return Reading(
        tuple(sorted(verdicts.values(), key=lambda verdict: (verdict.at, verdict.id))),
        tuple(found for _, found in sorted(quarantined.items(), key=_by_task)),
    )


def _by_task(entry: tuple[str, Quarantined]) -> tuple[str, str, str]:
    text, found = entry
    return found.task_key, found.annotation, text


def _read_task(task: Any, boxes: Mapping[str, Box]) -> Iterator[Verdict | Quarantined]:
    try:
        sheet = SheetContent.model_validate(task["data"])
        annotations = list(task["annotations"])
    except (ValidationError, TypeError, KeyError) as error:
        yield _ill_formed("", task, error)
        return
    for raw in annotations:
        try:
            annotation = Annotation.model_validate(raw)
            yield from _read_annotation(sheet, annotation, raw, boxes)
        except (ValidationError, OverflowError) as error:
            yield _ill_formed(sheet.task_key, raw, error)


def _read_annotation(
    sheet: SheetContent, annotation: Annotation, raw: Any, boxes: Mapping[str, Box]
) -> Iterator[Verdict | Quarantined]:
    def aside(reason: Reason, detail: str) -> Quarantined:
        return Quarantined(
            task_key=sheet.task_key,
            annotation=str(annotation.id),
            reason=reason,
            detail=detail,
            raw=raw,
        )

    changed = sorted(each for each, box in sheet.boxes.items() if boxes.get(each) != Box(*box))
    try:
        answer = read_answer(sheet, annotation)
        statements = _statements(sheet, answer, frozenset(changed))
    except Misfit as misfit:
        yield aside(misfit.reason, misfit.detail)
        return
    if changed:
        yield aside(Reason.CHANGED_BOX, f"left out: {', '.join(changed)}")
    yield from _signed(sheet, annotation, statements)


def _statements(sheet: SheetContent, answer: Answer, changed: frozenset[str]) -> list[Statement]:
    """What the answer says of the boxes that are still as they were. Raises Misfit."""
    if answer.verdict in (SheetVerdict.MIXED, SheetVerdict.UNSURE):
        raise Misfit(Reason(answer.verdict.value))
    shown = sorted(sheet.boxes)
    if answer.wrong.issuperset(shown):
        raise Misfit(Reason.EVERYTHING_MARKED)
    kept = tuple(each for each in shown if each not in answer.wrong | changed)
    if not kept:
        raise Misfit(Reason.CHANGED_BOX, "no box is as it was shown")
    if answer.verdict is SheetVerdict.NOT_A_CHARACTER:
        return [("junk", kept, "")]
    wrong = [each for each in shown if each in answer.wrong - changed]
    statements: list[Statement] = [("different", pair, "") for pair in _pairs(sheet, kept, wrong)]
    statements.append(("same", kept, ""))
    if answer.name:
        statements.append(("name", kept, answer.name))
    return statements


def _pairs(
    sheet: SheetContent, kept: Sequence[str], wrong: Sequence[str]
) -> Iterator[tuple[str, str]]:
    """Who differs from whom, the one that stays first.

    A marked anchor belongs to the other sheets of its cluster: it stays, and all that was kept
    here goes. Otherwise one of the kept stands for them all.
    """
    if sheet.anchor in wrong:
        yield from ((sheet.anchor, each) for each in kept)
    stands = sheet.anchor if sheet.anchor in kept else kept[0]
    yield from ((stands, each) for each in wrong if each != sheet.anchor)


def _signed(
    sheet: SheetContent, annotation: Annotation, statements: Sequence[Statement]
) -> Iterator[Verdict]:
    """Verdicts whose ids depend on what was said, by whom and when, not on the server's numbers.

    The number in the id keeps the statements of one annotation in order where times are equal.
    """
    at = annotation.updated_at.astimezone(UTC).isoformat(timespec="microseconds")
    said = json.dumps([sheet.task_key, annotation.annotator, at, statements])
    digest = hashlib.sha256(said.encode()).hexdigest()[:24]
    for number, (kind, characters, name) in enumerate(statements):
        yield Verdict(
            id=f"{digest}-{number:02d}",
            series=sheet.series,
            kind=kind,
            characters=characters,
            name=name,
            annotator=annotation.annotator,
            at=at,
        )


def _ill_formed(key: str, raw: Any, error: Exception) -> Quarantined:
    detail = f"{type(error).__name__}: {error}"
    if isinstance(error, ValidationError):
        first = error.errors()[0]
        detail = f"{'.'.join(str(part) for part in first['loc'])}: {first['msg']}"
    number = raw.get("id", "") if isinstance(raw, dict) else ""
    return Quarantined(
        task_key=key,
        annotation=ascii(number).strip("'"),
        reason=Reason.ILL_FORMED,
        detail=ascii(detail)[1:-1],
        raw=raw,
    )
