"""Tables: one Parquet file a (stage, scope, table), rows sorted by their key, bytes repeatable."""

from __future__ import annotations

import io
import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Generic, TypeVar

import pyarrow as pa
import pyarrow.json as pj
import pyarrow.parquet as pq

from pipeline.core.atomic import atomic_file
from schemas.arrow import arrow_schema
from schemas.receipts import NotKept
from schemas.record import Record

# Arrow's own allocator keeps an arena for each thread that ever wrote a table: some 50 MB for eight
# series side by side. Tables are small, so the system's does as well.
pa.set_memory_pool(pa.system_memory_pool())

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
    columns = _columns(ordered, arrow_schema(table.record))
    with atomic_file(path) as stream:
        pq.write_table(columns, stream, compression="zstd")


def _columns(rows: Sequence[PlainRow], schema: pa.Schema) -> pa.Table:
    """The rows as columns, by way of JSON: `pa.Table.from_pylist` would import pandas for it, which
    takes a quarter of a second and 40 MB in every process that writes a table."""
    if not rows:
        return schema.empty_table()
    text = "\n".join(json.dumps(row, allow_nan=False) for row in rows).encode()
    wide = pa.schema([pa.field(field.name, _nullable(field.type)) for field in schema])
    columns = pj.read_json(
        io.BytesIO(text),
        read_options=pj.ReadOptions(use_threads=False, block_size=len(text) + 1),
        parse_options=pj.ParseOptions(explicit_schema=wide, unexpected_field_behavior="error"),
    )
    return columns.cast(schema)


def _nullable(kind: pa.DataType) -> pa.DataType:
    """What the JSON reader makes of a type: its inner fields may always be absent."""
    if isinstance(kind, pa.StructType):
        return pa.struct([pa.field(field.name, _nullable(field.type)) for field in kind])
    if isinstance(kind, pa.ListType):
        return pa.list_(_nullable(kind.value_type))
    return kind


def read_rows(path: Path, table: Table[Row]) -> list[Row]:
    """All rows as records; an absent file has none."""
    if not path.exists():
        return []
    return table.parse(pq.ParquetFile(path).read().to_pylist())
