"""A series manifest for folders of one's own pages.

A folder that holds images or archives is one series. A folder that holds only folders is one
series too, its sub-folders chapters, unless one of those has sub-folders or archives of its own:
then each sub-folder is a series. A file series.toml in a series folder, with any keys of a
series entry but `source`, says what cannot be seen: title, language, direction, licence, ...
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from pipeline.core.atomic import write_text
from pipeline.core.errors import BadConfig, NothingToRead
from pipeline.core.workspace import Workspace
from pipeline.manifests import checked, parsed
from pipeline.ports.folder import holds_archives, holds_pages, words_for
from schemas.series import SeriesEntry

_FACTS = "series.toml"

_HEADER = """\
# Made by `make shards PAGES=...`. Direction, language, colour and licence cannot be seen from the
# files: put a series.toml with those keys into a series folder, and they are taken from there.
"""


def manifest_for_pages(folders: Sequence[Path], workspace: Workspace) -> Path:
    """Writes the manifest into the workspace and gives its path.

    Raises NothingToRead if a folder is not there, BadConfig if a series.toml is not valid TOML.
    """
    series = [found for folder in folders for found in series_folders(folder)]
    slugs = words_for(path.as_posix() for path in series)
    text = _HEADER + "".join(_entry(slugs[path.as_posix()], path) for path in series)
    path = workspace.generated_manifest_path
    if not path.exists() or path.read_text(encoding="utf-8") != text:
        write_text(path, text)
    return path


def series_folders(folder: Path) -> list[Path]:
    """The folder itself, or its sub-folders where those are series. Raises NothingToRead."""
    if not folder.is_dir():
        raise NothingToRead(f"{folder}: there is no such folder; PAGES= names one with pages")
    inner = sorted(path for path in folder.iterdir() if path.is_dir() and path.name[0] != ".")
    has_volumes = any(holds_archives(path) or _has_folders(path) for path in inner)
    return inner if inner and has_volumes and not holds_pages(folder) else [folder]


def _has_folders(folder: Path) -> bool:
    return any(path.is_dir() and path.name[0] != "." for path in folder.iterdir())


def _entry(slug: str, folder: Path) -> str:
    values: dict[str, Any] = {
        "slug": slug,
        "title": folder.name,
        "language": "und",
        "direction": "rtl",
        "cap": 1000,
        "cap_unit": "double",
        "colour": "keep",
        "licence": "unknown",
        "attribution": "",
        "split": "train",
    }
    values |= _facts(folder / _FACTS, values)
    lines = [f"{key} = {json.dumps(value, ensure_ascii=False)}" for key, value in values.items()]
    source = f'source = {{ kind = "folder", path = {json.dumps(str(folder), ensure_ascii=False)} }}'
    return "\n".join(["", "[[series]]", *lines, source, ""])


def _facts(path: Path, known: dict[str, Any]) -> dict[str, Any]:
    """What the owner of the pages says, checked here so that errors name the owner's file."""
    if not path.exists():
        return {}
    values = parsed(path)
    if "source" in values:
        raise BadConfig(f"{path}: source: this key is made from the folder; leave it out")
    source = {"kind": "folder", "path": str(path.parent)}
    checked(path, {**known, **values, "source": source}, SeriesEntry)
    return values
