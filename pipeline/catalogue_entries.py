"""MangaDex entries in a series manifest: added one by one, comments kept, or written as a whole."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Final

import tomlkit
from tomlkit.items import Table

from pipeline.core.atomic import write_text
from pipeline.core.errors import BadConfig
from pipeline.manifests import checked, load_series, parsed
from schemas.series import MangaDexSource, SeriesEntry, SeriesManifest

_NEW_HEADER: Final = (
    "A series manifest. cap counts in cap_unit: 1,000 double pages are up to 2,000 single ones."
)


def is_empty(entry: SeriesEntry) -> bool:
    """Whether the entry is one of a template, still to be filled."""
    return isinstance(entry.source, MangaDexSource) and not entry.source.manga


def known_entries(path: Path) -> tuple[SeriesEntry, ...]:
    """The entries of the manifest, filled or not; none where there is no file. Raises BadConfig."""
    return load_series(path).series if path.exists() else ()


def add_entry(path: Path, entry: SeriesEntry) -> str:
    """Fills the first empty template entry, or appends one; comments and order stay.

    Gives the slug of the template entry that was filled, or "". Makes the file where there is
    none. Raises BadConfig if the id or the slug is there already; then nothing is changed.
    """
    known = known_entries(path)
    refuse_double(path, known, entry)
    place = next((i for i, other in enumerate(known) if is_empty(other)), None)
    if place is None:
        before = _text_of(path).rstrip("\n") if known else _comment(_NEW_HEADER).rstrip("\n")
        _write(path, f"{before}\n\n{entry_text(entry)}", (*known, entry))
        return ""
    after = (*known[:place], entry, *known[place + 1 :])
    _write(path, _filled(path, place, entry), after)
    return known[place].slug


def refuse_double(path: Path, known: Sequence[SeriesEntry], entry: SeriesEntry) -> None:
    """Raises BadConfig if the series or its slug is in the manifest already."""
    for other in known:
        if manga_of(other) and manga_of(other) == manga_of(entry):
            raise BadConfig(f"{path}: {manga_of(entry)} is in it already, as {other.slug}")
        if other.slug == entry.slug and not is_empty(other):
            raise BadConfig(
                f"{path}: there is a series '{entry.slug}' already: choose another with --slug"
            )


def manga_of(entry: SeriesEntry) -> str:
    """The MangaDex id of the entry; "" where it has none."""
    return entry.source.manga if isinstance(entry.source, MangaDexSource) else ""


def write_manifest(
    path: Path,
    entries: Sequence[SeriesEntry],
    header: str,
    notes: Mapping[str, str] | None = None,
) -> None:
    """Writes the whole manifest. `header` and `notes` (by slug) become comments.

    Raises BadConfig if it would not be a valid manifest, DiskFull or NotWritable.
    """
    blocks = [_comment((notes or {}).get(entry.slug, "")) + entry_text(entry) for entry in entries]
    _write(path, "\n".join([_comment(header), *blocks]), entries)


def entry_text(entry: SeriesEntry) -> str:
    """The entry as TOML, its source on one line but for the tags."""
    values = {key: _toml(value) for key, value in _values(entry).items()}
    lines = [f"{key} = {value}" for key, value in values.items()]
    lines.insert(2, f"source = {_source_text(entry)}")
    return "\n".join(["[[series]]", *lines, ""])


def _comment(text: str) -> str:
    return "".join(f"# {line}".rstrip() + "\n" for line in text.splitlines())


def _values(entry: SeriesEntry) -> dict[str, Any]:
    return entry.model_dump(mode="json", exclude={"source"})


def _source_values(entry: SeriesEntry) -> dict[str, Any]:
    """The keys of the source that say something."""
    told: dict[str, Any] = entry.source.model_dump(mode="json")
    return {key: value for key, value in told.items() if value not in (None, "", False, [])}


def _source_text(entry: SeriesEntry) -> str:
    values = _source_values(entry)
    tags = values.pop("tags", [])
    pairs = [f"{key} = {_toml(value)}" for key, value in values.items()]
    if tags:
        rows = [f"  {{ id = {_toml(t['id'])}, name = {_toml(t['name'])} }},\n" for t in tags]
        pairs.append(f"tags = [\n{''.join(rows)}]")
    return f"{{ {', '.join(pairs)} }}"


def _toml(value: Any) -> str:
    text: str = tomlkit.item(value).as_string()
    return text


def _text_of(path: Path) -> str:
    parsed(path)  # for its errors, which name the file
    return path.read_text(encoding="utf-8")


def _filled(path: Path, place: int, entry: SeriesEntry) -> str:
    """The text with the template entry at that place filled: only its values change."""
    document = tomlkit.parse(_text_of(path))
    table: Any = document["series"][place]
    missing = {}
    for key, value in _values(entry).items():
        if key in table:
            table[key] = value
        elif value != SeriesEntry.model_fields[key].default:
            missing[key] = value
    source: Any = tomlkit.parse(f"source = {_source_text(entry)}")["source"]
    if isinstance(table["source"], Table):  # [series.source]: stays a table of its own
        table["source"].update(source)
    else:
        table["source"] = source
    return _with_lines(tomlkit.dumps(document), entry.slug, missing)


def _with_lines(text: str, slug: str, missing: Mapping[str, Any]) -> str:
    """The missing keys below the slug: tomlkit itself puts them below what comments follow."""
    lines = "".join(f"{key} = {_toml(value)}\n" for key, value in missing.items())
    slug_line = rf"^[ \t]*slug[ \t]*=[ \t]*[\"']{slug}[\"'].*\n"
    return re.sub(slug_line, rf"\g<0>{lines}", text, count=1, flags=re.MULTILINE)


def _write(path: Path, text: str, expected: Sequence[SeriesEntry]) -> None:
    """Checked before it is written: a manifest that says anything else never lands."""
    try:
        found = checked(path, tomllib.loads(text), SeriesManifest)
    except tomllib.TOMLDecodeError:
        found = None
    if found is None or found.series != tuple(expected):
        raise BadConfig(f"{path}: too unusual to be edited: add {expected[-1].slug} by hand")
    write_text(path.resolve(), text)  # a link stays a link
