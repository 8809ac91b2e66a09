"""Folds what people decided into proposals. Pure: the same verdicts in any order of arrival give
the same identities, and proposals themselves are never changed."""

from __future__ import annotations

from collections.abc import Sequence

from schemas.identities import Identity, Verdict
from schemas.ids import identity_id


def fold(identities: Sequence[Identity], verdicts: Sequence[Verdict]) -> dict[str, Identity]:
    """Character id -> identity after the verdicts; junk boxes have none.

    Later verdicts win (by time, ties by id); a verdict that arrives twice counts once; boxes
    that no longer exist are passed over.
    """
    folded = {identity.id: identity for identity in identities}
    names: dict[str, str] = {}
    ordered = sorted({verdict.id: verdict for verdict in verdicts}.values(), key=_when)
    for verdict in ordered:
        boxes = [character for character in verdict.characters if character in folded]
        match verdict.kind:
            case "junk":
                for character in boxes:
                    del folded[character]
            case "same" if boxes:
                _verify(folded, boxes, min(folded[box].identity for box in boxes))
            case "name" if boxes:
                first = min(folded[box].identity for box in boxes)
                _verify(folded, boxes, names.setdefault(verdict.name, first))
            case "different":
                _part(folded, boxes)
            case _:
                pass
    return folded


def _when(verdict: Verdict) -> tuple[str, str]:
    return verdict.at, verdict.id


def _verify(folded: dict[str, Identity], boxes: Sequence[str], identity: str) -> None:
    for box in boxes:
        folded[box] = folded[box].model_copy(update={"identity": identity, "status": "verified"})


def _part(folded: dict[str, Identity], boxes: Sequence[str]) -> None:
    """Every box after the first of the same identity gets a new one."""
    seen: set[str] = set()
    for box in sorted(boxes):
        identity = folded[box].identity
        if identity in seen:
            _verify(folded, [box], _unused(folded, folded[box].series))
        else:
            seen.add(identity)
            _verify(folded, [box], identity)


def _unused(folded: dict[str, Identity], series: str) -> str:
    taken = [int(each.identity.rsplit("who", 1)[1]) for each in folded.values()]
    return identity_id(series, max(taken) + 1)
