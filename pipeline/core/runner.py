"""`run_stage`: fingerprint, journal, the work itself, conservation, and the commit."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from pipeline.core.commit import Question, as_kept, commit
from pipeline.core.engine import Batch, Engine
from pipeline.core.errors import BrokenInvariant
from pipeline.core.hashing import sha256_of_file
from pipeline.core.journal import Entry, Journal, entry_of
from pipeline.core.outcome import Item, Outcome
from pipeline.core.progress import Progress, Silent
from pipeline.core.stage import Inputs, Stage
from pipeline.core.workspace import Workspace
from schemas.receipts import Receipt


@dataclass(frozen=True)
class StageRun:
    """What `run_stage` did: the receipt, and whether it stood already."""

    receipt: Receipt
    was_done: bool


def run_stage(
    stage: Stage, workspace: Workspace, engine: Engine, progress: Progress | None = None
) -> StageRun:
    """Brings the stage's tables up to date, doing only what is not done yet.

    Raises StopRun where the operator has to act and BrokenInvariant where the stage lost or
    invented an item; in both cases the journal keeps every outcome so far.
    """
    listener = progress or Silent()
    question = question_of(stage, workspace)
    standing = standing_receipt(stage, workspace, question)
    if standing is not None:
        listener.finished(standing, was_done=True)
        return StageRun(standing, was_done=True)

    items = _listed(stage, workspace)
    _withdraw_if_it_has_files(stage, workspace)
    journal_path = workspace.journal_path(stage.name, stage.scope.name, stage.config)
    with Journal(journal_path) as journal:
        open_items = [item for item in items if not _is_answered(stage, workspace, journal, item)]
        listener.started(stage.name, stage.scope.name, len(items), len(items) - len(open_items))
        _work(stage, open_items, journal, engine, listener)
        entries = _conserved(items, journal)
    receipt = commit(stage, workspace, question, _settled(stage, entries), len(open_items))
    listener.finished(receipt, was_done=False)
    return StageRun(receipt, was_done=False)


def question_of(stage: Stage, workspace: Workspace) -> Question:
    """The stage's question as things lie now: digests of every table file that it reads."""
    paths = [
        workspace.table_path(table, series)
        for table in stage.reads
        for series in stage.scope.series
    ]
    reads = {
        workspace.relative(path): sha256_of_file(path) if path.exists() else "" for path in paths
    }
    return Question(reads, stage.fingerprint(reads))


def standing_receipt(stage: Stage, workspace: Workspace, question: Question) -> Receipt | None:
    """The receipt if it answers this very question, nothing failed, and its files lie there."""
    receipt = workspace.read_receipt(stage.name, stage.scope.name)
    if receipt is None or receipt.fingerprint != question.fingerprint or receipt.n_failed:
        return None
    tables = {path: table.sha256 for path, table in receipt.writes.items()}
    stands = workspace.has_files(receipt.files) and workspace.has_contents(tables)
    return receipt if stands else None


def _withdraw_if_it_has_files(stage: Stage, workspace: Workspace) -> None:
    """The work itself writes over such files; tables are written over by the commit only."""
    receipt = workspace.read_receipt(stage.name, stage.scope.name)
    if receipt is not None and receipt.files:
        workspace.withdraw_receipt(stage.name, stage.scope.name)


def _listed(stage: Stage, workspace: Workspace) -> list[Item[Any]]:
    items = sorted(stage.list_items(Inputs(workspace, stage.scope)), key=lambda item: item.key)
    doubled = [key for key, times in Counter(item.key for item in items).items() if times > 1]
    if doubled:
        raise BrokenInvariant(f"{stage.name}: the same item twice: {doubled[:3]}")
    return items


def _is_answered(stage: Stage, workspace: Workspace, journal: Journal, item: Item[Any]) -> bool:
    entry = journal.find(item.key, item.digest)
    if entry is None or not entry.is_final:
        return False
    if entry.status == "dropped" and stage.reopen is not None:
        return not stage.reopen(entry.key, entry.reason)
    return workspace.has_contents(entry.files)


def _work(
    stage: Stage, items: Sequence[Item[Any]], journal: Journal, engine: Engine, listener: Progress
) -> None:
    """Answers the items and appends each outcome as it comes."""
    digests = {item.key: item.digest for item in items}
    for outcomes in _answers(stage, items, engine):
        for outcome in outcomes:
            if outcome.key not in digests:
                raise BrokenInvariant(f"{stage.name}: an answer that nobody asked: {outcome.key}")
            journal.append(entry_of(outcome, digests[outcome.key]))
            listener.advanced(stage.name, stage.scope.name, outcome)


def _answers(stage: Stage, items: Sequence[Item[Any]], engine: Engine) -> Iterator[list[Outcome]]:
    if stage.stream is not None:
        return ([outcome] for outcome in engine.stream(stage.stream, items)) if items else iter(())
    batches = _batches(items, stage.batch_size)
    return engine.map(stage.act, batches, in_processes=stage.in_processes)


def _batches(items: Sequence[Item[Any]], size: int) -> Iterator[Batch]:
    return (items[start : start + size] for start in range(0, len(items), size))


def _conserved(items: Sequence[Item[Any]], journal: Journal) -> list[Entry]:
    """The answer to every item, sorted by key. Raises BrokenInvariant if one has none."""
    found = [(item.key, journal.find(item.key, item.digest)) for item in items]
    missing = [key for key, entry in found if entry is None]
    if missing:
        raise BrokenInvariant(f"{len(missing)} items without an outcome, first {missing[0]}")
    return [entry for _, entry in found if entry is not None]


def _settled(stage: Stage, entries: list[Entry]) -> list[Entry]:
    """The entries after the stage's pass over the whole scope."""
    if stage.settle is None:
        return entries
    kept = as_kept(stage, entries)
    again = [entry_of(outcome, "") for outcome in stage.settle(kept)]
    if sorted(entry.key for entry in again) != [each.key for each in kept]:
        raise BrokenInvariant(f"{stage.name}: settling lost or invented items")
    return sorted([*again, *(e for e in entries if e.status != "kept")], key=lambda e: e.key)
