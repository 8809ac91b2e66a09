"""Writes the JSON Schemas of every record that leaves the process: `python -m schemas.export`."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Final

from schemas.detections import Character, Dialog, Panel
from schemas.identities import CropFeature, Identity, Verdict
from schemas.mangadex import FrozenPlan, Tombstones
from schemas.pages import ChapterCredit, Page, PageImage, PlannedPage, ScreenedPage
from schemas.profile import ModelPins, Profile, Prompt
from schemas.receipts import NotKept, Receipt
from schemas.record import Record
from schemas.samples import Caption, Sample, Shard, ShardIndex, ShardPage
from schemas.series import SeriesManifest
from schemas.truth import TruthPage

FOLDER: Final = Path(__file__).resolve().parent / "json"

MANIFESTS: Final[tuple[type[Record], ...]] = (
    SeriesManifest,
    Profile,
    ModelPins,
    Prompt,
    Tombstones,
)
ROWS: Final[tuple[type[Record], ...]] = (
    PlannedPage,
    ChapterCredit,
    Page,
    ScreenedPage,
    PageImage,
    Panel,
    Character,
    Dialog,
    CropFeature,
    Identity,
    Caption,
    Sample,
    Shard,
    NotKept,
)
FILES: Final[tuple[type[Record], ...]] = (
    Receipt,
    FrozenPlan,
    Verdict,
    ShardPage,
    ShardIndex,
    TruthPage,
)


def exported() -> dict[str, str]:
    """File name -> JSON Schema, for every record of a manifest, a table or a file of ours."""
    return {
        f"{_snake(record.__name__)}.schema.json": _schema(record)
        for record in (*MANIFESTS, *ROWS, *FILES)
    }


def write(folder: Path = FOLDER) -> None:
    """Brings the folder up to date; a schema whose record is gone is removed."""
    folder.mkdir(exist_ok=True)
    schemas = exported()
    for path in folder.glob("*.schema.json"):
        if path.name not in schemas:
            path.unlink()
    for name, text in schemas.items():
        (folder / name).write_text(text, encoding="utf-8")


def _schema(record: type[Record]) -> str:
    schema = {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        **record.model_json_schema(mode="validation"),
    }
    return json.dumps(schema, indent=1, sort_keys=True, ensure_ascii=False) + "\n"


def _snake(name: str) -> str:
    """PageImage -> page_image."""
    return "".join(f"_{letter.lower()}" if letter.isupper() else letter for letter in name)[1:]


if __name__ == "__main__":
    write()
