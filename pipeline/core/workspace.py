"""The workspace: the only place that knows where things lie on disk.

blobs/ab/ab12...              original bytes by sha256
tables/<stage>/<scope>/       Parquet
receipts/<stage>/<scope>.json what is finished
journal/<stage>/<scope>/      outcomes as they come
verdicts/<series>.jsonl       what people decided, append-only
plans/<series>.json           page plans that were frozen before anything was fetched
log/fetch/<series>.jsonl      what happened on the network, a line a change
quarantine/                   bytes that no node could explain
shards/                       the product
lock                          who is at work
"""

from __future__ import annotations

import shutil
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from pipeline.core.atomic import write_text
from pipeline.core.errors import disk_errors_explained
from pipeline.core.hashing import sha256_of_file
from pipeline.core.tables import Row, Table, read_rows
from schemas.receipts import Receipt


@dataclass(frozen=True)
class Workspace:
    """Paths below one root folder, and the reading of what lies there."""

    root: Path

    def blob_path(self, sha256: str) -> Path:
        return self.root / "blobs" / sha256[:2] / sha256

    def table_path(self, table: Table[Any], scope: str) -> Path:
        return self.root / "tables" / table.stage / scope / f"{table.name}.parquet"

    def receipt_path(self, stage: str, scope: str) -> Path:
        return self.root / "receipts" / stage / f"{scope}.json"

    def journal_path(self, stage: str, scope: str, config: str) -> Path:
        return self.root / "journal" / stage / scope / f"{config[:16]}.jsonl"

    def verdicts_path(self, series: str) -> Path:
        return self.root / "verdicts" / f"{series}.jsonl"

    def frozen_plan_path(self, series: str) -> Path:
        return self.root / "plans" / f"{series}.json"

    def fetch_log_path(self, series: str) -> Path:
        return self.root / "log" / "fetch" / f"{series}.jsonl"

    def quarantine_path(self, sha256: str) -> Path:
        return self.root / "quarantine" / sha256

    @property
    def shards_folder(self) -> Path:
        return self.root / "shards"

    @property
    def credits_path(self) -> Path:
        return self.root / "CREDITS.txt"

    @property
    def lock_path(self) -> Path:
        return self.root / "lock"

    @property
    def generated_manifest_path(self) -> Path:
        """The manifest that is written for a folder of one's own pages."""
        return self.root / "series.toml"

    def relative(self, path: Path) -> str:
        return path.relative_to(self.root).as_posix()

    def size_of(self, name: str) -> int:
        """Bytes of a file, its path relative to the workspace."""
        return (self.root / name).stat().st_size

    def has_files(self, sizes: Mapping[str, int]) -> bool:
        """Whether every file is there with its size (paths relative to the workspace)."""
        return all(
            (path := self.root / name).is_file() and path.stat().st_size == n_bytes
            for name, n_bytes in sizes.items()
        )

    def has_contents(self, digests: Mapping[str, str]) -> bool:
        """Whether every file is there with its sha256 (paths relative to the workspace)."""
        return all(
            (path := self.root / name).is_file() and sha256_of_file(path) == sha256
            for name, sha256 in digests.items()
        )

    def read_receipt(self, stage: str, scope: str) -> Receipt | None:
        """The receipt, or None where there is none or it is not one (then it is made anew)."""
        try:
            return Receipt.model_validate_json(self.receipt_path(stage, scope).read_bytes())
        except (FileNotFoundError, ValidationError):
            return None

    def withdraw_receipt(self, stage: str, scope: str) -> None:
        """Before anything that it vouches for is written over: a kill may follow."""
        path = self.receipt_path(stage, scope)
        with disk_errors_explained(path.parent):
            path.unlink(missing_ok=True)

    def write_receipt(self, receipt: Receipt) -> None:
        write_text(
            self.receipt_path(receipt.stage, receipt.scope),
            receipt.model_dump_json(indent=1) + "\n",
        )

    def sweep(self) -> None:
        """Removes halves of blobs that a kill left. Only the holder of the lock may."""
        for part in (self.root / "blobs").glob("??/.*.part"):
            part.unlink(missing_ok=True)

    def forget(self, stage: str, scope: str) -> None:
        """Drops the receipt and the journals of a stage, so that every item of it runs again.

        Its tables stay until the next run replaces them.
        """
        self.receipt_path(stage, scope).unlink(missing_ok=True)
        shutil.rmtree(self.root / "journal" / stage / scope, ignore_errors=True)

    def read(self, table: Table[Row], scopes: Sequence[str]) -> list[Row]:
        """The rows of one table over the given scopes, in that order."""
        return [row for scope in scopes for row in read_rows(self.table_path(table, scope), table)]
