"""The rooms of the house: who may import whom, and what the command line loads."""

from __future__ import annotations

import ast
import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from importlinter.cli import EXIT_STATUS_SUCCESS, lint_imports

ROOT = Path(__file__).resolve().parents[2]

ALLOWED = {
    "schemas": {"schemas"},
    "pipeline/core": {"schemas", "pipeline.core"},
    "pipeline/manga": {"schemas", "pipeline.manga"},
    "pipeline/stages": {
        "schemas",
        "pipeline.core",
        "pipeline.manga",
        "pipeline.ports.protocols",
        "pipeline.stages.tables",
    },
}
"""Room -> what it may import of ours."""

IMPURE = {
    *("os", "sys", "pathlib", "shutil", "tempfile", "glob", "subprocess", "socket", "time"),
    *("requests", "urllib", "http", "aiohttp", "asyncio", "threading", "multiprocessing"),
    *("sqlite3", "logging", "secrets", "uuid"),
}
"""What pure functions have no use for: files, clocks, processes, the network."""


def modules_in(room: str) -> list[Path]:
    found = sorted((ROOT / room).rglob("*.py"))
    assert found
    return found


def imports(path: Path, *, top_level_only: bool = False) -> Iterator[str]:
    """Every module that the file imports; `from a import b` counts as a and as a.b."""
    tree = ast.parse(path.read_text("utf-8"))
    for node in tree.body if top_level_only else ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path}: imports are absolute"
            yield node.module or ""


def is_ours(module: str) -> bool:
    return module.split(".")[0] in ("schemas", "pipeline", "flows", "annotation_ui", "tests")


def within(module: str, rooms: set[str]) -> bool:
    return any(module == room or module.startswith(f"{room}.") for room in rooms)


def test_contracts() -> None:
    """The contracts of .importlinter, over everything that is imported directly or not."""
    status = lint_imports(config_filename=str(ROOT / ".importlinter"), no_cache=True)
    assert status == EXIT_STATUS_SUCCESS


@pytest.mark.parametrize("room", sorted(ALLOWED))
def test_a_room_imports_only_what_it_may(room: str) -> None:
    for path in modules_in(room):
        strangers = {m for m in imports(path) if is_ours(m) and not within(m, ALLOWED[room])}
        assert not strangers, f"{path.relative_to(ROOT)} imports {strangers}"


@pytest.mark.parametrize("room", ["pipeline/manga", "schemas"])
def test_pure_rooms_touch_nothing_outside(room: str) -> None:
    for path in modules_in(room):
        if path.name == "export.py":
            continue
        impure = {m for m in imports(path) if within(m, IMPURE)}
        assert not impure, f"{path.relative_to(ROOT)} imports {impure}"
        calls = [
            n.func for n in ast.walk(ast.parse(path.read_text("utf-8"))) if isinstance(n, ast.Call)
        ]
        names = {func.id for func in calls if isinstance(func, ast.Name)}
        assert names.isdisjoint({"open", "print", "input", "exec", "eval"})


def test_model_libraries_are_loaded_lazily() -> None:
    for room in ("schemas", "pipeline", "annotation_ui", "flows"):
        for path in modules_in(room):
            heavy = {
                m
                for m in imports(path, top_level_only=True)
                if within(m, {"torch", "transformers"})
            }
            assert not heavy, f"{path.relative_to(ROOT)} imports {heavy} at its top"


def test_help_answers_without_the_heavy_libraries() -> None:
    """The interpreter lists every module that it loads."""
    command = [sys.executable, "-X", "importtime", "-m", "pipeline.cli.main", "--help"]
    done = subprocess.run(command, capture_output=True, text=True, check=True, cwd=ROOT)
    assert "explain" in done.stdout
    loaded = {line.rsplit("|", 1)[-1].strip() for line in done.stderr.splitlines()}
    assert "typer" in loaded
    assert loaded.isdisjoint({"prefect", "torch", "transformers", "rapidocr", "onnxruntime"})


LOADED = "import json, sys, {module}; print(json.dumps(sorted(sys.modules)))"


@pytest.mark.parametrize(
    ("module", "absent"),
    [
        ("pipeline.cli.main", {"prefect", "torch", "transformers", "cv2", "rapidocr", "sklearn"}),
        ("pipeline.wiring", {"prefect", "torch", "transformers", "rapidocr", "onnxruntime"}),
        ("pipeline.core.runner", {"prefect", "torch", "cv2", "PIL", "sklearn"}),
    ],
)
def test_what_an_import_loads(module: str, absent: set[str]) -> None:
    command = [sys.executable, "-c", LOADED.format(module=module)]
    done = subprocess.run(command, capture_output=True, text=True, check=True, cwd=ROOT)
    assert absent.isdisjoint(json.loads(done.stdout))
