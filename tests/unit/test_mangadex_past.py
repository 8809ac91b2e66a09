"""What is read off a download's log: which chapters were gone (E6) and which had changed (E25)."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from pipeline.ports.mangadex.memory import ChapterMemory
from pipeline.ports.mangadex.past import HandedOut, Past, past_of

AT = "2026-01-02T03:04:05.000+00:00"
GONE = {"time": AT, "event": "gone", "chapter": "c1"}
CHANGED = {"time": AT, "event": "changed", "chapter": "c2", "hash": "h2", "pages": 7}
LEASED = {"time": AT, "event": "leased", "hash": "h1", "stamp": "s1", "node": "n", "pages": 3}


def written(tmp_path: Path, *lines: dict[str, Any] | bytes) -> Path:
    log = tmp_path / "log.jsonl"
    whole = [line if isinstance(line, bytes) else json.dumps(line).encode() for line in lines]
    log.write_bytes(b"\n".join(whole) + b"\n")
    return log


def without(line: dict[str, Any], name: str) -> dict[str, Any]:
    return {key: value for key, value in line.items() if key != name}


def test_an_absent_log_has_no_past(tmp_path: Path) -> None:
    assert past_of(tmp_path / "nowhere.jsonl") == Past()


def test_e6_e25_the_past_is_what_was_met_with_last(tmp_path: Path) -> None:
    past = past_of(written(tmp_path, GONE, CHANGED))
    assert past.gone == {"c1": datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)}
    assert past.changed == {"c2": HandedOut(7, "h2")}
    back = [LEASED | {"chapter": chapter} for chapter in ("c1", "c2")]
    assert past_of(written(tmp_path, GONE, CHANGED, *back)) == Past()


@pytest.mark.parametrize(
    "line",
    [
        *(without(GONE, name) for name in ("chapter", "time")),
        *(without(CHANGED, name) for name in ("chapter", "hash", "pages")),
        *(without(LEASED | {"chapter": "c1"}, name) for name in ("chapter", "hash", "stamp")),
        GONE | {"chapter": None},
        GONE | {"time": "yesterday"},
        GONE | {"time": "2026-01-02T03:04:05"},
        GONE | {"time": 5},
        CHANGED | {"pages": "many"},
        CHANGED | {"pages": True},
        CHANGED | {"pages": -1},
        CHANGED | {"hash": ["h"]},
        {"event": ["gone"], "chapter": "c1", "time": AT},
        b'["gone"]',
        b'"gone"',
        b'\xff"gone"',
        json.dumps(GONE).encode()[:-4],
        b"[" * 5000 + b'"gone"',
    ],
)
def test_a_line_that_lacks_something_was_never_written(
    line: dict[str, Any] | bytes, tmp_path: Path
) -> None:
    """Neither for the past of a series, nor for the memory of its download."""
    assert past_of(written(tmp_path, line)) == Past()
    log = written(tmp_path, GONE, line)
    assert past_of(log).gone.keys() == {"c1"}
    at = datetime.fromisoformat(AT).timestamp()
    memory = ChapterMemory(log, lambda: at + 60)
    memory.open()
    assert memory.is_gone("c1")
