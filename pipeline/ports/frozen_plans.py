"""Frozen page plans as files: what was chosen stays chosen until somebody asks for another plan."""

from __future__ import annotations

from pathlib import Path

from pydantic import ValidationError

from pipeline.core.atomic import write_text
from pipeline.core.errors import BadConfig
from schemas.mangadex import FrozenPlan


def read_frozen_plan(path: Path) -> FrozenPlan | None:
    """The plan, or None where there is none. Raises BadConfig if the file is not one."""
    try:
        return FrozenPlan.model_validate_json(path.read_bytes())
    except FileNotFoundError:
        return None
    except ValidationError:
        raise BadConfig(
            f"{path}: not a page plan of this version: delete it, then mangazero plan makes another"
        ) from None


def write_frozen_plan(path: Path, plan: FrozenPlan) -> None:
    """Writes it atomically. Raises DiskFull or NotWritable."""
    write_text(path, plan.model_dump_json(indent=1) + "\n")
