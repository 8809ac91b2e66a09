"""Arrow schemas, derived from the records so that the two cannot drift apart."""

from __future__ import annotations

import types
from enum import Enum
from typing import Annotated, Any, Literal, Union, get_args, get_origin

import pyarrow as pa

from schemas.record import Record

_SCALARS: dict[type, pa.DataType] = {
    str: pa.string(),
    int: pa.int64(),
    float: pa.float64(),
    bool: pa.bool_(),
}


def arrow_schema(record: type[Record]) -> pa.Schema:
    """One column a field, in the record's order. Nested records become structs, tuples lists.

    Raises TypeError for a field whose type has no column form.
    """
    return pa.schema([_field(name, info.annotation) for name, info in record.model_fields.items()])


def _field(name: str, annotation: Any) -> pa.Field[Any]:
    inner = _without_none(annotation)
    return pa.field(name, _data_type(inner), nullable=inner is not annotation)


def _without_none(annotation: Any) -> Any:
    if get_origin(annotation) in (Union, types.UnionType):
        given = [each for each in get_args(annotation) if each is not type(None)]
        if len(given) == 1:
            return given[0]
    return annotation


def _data_type(annotation: Any) -> pa.DataType:
    origin = get_origin(annotation)
    if origin is Annotated:
        return _data_type(get_args(annotation)[0])
    if origin is Literal:
        return _SCALARS[type(get_args(annotation)[0])]
    if origin is tuple:
        return pa.list_(_data_type(get_args(annotation)[0]))
    return _plain_type(annotation)


def _plain_type(annotation: Any) -> pa.DataType:
    if isinstance(annotation, type):
        if issubclass(annotation, Record):
            return pa.struct(list(arrow_schema(annotation)))
        if issubclass(annotation, Enum):
            return pa.string()
        if annotation in _SCALARS:
            return _SCALARS[annotation]
    raise TypeError(f"no Arrow type for {annotation!r}")
