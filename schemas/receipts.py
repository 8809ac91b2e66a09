"""Receipts: what a finished stage says of itself, and the rows it did not keep."""

from __future__ import annotations

from typing import Any, Literal

from pydantic import Field

from schemas.record import Record

DATASET_SCOPE = "_dataset"
"""The scope of a stage that works on all series at once (no slug can start with '_')."""


class ModelPin(Record):
    """A model that a stage's answers depend on."""

    name: str
    revision: str
    sha256: str = ""


class TableDigest(Record):
    """A table as it lay on disk when the receipt was written."""

    sha256: str
    n_bytes: int
    rows: int


class Receipt(Record):
    """Written last: with it, the stage's tables are complete for this fingerprint.

    kept + dropped + failed == items.
    """

    stage: str
    scope: str = Field(description="a series slug, or the whole dataset")
    version: int
    fingerprint: str = Field(description="hash of stage, version, params, models, tables read")
    config: str = Field(description="the same without the tables read: names the journal")
    items: int
    kept: int
    dropped: dict[str, int]
    failed: dict[str, int]
    params: dict[str, Any] = Field(description="parameters of the stage, decision included")
    models: tuple[ModelPin, ...]
    reads: dict[str, str] = Field(description="table read -> its sha256")
    inputs: dict[str, str] = Field(description="what else was read -> its digest")
    writes: dict[str, TableDigest]
    files: dict[str, int] = Field(description="other files made, by path in the workspace -> bytes")
    fresh: int = Field(description="items that this run worked on; the others were done before")
    started: str
    seconds: float
    versions: dict[str, str]

    @property
    def n_dropped(self) -> int:
        return sum(self.dropped.values())

    @property
    def n_failed(self) -> int:
        return sum(self.failed.values())


class NotKept(Record):
    """An item that gave no row, and why."""

    key: str
    status: Literal["dropped", "failed"]
    reason: str
    detail: str
