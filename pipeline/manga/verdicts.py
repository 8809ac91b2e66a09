"""Folds what people decided into proposals. Pure: the same verdicts in any order of arrival give
the same identities, and proposals themselves are never changed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime

from schemas.identities import Identity, Verdict
from schemas.ids import identity_id


def fold(identities: Sequence[Identity], verdicts: Sequence[Verdict]) -> dict[str, Identity]:
    """Character id -> identity after the verdicts; junk boxes have none.

    Later verdicts win (by time, ties by id); a verdict that arrives twice counts once; boxes
    that no longer exist are passed over. "same" moves the boxes that it lists, and with
    them the boxes that people joined to these before; mere proposals stay where they are.
    """
    folding = _Folding({identity.id: identity for identity in identities})
    latest = {verdict.id: verdict for verdict in sorted(verdicts, key=_when)}
    for verdict in sorted(latest.values(), key=_when):
        boxes = [box for box in dict.fromkeys(verdict.characters) if box in folding.folded]
        if boxes:
            folding.apply(verdict, boxes)
    return folding.folded


def _when(verdict: Verdict) -> tuple[datetime, str, str]:
    return datetime.fromisoformat(verdict.at), verdict.id, verdict.model_dump_json()


@dataclass
class _Folding:
    """Character -> identity so far, and the identity that each name stands for."""

    folded: dict[str, Identity]
    named: dict[str, str] = field(default_factory=dict)

    def apply(self, verdict: Verdict, boxes: Sequence[str]) -> None:
        match verdict.kind:
            case "junk":
                for box in boxes:
                    del self.folded[box]
            case "same":
                self._join(boxes, min(self._identities(boxes)))
            case "name":
                self._verify(boxes, self._identity_named(verdict.name, boxes))
            case "different":
                self._part(boxes)

    def _identities(self, boxes: Sequence[str]) -> set[str]:
        return {self.folded[box].identity for box in boxes}

    def _verify(self, boxes: Sequence[str], identity: str) -> None:
        change = {"identity": identity, "status": "verified"}
        for box in boxes:
            self.folded[box] = self.folded[box].model_copy(update=change)

    def _join(self, boxes: Sequence[str], identity: str) -> None:
        """One identity for the boxes, for those joined to them before, and for their names."""
        joined = {
            self.folded[box].identity for box in boxes if self.folded[box].status == "verified"
        }
        mates = [
            box
            for box, each in self.folded.items()
            if each.status == "verified" and each.identity in joined
        ]
        self._verify([*boxes, *mates], identity)
        self.named = {
            name: identity if known in joined else known for name, known in self.named.items()
        }

    def _identity_named(self, name: str, boxes: Sequence[str]) -> str:
        """The identity of that name; two names never share one unless people joined them."""
        if name not in self.named:
            free = self._identities(boxes) - set(self.named.values())
            self.named[name] = min(free) if free else self._unused(self.folded[boxes[0]].series)
        return self.named[name]

    def _part(self, boxes: Sequence[str]) -> None:
        """The first listed keeps its identity; every later box of the same one gets a new one."""
        seen: set[str] = set()
        for box in boxes:
            identity = self.folded[box].identity
            if identity in seen:
                identity = self._unused(self.folded[box].series)
            seen.add(identity)
            self._verify([box], identity)

    def _unused(self, series: str) -> str:
        taken = {*self.named.values(), *(each.identity for each in self.folded.values())}
        return identity_id(series, 1 + max(int(each.rsplit("who", 1)[1]) for each in taken))
