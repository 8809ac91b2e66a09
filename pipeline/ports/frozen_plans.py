"""Frozen page plans as files: what was chosen stays chosen until somebody asks for another plan."""

from __future__ import annotations

from pathlib import Path

from pydantic import ValidationError

from pipeline.core.atomic import write_text
from pipeline.core.errors import BadConfig
from pipeline.manga.page_plan import with_digest
from schemas.mangadex import FrozenPlan


def read_frozen_plan(path: Path) -> FrozenPlan | None:
    """The plan, or None where there is none.

    Raises BadConfig if the file is not a plan, or not the one that its sha256 was made over.
    """
    try:
        plan = FrozenPlan.model_validate_json(path.read_bytes())
    except FileNotFoundError:
        return None
    except ValidationError:
        raise BadConfig(
            f"{path}: not a page plan of this version: delete it, then mangazero plan makes another"
        ) from None
    if plan.sha256 != with_digest(plan).sha256:
        raise BadConfig(
            f"{path}: edited by hand or damaged, its sha256 does not fit: "
            "mangazero plan --renew makes another, or delete the file"
        )
    return plan


def sound_plan(path: Path) -> FrozenPlan | None:
    """The plan for whoever is about to replace it: None where there is none to be trusted."""
    try:
        return read_frozen_plan(path)
    except BadConfig:
        return None


def write_frozen_plan(path: Path, plan: FrozenPlan) -> None:
    """Writes it atomically. Raises DiskFull or NotWritable."""
    write_text(path, plan.model_dump_json(indent=1) + "\n")
