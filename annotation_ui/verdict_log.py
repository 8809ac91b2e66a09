"""Appends verdicts to a log of JSON lines. What is in it stays, and nothing gets in twice."""

from __future__ import annotations

import fcntl
import os
from collections.abc import Iterable
from io import FileIO
from pathlib import Path

from pydantic import ValidationError

from schemas.identities import Verdict


class DamagedLog(Exception):
    """A line of the log is no verdict. It is for a person to mend: nothing is overwritten."""


def append_verdicts(path: Path, verdicts: Iterable[Verdict]) -> int:
    """Appends those whose id is not yet in the log, and returns how many these are.

    One import at a time (an advisory lock on the log). On an error of the disk the log is as it
    was before. Raises DamagedLog, or OSError.
    """
    given = sorted(verdicts, key=lambda verdict: (verdict.at, verdict.id))
    if not given:
        return 0
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("a+b", buffering=0) as log:
        fcntl.flock(log, fcntl.LOCK_EX)
        log.seek(0)
        before = log.readall()
        known = _ids(path, before)
        fresh = {verdict.id: verdict for verdict in given if verdict.id not in known}
        lines = [verdict.model_dump_json().encode() + b"\n" for verdict in fresh.values()]
        is_open = bool(before) and not before.endswith(b"\n")
        _append(log, len(before), b"\n" * (is_open and bool(lines)) + b"".join(lines))
    return len(fresh)


def _ids(path: Path, content: bytes) -> set[str]:
    ids = set()
    for number, line in enumerate(content.splitlines(), start=1):
        try:
            ids.add(Verdict.model_validate_json(line).id)
        except ValidationError:
            raise DamagedLog(f"{path}: line {number} is no verdict; mend it first") from None
    return ids


def _append(log: FileIO, size: int, content: bytes) -> None:
    """All of the content, or none of it."""
    try:
        while content:
            content = content[log.write(content) :]
        os.fsync(log.fileno())
    except OSError:
        log.truncate(size)
        raise
