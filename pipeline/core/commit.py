"""The end of a stage: tables written atomically, then the receipt that says they are complete."""

from __future__ import annotations

import platform
import time
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import cache
from importlib.metadata import version
from typing import Any

from pipeline.core.errors import BrokenInvariant
from pipeline.core.hashing import sha256_of_file
from pipeline.core.journal import Entry
from pipeline.core.outcome import Kept
from pipeline.core.stage import Stage
from pipeline.core.tables import PlainRow, Table, not_kept_table, write_table
from pipeline.core.workspace import Workspace
from schemas.receipts import NotKept, Receipt, TableDigest


@dataclass(frozen=True)
class Question:
    """What a run of a stage was asked: the tables as they were read, and when it began."""

    reads: dict[str, str]
    fingerprint: str
    started: str = field(default_factory=lambda: datetime.now(UTC).isoformat(timespec="seconds"))
    clock: float = field(default_factory=time.monotonic)


def commit(
    stage: Stage, workspace: Workspace, question: Question, entries: Sequence[Entry], fresh: int
) -> Receipt:
    """Writes the tables, what `finish` makes of them, and the receipt last.

    Raises BrokenInvariant, and writes nothing, unless kept + dropped + failed == items.
    """
    kept = [entry for entry in entries if entry.status == "kept"]
    dropped, failed = _reasons(entries, "dropped"), _reasons(entries, "failed")
    if len(kept) + sum(dropped.values()) + sum(failed.values()) != len(entries):
        raise BrokenInvariant(f"{stage.name}: kept + dropped + failed is not the items listed")
    workspace.withdraw_receipt(stage.name, stage.scope.name)
    writes = _write_tables(stage, workspace, entries)
    files = {path: workspace.size_of(path) for entry in kept for path in entry.files}
    if stage.finish is not None:
        files |= stage.finish(as_kept(stage, kept))
    receipt = Receipt(
        stage=stage.name,
        scope=stage.scope.name,
        version=stage.version,
        fingerprint=question.fingerprint,
        config=stage.config,
        items=len(entries),
        kept=len(kept),
        dropped=dropped,
        failed=failed,
        params=stage.all_params,
        models=stage.models,
        reads=question.reads,
        inputs=dict(stage.inputs),
        writes=writes,
        files=files,
        fresh=fresh,
        started=question.started,
        seconds=round(time.monotonic() - question.clock, 3),
        versions=_versions(),
    )
    workspace.write_receipt(receipt)
    return receipt


def as_kept(stage: Stage, entries: Sequence[Entry]) -> list[Kept]:
    """The kept entries with their rows as records again."""
    tables = {table.name: table for table in stage.writes}
    return [
        Kept(e.key, {name: tables[name].parse(rows) for name, rows in e.rows.items()}, e.files)
        for e in entries
        if e.status == "kept"
    ]


def _write_tables(
    stage: Stage, workspace: Workspace, entries: Sequence[Entry]
) -> dict[str, TableDigest]:
    lost: list[PlainRow] = [
        NotKept(key=e.key, status=e.status, reason=e.reason, detail=e.detail).model_dump()
        for e in entries
        if e.status != "kept"
    ]
    named = _rows_by_table(stage, entries)
    written: dict[str, TableDigest] = {}
    for table, rows in [*named, (not_kept_table(stage.name), lost)]:
        path = workspace.table_path(table, stage.scope.name)
        write_table(path, table, rows)
        written[workspace.relative(path)] = TableDigest(
            sha256=sha256_of_file(path), n_bytes=path.stat().st_size, rows=len(rows)
        )
    return written


def _rows_by_table(
    stage: Stage, entries: Sequence[Entry]
) -> list[tuple[Table[Any], list[PlainRow]]]:
    unknown = {name for e in entries for name in e.rows} - {table.name for table in stage.writes}
    if unknown:
        raise BrokenInvariant(f"{stage.name}: rows for a table it does not write: {min(unknown)}")
    return [
        (table, [r for e in entries for r in e.rows.get(table.name, ())]) for table in stage.writes
    ]


def _reasons(entries: Sequence[Entry], status: str) -> dict[str, int]:
    return dict(sorted(Counter(e.reason for e in entries if e.status == status).items()))


@cache
def _versions() -> dict[str, str]:
    return {
        "python": platform.python_version(),
        **{name: version(name) for name in ("mangazero", "pyarrow", "pillow", "numpy")},
    }
