"""Arrow schemas follow the records, and rows survive the way to Parquet and back."""

from __future__ import annotations

from enum import StrEnum
from typing import Literal

import pyarrow as pa
import pytest

from pipeline.stages.tables import ALL
from schemas.arrow import arrow_schema
from schemas.pages import Page
from schemas.record import Boxed, Record, Slug
from schemas.samples import Sample


class Kind(StrEnum):
    """For these tests."""

    ONE = "one"


class Everything(Record):
    """Every type that has a column form."""

    text: Slug
    whole: int
    real: float
    flag: bool
    kind: Kind
    choice: Literal["a", "b"]
    many: tuple[str, ...]
    maybe: int | None
    inner: tuple[Boxed, ...]


class Unfit(Record):
    """A dict has no column form."""

    loose: dict[str, str]


def test_every_type_has_its_column() -> None:
    box = pa.struct(
        [pa.field(name, pa.int64(), nullable=False) for name in ("x1", "y1", "x2", "y2")]
    )
    assert arrow_schema(Everything) == pa.schema(
        [
            pa.field("text", pa.string(), nullable=False),
            pa.field("whole", pa.int64(), nullable=False),
            pa.field("real", pa.float64(), nullable=False),
            pa.field("flag", pa.bool_(), nullable=False),
            pa.field("kind", pa.string(), nullable=False),
            pa.field("choice", pa.string(), nullable=False),
            pa.field("many", pa.list_(pa.string()), nullable=False),
            pa.field("maybe", pa.int64(), nullable=True),
            pa.field("inner", pa.list_(box), nullable=False),
        ]
    )


def test_a_type_without_a_column_is_refused() -> None:
    with pytest.raises(TypeError, match="no Arrow type for dict"):
        arrow_schema(Unfit)


def test_columns_are_the_fields_in_order() -> None:
    assert len({table.name for table in ALL}) == len(ALL)
    for table in ALL:
        assert arrow_schema(table.record).names == list(table.record.model_fields)
        assert set(table.sort_by) <= set(table.record.model_fields)


def test_a_sample_names_its_licence_and_its_box() -> None:
    names = arrow_schema(Sample).names
    assert {"licence", "attribution", "x1", "y1", "x2", "y2"} <= set(names)
    assert arrow_schema(Page).field("defect").type == pa.string()
