"""Tables: one Parquet file a (stage, scope, table), rows sorted by their key, bytes repeatable."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Generic, TypeVar

import pyarrow as pa
import pyarrow.parquet as pq

from pipeline.core.atomic import atomic_file
from schemas.arrow import arrow_schema
from schemas.receipts import NotKept
from schemas.record import Record

Row = TypeVar("Row", bound=Record)
PlainRow = dict[str, Any]
"""A row as JSON would hold it; what journals keep and tables are written from."""


@dataclass(frozen=True)
class Table(Generic[Row]):
    """A kind of row, the stage that writes it, and the columns that sort it."""

    name: str
    stage: str
    record: type[Row]
    sort_by: tuple[str, ...] = ("id",)

    def parse(self, rows: Iterable[PlainRow]) -> list[Row]:
        return [self.record.model_validate(row) for row in rows]


def not_kept_table(stage: str) -> Table[NotKept]:
    """The table of what a stage dropped or failed on, and why."""
    return Table("not_kept", stage, NotKept, sort_by=("key",))


def write_table(path: Path, table: Table[Any], rows: Sequence[PlainRow]) -> None:
    """Sorts, then writes atomically. The same rows give the same bytes."""
    ordered = sorted(rows, key=lambda row: tuple(row[column] for column in table.sort_by))
    columns = pa.Table.from_pylist(ordered, schema=arrow_schema(table.record))
    with atomic_file(path) as stream:
        pq.write_table(columns, stream, compression="zstd")


def read_rows(path: Path, table: Table[Row]) -> list[Row]:
    """All rows as records; an absent file has none."""
    if not path.exists():
        return []
    return table.parse(pq.ParquetFile(path).read().to_pylist())
