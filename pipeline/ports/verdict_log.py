"""The verdict log of a series on disk: JSON lines, append-only, the only input beside manifests."""

from __future__ import annotations

from pathlib import Path

from pydantic import ValidationError

from pipeline.core.errors import BadConfig
from schemas.identities import Verdict


def read_verdicts(path: Path) -> tuple[Verdict, ...]:
    """All verdicts in the log; none where there is no log.

    Raises BadConfig, naming the line, if one is no verdict: people's work is never skipped.
    """
    if not path.exists():
        return ()
    verdicts = []
    for number, line in enumerate(path.read_bytes().split(b"\n"), start=1):
        if not line.strip():
            continue
        try:
            verdicts.append(Verdict.model_validate_json(line))
        except ValidationError as error:
            first = error.errors()[0]
            where = ".".join(str(part) for part in first["loc"]) or "the line"
            raise BadConfig(f"{path}: line {number}: {where}: {first['msg']}") from None
    return tuple(verdicts)
