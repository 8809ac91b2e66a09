"""The JSON Schemas in the tree are those of the records, and they hold what is written."""

from __future__ import annotations

import json
import tomllib
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from pipeline.stages.tables import ALL
from schemas.export import FOLDER, ROWS, exported, write
from tests.support.built import MANIFESTS

OTHER_MANIFESTS = {"models.toml", "tombstones.toml"}


def schema(name: str) -> dict[str, Any]:
    found: dict[str, Any] = json.loads((FOLDER / f"{name}.schema.json").read_text("utf-8"))
    return found


def test_the_files_are_up_to_date() -> None:
    lying = {path.name: path.read_text("utf-8") for path in FOLDER.glob("*")}
    assert lying == exported(), "run python -m schemas.export"


def test_every_table_has_a_schema() -> None:
    assert {table.record for table in ALL} <= set(ROWS)


@pytest.mark.parametrize("name", sorted(exported()))
def test_each_is_a_valid_closed_schema(name: str) -> None:
    found = json.loads(exported()[name])
    Draft202012Validator.check_schema(found)
    assert found["additionalProperties"] is False


@pytest.mark.parametrize(
    ("pattern", "name"),
    [
        ("*.toml", "series_manifest"),
        ("profiles/*.toml", "profile"),
        ("prompts/*.toml", "prompt"),
        ("models.toml", "model_pins"),
        ("tombstones.toml", "tombstones"),
    ],
)
def test_manifests_of_the_tree_hold_to_them(pattern: str, name: str) -> None:
    paths = [
        p for p in MANIFESTS.glob(pattern) if pattern != "*.toml" or p.name not in OTHER_MANIFESTS
    ]
    assert paths
    for path in paths:
        values = tomllib.loads(path.read_text("utf-8"))
        assert list(Draft202012Validator(schema(name)).iter_errors(values)) == []


def test_writing_removes_schemas_of_records_that_are_gone(tmp_path: Path) -> None:
    folder = tmp_path / "json"
    write(folder)
    (folder / "gone.schema.json").write_text("{}")
    write(folder)
    assert {path.name for path in folder.iterdir()} == set(exported())
