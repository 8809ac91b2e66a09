"""What an annotator submitted, read from Label Studio's JSON. Pure.

The server checks nothing: an annotation may name a control, an answer or a crop that never was
on the sheet. `origin` is not looked at, for it does not say reliably who changed something.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from pydantic import AwareDatetime, BaseModel, ConfigDict

from annotation_ui.questions import CONFIGS, NAME, SHEET, VERDICT, WRONG, SheetVerdict
from annotation_ui.tasks import SheetContent

_VALUE_KEYS = {"choices": "choices", "textarea": "text"}


class Reason(StrEnum):
    """Why an annotation gives no verdict. Mixed and unsure are good answers: they ask for a
    second look, the others for somebody who finds out what went wrong."""

    MIXED = "mixed"
    UNSURE = "unsure"
    CANCELLED = "cancelled"
    EMPTY_RESULT = "empty_result"
    NO_VERDICT = "no_verdict"
    EVERYTHING_MARKED = "everything_marked"
    UNKNOWN_CONFIG = "unknown_config"
    UNKNOWN_CONTROL = "unknown_control"
    UNKNOWN_CHOICE = "unknown_choice"
    UNKNOWN_CROP = "unknown_crop"
    CHANGED_BOX = "changed_box"
    ILL_FORMED = "ill_formed"


class Misfit(Exception):
    """An annotation to be put into quarantine."""

    def __init__(self, reason: Reason, detail: str = "") -> None:
        super().__init__(f"{reason}: {detail}")
        self.reason = reason
        self.detail = detail


class _Foreign(BaseModel):
    """Label Studio's own JSON: it holds much more than we need."""

    model_config = ConfigDict(frozen=True, extra="ignore")


class Annotator(_Foreign):
    """The user who submitted; some exports give the number alone."""

    id: int


class Region(_Foreign):
    """What one control holds. A relation has no control of its own."""

    from_name: str = ""
    to_name: str = ""
    type: str
    value: dict[str, Any] = {}


class Annotation(_Foreign):
    """One submission of one annotator for one sheet."""

    id: int | str
    completed_by: Annotator | int | None = None
    was_cancelled: bool = False
    updated_at: AwareDatetime
    result: tuple[Region, ...]

    @property
    def annotator(self) -> str:
        """A number, not an address: the log is kept for ever."""
        who = self.completed_by
        number = who.id if isinstance(who, Annotator) else who
        return "unknown" if number is None else f"user-{number}"


@dataclass(frozen=True, slots=True)
class Answer:
    """A sheet's answer that is sound in itself. `wrong` are exceptions to the verdict."""

    verdict: SheetVerdict
    wrong: frozenset[str]
    name: str


def read_answer(sheet: SheetContent, annotation: Annotation) -> Answer:
    """The answer, checked against the sheet's own controls and crops. Raises Misfit."""
    if annotation.was_cancelled:
        raise Misfit(Reason.CANCELLED)
    if not annotation.result:
        raise Misfit(Reason.EMPTY_RESULT)
    given = _values(sheet, annotation)
    wrong = frozenset(given.get(WRONG, ()))
    if foreign := sorted(wrong - sheet.boxes.keys()):
        raise Misfit(Reason.UNKNOWN_CROP, f"not on the sheet: {', '.join(foreign)}")
    return Answer(_verdict(given), wrong, _name(given))


def _values(sheet: SheetContent, annotation: Annotation) -> dict[str, tuple[str, ...]]:
    """Control -> its values. Raises Misfit for what the sheet's config has no place for."""
    if sheet.config not in CONFIGS:
        raise Misfit(Reason.UNKNOWN_CONFIG, sheet.config)
    types = dict(CONFIGS[sheet.config].types)
    given: dict[str, tuple[str, ...]] = {}
    for region in annotation.result:
        control = region.from_name
        if types.get(control) != region.type or region.to_name != SHEET:
            raise Misfit(Reason.UNKNOWN_CONTROL, f"{control!r} of type {region.type!r}")
        if control in given:
            raise Misfit(Reason.ILL_FORMED, f"{control} is given twice")
        given[control] = _strings(region)
    return given


def _strings(region: Region) -> tuple[str, ...]:
    values = region.value.get(_VALUE_KEYS[region.type])
    if not isinstance(values, list) or not all(_is_text(value) for value in values):
        raise Misfit(Reason.ILL_FORMED, f"{region.from_name} holds no list of texts")
    return tuple(values)


def _is_text(value: object) -> bool:
    """JSON can spell half a character (a lone surrogate), which no file can hold."""
    return isinstance(value, str) and not any("\ud800" <= sign <= "\udfff" for sign in value)


def _verdict(given: Mapping[str, tuple[str, ...]]) -> SheetVerdict:
    values = given.get(VERDICT, ())
    if not values:
        raise Misfit(Reason.NO_VERDICT)
    if len(values) > 1 or values[0] not in list(SheetVerdict):
        raise Misfit(Reason.UNKNOWN_CHOICE, ", ".join(values))
    return SheetVerdict(values[0])


def _name(given: Mapping[str, tuple[str, ...]]) -> str:
    """One line without doubled blanks, composed (NFC), so that equal names are equal."""
    lines = {" ".join(unicodedata.normalize("NFC", text).split()) for text in given.get(NAME, ())}
    names = sorted(lines - {""})
    if len(names) > 1:
        raise Misfit(Reason.ILL_FORMED, f"several names: {', '.join(names)}")
    return names[0] if names else ""
