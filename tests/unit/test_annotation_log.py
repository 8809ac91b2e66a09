"""The log and the command line: nothing twice, nothing lost, nothing overwritten."""

from __future__ import annotations

import json
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given
from hypothesis import strategies as st
from typer.testing import CliRunner

from annotation_ui.__main__ import app
from annotation_ui.results import read_results
from annotation_ui.verdict_log import DamagedLog, append_verdicts
from pipeline.ports.verdict_log import read_verdicts
from schemas.arrow import arrow_schema
from schemas.detections import Character
from schemas.identities import Identity
from tests.unit.test_annotation_results import FEW, GOLDEN, everyone, tasks
from tests.unit.test_annotation_sheets import identity

VERDICTS = read_results(tasks(), everyone()).verdicts


def test_what_is_appended_is_what_the_pipeline_reads(tmp_path: Path) -> None:
    log = tmp_path / "verdicts" / "haruko.jsonl"
    assert append_verdicts(log, VERDICTS) == len(VERDICTS)
    assert read_verdicts(log) == VERDICTS


@FEW
@given(st.permutations(VERDICTS), st.integers(0, len(VERDICTS)), st.integers(0, len(VERDICTS)))
def test_imports_in_any_parts_and_order_give_one_log(
    tmp_path_factory: pytest.TempPathFactory, shuffled: list[object], first: int, second: int
) -> None:
    log = tmp_path_factory.mktemp("log") / "haruko.jsonl"
    parts = [shuffled[:first], shuffled[second:], shuffled, shuffled]
    added = [append_verdicts(log, part) for part in parts]  # type: ignore[arg-type]
    assert sum(added) == len(VERDICTS)
    assert added[-1] == 0
    assert sorted(read_verdicts(log), key=lambda each: (each.at, each.id)) == list(VERDICTS)


def test_a_log_only_grows(tmp_path: Path) -> None:
    log = tmp_path / "haruko.jsonl"
    append_verdicts(log, VERDICTS[3:])
    before = log.read_bytes()
    append_verdicts(log, VERDICTS)
    assert log.read_bytes().startswith(before)
    assert len(log.read_bytes()) > len(before)


def test_a_last_line_without_its_end_stays_a_line(tmp_path: Path) -> None:
    log = tmp_path / "haruko.jsonl"
    log.write_text(VERDICTS[0].model_dump_json())
    append_verdicts(log, VERDICTS)
    assert read_verdicts(log) == VERDICTS


def test_a_damaged_log_is_left_for_a_person(tmp_path: Path) -> None:
    log = tmp_path / "haruko.jsonl"
    append_verdicts(log, VERDICTS[:2])
    torn = log.read_bytes()[:-20]
    log.write_bytes(torn)
    with pytest.raises(DamagedLog, match="line 2"):
        append_verdicts(log, VERDICTS)
    assert log.read_bytes() == torn


def test_no_verdict_makes_no_log(tmp_path: Path) -> None:
    assert append_verdicts(tmp_path / "haruko.jsonl", []) == 0
    assert not (tmp_path / "haruko.jsonl").exists()


@pytest.fixture
def tables(tmp_path: Path) -> Path:
    _write(tmp_path / "characters.parquet", Character, everyone())
    _write(tmp_path / "identities.parquet", Identity, [identity(number) for number in range(6)])
    return tmp_path


def _write(path: Path, record: type, rows: list) -> None:  # type: ignore[type-arg]
    plain = [row.model_dump() for row in rows]
    pq.write_table(pa.Table.from_pylist(plain, schema=arrow_schema(record)), path)


def _run(tables: Path, *words: str) -> tuple[int, str]:
    known = {"CHARACTERS": "characters.parquet", "IDENTITIES": "identities.parquet"}
    given = [str(tables / known[word]) if word in known else word for word in words]
    done = CliRunner().invoke(app, given)
    return done.exit_code, done.output


def test_the_command_line_exports_tasks(tables: Path) -> None:
    out = tables / "tasks.json"
    words = ["export", "--characters", "CHARACTERS", "--identities", "IDENTITIES", "--out"]
    code, told = _run(tables, *words, str(out))
    assert code == 0
    assert "1 sheets, 6 crops" in told
    data = json.loads(out.read_text())[0]["data"]
    assert "d=crops/haruko_c0001_p001_character00.jpg" in data["crops"][0]["html"]
    _run(tables, *words, str(out), "--named")
    assert json.loads(out.read_text())[0]["data"]["config"] == "named_sheet-v1"


def test_the_command_line_imports_once(tables: Path) -> None:
    log, quarantine = tables / "log.jsonl", tables / "quarantine.jsonl"
    words = ["import", "--characters", "CHARACTERS", "--results", str(GOLDEN / "results.json")]
    words += ["--out", str(log), "--quarantine", str(quarantine)]
    code, told = _run(tables, *words)
    assert code == 0
    assert f"{len(VERDICTS)} of them new" in told
    assert "1 empty_result" in told
    assert read_verdicts(log) == VERDICTS
    before = log.read_bytes()
    assert "0 of them new" in _run(tables, *words)[1]
    assert log.read_bytes() == before
    kept = [json.loads(line) for line in quarantine.read_text().splitlines()]
    assert {"raw", "reason", "task_key"} <= kept[0].keys()


@pytest.mark.parametrize("content", ["{}", "no json", '"\\ud800'])
def test_a_wrong_file_is_one_message(tables: Path, content: str) -> None:
    results = tables / "results.json"
    results.write_text(content)
    words = ["import", "--characters", "CHARACTERS", "--results", str(results), "--out"]
    code, told = _run(tables, *words, str(tables / "log.jsonl"))
    assert code == 2
    assert "Traceback" not in told
    words[2], words[4] = str(results), str(GOLDEN / "results.json")
    assert _run(tables, *words, str(tables / "log.jsonl"))[0] == 2
    assert not (tables / "log.jsonl").exists()
