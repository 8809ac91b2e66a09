"""The answer to `mangazero explain`, in plain values."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

from pipeline.staleness import flat
from schemas.receipts import Receipt

Outcome = Literal["kept", "dropped", "failed", "waits"]


@dataclass(frozen=True)
class Step:
    """What one stage did with it. `says` is the result, or the reason and its detail."""

    stage: str
    outcome: Outcome
    says: str


@dataclass(frozen=True)
class SourceFile:
    """Where a page came from. `sha256` is empty where it was never fetched."""

    page: str
    locator: str
    sha256: str


@dataclass(frozen=True)
class Making:
    """The stage that made or dropped it, as its receipt tells."""

    stage: str
    version: int
    when: str
    params: Mapping[str, Any]
    models: tuple[str, ...]


@dataclass(frozen=True)
class Explanation:
    """All that is known of one id. Boxes are xyxy in page-image pixels.

    `status` is "present", or how the first stage that did not keep it ended; `made_by` is then
    that stage, and otherwise the one that made it.
    """

    id: str
    kind: str
    status: Literal["present", "dropped", "failed"]
    reason: str
    made_by: Making | None
    sources: tuple[SourceFile, ...]
    steps: tuple[Step, ...]
    facts: Mapping[str, Any] = field(default_factory=dict)
    neighbours: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    notes: tuple[str, ...] = ()


def first_loss(steps: Sequence[Step]) -> Step | None:
    """The first stage that did not keep it."""
    return next((step for step in steps if step.outcome in ("dropped", "failed")), None)


def making_of(receipt: Receipt | None) -> Making | None:
    """What the receipt says of the making; None where the stage never finished."""
    if receipt is None:
        return None
    models = tuple(f"{pin.name} {pin.revision}" for pin in receipt.models)
    return Making(receipt.stage, receipt.version, receipt.started, flat(receipt.params), models)
