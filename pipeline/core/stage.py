"""A stage is declared, not programmed. `pipeline.core.runner.run_stage` does the rest."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from pipeline.core.hashing import digest_of
from pipeline.core.outcome import Item, Kept, Outcome
from pipeline.core.tables import Row, Table
from pipeline.core.workspace import Workspace
from schemas.receipts import DATASET_SCOPE, ModelPin
from schemas.record import Record


@dataclass(frozen=True)
class Scope:
    """What one run of a stage covers: one series, or all of them."""

    name: str
    series: tuple[str, ...]

    @classmethod
    def one(cls, series: str) -> Scope:
        return cls(series, (series,))

    @classmethod
    def dataset(cls, series: Sequence[str]) -> Scope:
        return cls(DATASET_SCOPE, tuple(sorted(series)))


@dataclass(frozen=True)
class Inputs:
    """The tables that a stage reads, over its scope."""

    workspace: Workspace
    scope: Scope

    def rows(self, table: Table[Row]) -> list[Row]:
        return self.workspace.read(table, self.scope.series)


Act = Callable[[Sequence[Item[Any]]], Iterable[Outcome]]
Stream = Callable[[Sequence[Item[Any]]], Iterator[Outcome | None]]
Reopen = Callable[[str, str], bool]
Settle = Callable[[Sequence[Kept]], Iterable[Outcome]]
Finish = Callable[[Sequence[Kept]], Mapping[str, int]]


@dataclass(frozen=True)
class Stage:
    """One verb of the pipeline, for one scope.

    list_items  the work, from the tables read; cheap, no picture is opened
    act         answers a batch: one outcome an item. Expensive answers are journalled.
                Picklable where `in_processes` is set
    stream      in place of `act`: answers all open items in one call, each as it is ready and in
                any order, None as a sign of life. For work whose own clock is not ours: a network
    reopen      whether an item of that key, dropped for that reason, is to be answered again: for
                reasons that may cease to hold while the item stays as it is
    settle      a pure, cheap pass over all kept outcomes of the scope, sorted by key, for
                decisions that need the whole series (near duplicates, clusters). It answers
                each one again
    finish      makes what is derived from the whole (an index beside the shards) and returns
                the files made, path in the workspace -> bytes
    params      shape an item's answer: a change starts a new journal, the old answers stay
    decision    parameters that `settle` alone reads: a change works on no item again
    inputs      digests of what is read beside tables: a source's listing, a verdict log
    """

    name: str
    version: int
    scope: Scope
    params: Record
    reads: tuple[Table[Any], ...]
    writes: tuple[Table[Any], ...]
    list_items: Callable[[Inputs], Sequence[Item[Any]]]
    act: Act
    stream: Stream | None = None
    reopen: Reopen | None = None
    settle: Settle | None = None
    decision: Record | None = None
    finish: Finish | None = None
    models: tuple[ModelPin, ...] = ()
    inputs: Mapping[str, str] = field(default_factory=dict)
    batch_size: int = 1
    in_processes: bool = False

    @property
    def config(self) -> str:
        """Digest of all that shapes an item's answer beside the item itself: names the journal."""
        return digest_of([self.name, self.version, self.params, list(self.models)])

    @property
    def all_params(self) -> dict[str, Any]:
        """Every parameter in plain values, as receipts record them."""
        decision = self.decision.model_dump(mode="json") if self.decision else {}
        return {**self.params.model_dump(mode="json"), **decision}

    def fingerprint(self, reads: Mapping[str, str]) -> str:
        """Digest of everything that the stage's tables depend on."""
        return digest_of(
            [self.config, self.decision, self.scope.series, dict(reads), dict(self.inputs)]
        )
