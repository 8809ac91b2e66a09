"""`python -m annotation_ui export|import`: tables to task files, result files to verdicts.

It is told every file and knows no workspace; the server is not spoken to.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated, Any, TypeVar
from urllib.parse import quote

import pyarrow as pa
import pyarrow.parquet as pq
import typer
from pydantic import ValidationError

from annotation_ui.questions import CLUSTER_SHEET, NAMED_SHEET
from annotation_ui.results import Quarantined, read_results
from annotation_ui.sheets import cluster_sheets
from annotation_ui.verdict_log import DamagedLog, append_verdicts
from schemas.detections import Character
from schemas.identities import Identity
from schemas.ids import shard_key
from schemas.record import Record

Row = TypeVar("Row", bound=Record)

app = typer.Typer(
    help="Cluster sheets for Label Studio, and its results back.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)

InFile = {"exists": True, "dir_okay": False}
CharactersOption = Annotated[
    Path, typer.Option("--characters", help="The characters of one series (Parquet).", **InFile)
]


@app.command("export")
def export_sheets(
    characters: CharactersOption,
    identities: Annotated[
        Path, typer.Option("--identities", help="Their identities (Parquet).", **InFile)
    ],
    out: Annotated[Path, typer.Option("--out", help="The task file to write (JSON).")],
    crop_url: Annotated[
        str, typer.Option("--crop-url", help="Where a crop is; {key} is its id with _ for /.")
    ] = "/data/local-files/?d=crops/{key}.jpg",
    named: Annotated[bool, typer.Option("--named", help="Ask for names as well.")] = False,
) -> None:
    """Write one Label Studio task for each sheet; import the file in a project of its config."""

    def url(character: Character) -> str:
        return crop_url.replace("{key}", quote(shard_key(character.id), safe=""))

    config = NAMED_SHEET if named else CLUSTER_SHEET
    rows = _rows(identities, Identity)
    try:
        sheets = cluster_sheets(rows, _rows(characters, Character), url, config)
    except ValueError as error:
        raise typer.BadParameter(str(error)) from None
    tasks = [sheet.model_dump(mode="json") for sheet in sheets]
    _write(out, json.dumps(tasks, ensure_ascii=False, indent=1) + "\n")
    on_sheets = {crop for sheet in sheets for crop in sheet.data.boxes}
    left = len(rows) - len(on_sheets)
    typer.echo(f"{len(sheets)} sheets, {len(on_sheets)} crops; {left} crops stand alone: no sheet")
    typer.echo(f"labelling config: {config.path}")


@app.command("import")
def import_results(
    results: Annotated[Path, typer.Option("--results", help="Label Studio's JSON.", **InFile)],
    characters: CharactersOption,
    out: Annotated[Path, typer.Option("--out", help="The log to append to (JSON lines).")],
    quarantine: Annotated[
        Path | None, typer.Option("--quarantine", help="Write what gave no verdict (JSON lines).")
    ] = None,
) -> None:
    """Append the verdicts that are not yet in the log; say what gave none, and why."""
    reading = read_results(_tasks(results), _rows(characters, Character))
    if quarantine:
        _write_quarantine(quarantine, reading.quarantined)
    try:
        n_new = append_verdicts(out, reading.verdicts)
    except (DamagedLog, OSError) as error:
        raise typer.BadParameter(str(error)) from None
    typer.echo(f"{len(reading.verdicts)} verdicts, {n_new} of them new in {out}")
    for reason, count in sorted(Counter(each.reason for each in reading.quarantined).items()):
        typer.echo(f"no verdict: {count} {reason}", err=True)


def _rows(path: Path, record: type[Row]) -> list[Row]:
    try:
        return [record.model_validate(row) for row in pq.ParquetFile(path).read().to_pylist()]
    except (pa.ArrowInvalid, ValidationError) as error:
        told = str(error).splitlines()[0]
        raise typer.BadParameter(f"{path} is no table of {record.__name__}: {told}") from None


def _tasks(path: Path) -> list[Any]:
    try:
        tasks = json.loads(path.read_text(encoding="utf-8"))
    except ValueError as error:
        raise typer.BadParameter(f"{path} is no JSON: {error}") from None
    if not isinstance(tasks, list):
        raise typer.BadParameter(f"{path} is no list of tasks: export as JSON, not JSON-MIN or CSV")
    return tasks


def _write_quarantine(path: Path, quarantined: Sequence[Quarantined]) -> None:
    _write(path, "".join(f"{each.line}\n" for each in quarantined))


def _write(path: Path, content: str) -> None:
    try:
        path.write_text(content, encoding="utf-8")
    except OSError as error:
        raise typer.BadParameter(f"cannot write {path}: {error.strerror}") from None


if __name__ == "__main__":
    app(prog_name="python -m annotation_ui")
