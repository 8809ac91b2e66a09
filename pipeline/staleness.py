"""Why a receipt no longer stands: what its stage is asked now against what it answered then."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import PurePosixPath
from typing import Any, Final

from pipeline.core.commit import Question
from pipeline.core.hashing import canonical_json
from pipeline.core.stage import Stage
from pipeline.core.workspace import Workspace
from schemas.receipts import Receipt

_LONGEST: Final = 24
"""Characters of a value that is quoted; of a longer one only its key is named."""


def reasons_to_run(
    stage: Stage, workspace: Workspace, receipt: Receipt, question: Question
) -> list[str]:
    """Every difference in a few words, the gravest first. Never empty for a receipt that fell."""
    found = [
        *_failures(receipt),
        *_version(stage, receipt),
        *_parameters(stage, receipt),
        *_models(stage, receipt),
        *_tables(receipt, question),
        *_inputs(stage, receipt),
        *_files(workspace, receipt),
    ]
    return found or ["is asked something else than its receipt answers"]


def _failures(receipt: Receipt) -> Iterator[str]:
    if receipt.n_failed:
        named = ", ".join(f"{count} {error}" for error, count in receipt.failed.items())
        yield f"{_counted(receipt.n_failed, 'item')} failed ({named}): the next run tries again"


def _version(stage: Stage, receipt: Receipt) -> Iterator[str]:
    if stage.version != receipt.version:
        yield f"stage version changed: {receipt.version} -> {stage.version}"


def _parameters(stage: Stage, receipt: Receipt) -> Iterator[str]:
    before, now = flat(receipt.params), flat(stage.all_params)
    changed = [
        _change(key, before, now) for key in sorted({*before, *now}) if _differs(key, before, now)
    ]
    if changed:
        yield f"parameters changed: {', '.join(changed)}"


def flat(values: Mapping[str, Any], prefix: str = "") -> dict[str, Any]:
    """Nested parameters as one level: limits.min_side_px -> 300."""
    found: dict[str, Any] = {}
    for key, value in values.items():
        if isinstance(value, Mapping):
            found |= flat(value, f"{prefix}{key}.")
        else:
            found[prefix + key] = value
    return found


def _differs(key: str, before: Mapping[str, Any], now: Mapping[str, Any]) -> bool:
    return (key in before) != (key in now) or before.get(key) != now.get(key)


def _change(key: str, before: Mapping[str, Any], now: Mapping[str, Any]) -> str:
    quoted = [canonical_json(values[key]) if key in values else "none" for values in (before, now)]
    if any(len(value) > _LONGEST for value in quoted):
        return key
    return f"{key} {quoted[0]} -> {quoted[1]}"


def _models(stage: Stage, receipt: Receipt) -> Iterator[str]:
    before = {pin.name: pin for pin in receipt.models}
    now = {pin.name: pin for pin in stage.models}
    changed = [
        f"{name} {_revision(before.get(name))} -> {_revision(now.get(name))}"
        for name in sorted({*before, *now})
        if before.get(name) != now.get(name)
    ]
    if changed:
        yield f"models changed: {', '.join(changed)}"


def _revision(pin: Any) -> str:
    return "none" if pin is None else str(pin.revision)


def _tables(receipt: Receipt, question: Question) -> Iterator[str]:
    """Tables by name; a stage over several series says of which series."""
    before, now = receipt.reads, question.reads
    series = {_series(path) for path in now}
    added = sorted(series - {_series(path) for path in before})
    removed = sorted({_series(path) for path in before} - series)
    if added:
        yield f"series added: {', '.join(added)}"
    if removed:
        yield f"series removed: {', '.join(removed)}"
    for path, digest in now.items():
        if path in before and digest != before[path]:
            of_whom = f" of {_series(path)}" if len(series) > 1 else ""
            what = "changed" if digest else "is gone"
            yield f"input table {PurePosixPath(path).stem}{of_whom} {what}"


def _series(path: str) -> str:
    return PurePosixPath(path).parent.name


def _inputs(stage: Stage, receipt: Receipt) -> Iterator[str]:
    """What is read beside tables: the source's listing, the verdict log."""
    now = dict(stage.inputs)
    for name in sorted({*receipt.inputs, *now}):
        if receipt.inputs.get(name) != now.get(name):
            yield f"{name} changed"


def _files(workspace: Workspace, receipt: Receipt) -> Iterator[str]:
    sizes = {path: table.n_bytes for path, table in receipt.writes.items()} | receipt.files
    gone = [path for path, n_bytes in sizes.items() if not workspace.has_files({path: n_bytes})]
    if gone:
        more = f" and {len(gone) - 1} more" if len(gone) > 1 else ""
        yield f"{gone[0]} is gone or cut{more}"


def _counted(count: int, noun: str) -> str:
    return f"{count} {noun}" if count == 1 else f"{count} {noun}s"
