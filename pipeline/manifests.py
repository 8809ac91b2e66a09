"""Reads the TOML files under manifests/ into records, with errors that a person can act on."""

from __future__ import annotations

import tomllib
from collections.abc import Sequence
from pathlib import Path
from typing import Any, TypeVar

from pydantic import ValidationError
from pydantic_core import ErrorDetails

from pipeline.core.errors import BadConfig
from schemas.mangadex import Tombstones
from schemas.profile import ModelPins, Profile, Prompt
from schemas.record import Record
from schemas.series import SeriesManifest

Kind = TypeVar("Kind", bound=Record)


def load_profile(manifests: Path, name: str) -> Profile:
    """The profile of that name. Raises BadConfig, naming the profiles there are."""
    path = manifests / "profiles" / f"{name}.toml"
    if not path.exists():
        known = ", ".join(sorted(p.stem for p in path.parent.glob("*.toml")))
        raise BadConfig(f"no profile '{name}' in {path.parent}; there are: {known}")
    return load_toml(path, Profile)


def load_series(path: Path) -> SeriesManifest:
    """The series manifest at that path. Raises BadConfig."""
    return load_toml(path, SeriesManifest)


def load_models(manifests: Path) -> ModelPins:
    """The model pins. Raises BadConfig."""
    return load_toml(manifests / "models.toml", ModelPins)


def load_tombstones(manifests: Path) -> Tombstones:
    """What was asked to be taken down; nothing where there is no such file. Raises BadConfig."""
    path = manifests / "tombstones.toml"
    return load_toml(path, Tombstones) if path.exists() else Tombstones()


def load_prompt(manifests: Path, name: str) -> Prompt:
    """The prompt of that name. Raises BadConfig."""
    return load_toml(manifests / "prompts" / f"{name}.toml", Prompt)


def load_toml(path: Path, record: type[Kind]) -> Kind:
    """The file as a record. Raises BadConfig in one line: file, key, what is accepted."""
    return checked(path, parsed(path), record)


def parsed(path: Path) -> dict[str, Any]:
    """The file's keys and values. Raises BadConfig if it cannot be read or is not TOML."""
    try:
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise BadConfig(f"{path}: there is no such file") from None
    except OSError as error:
        raise BadConfig(f"{path}: cannot be read: {error.strerror or error}") from None
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise BadConfig(f"{path}: not valid TOML: {error}") from None


def checked(path: Path, values: dict[str, Any], record: type[Kind]) -> Kind:
    """The values of that file as a record. Raises BadConfig as above."""
    try:
        return record.model_validate(values)
    except ValidationError as error:
        raise BadConfig(f"{path}: {_explained(error.errors(), record)}") from None


def _explained(errors: Sequence[ErrorDetails], record: type[Record]) -> str:
    errors = sorted(errors, key=lambda error: error["type"] != "extra_forbidden")
    first = f"{_key(errors[0]['loc'])}: {_complaint(errors[0], record)}"
    return first + (f" (and {len(errors) - 1} more)" if len(errors) > 1 else "")


def _complaint(error: ErrorDetails, record: type[Record]) -> str:
    context = error.get("ctx", {})
    match error["type"]:
        case "extra_forbidden":
            text = f"unknown key; accepted: {', '.join(_accepted_keys(record, error['loc']))}"
        case "missing":
            text = "this key is missing"
        case "literal_error" | "enum":
            text = f"{error['input']!r} is not accepted; accepted: {context['expected']}"
        case "union_tag_invalid":
            text = f"kind {context['tag']} is not accepted; accepted: {context['expected_tags']}"
        case "union_tag_not_found":
            text = "the key 'kind' is missing"
        case "value_error":
            text = str(context["error"])
        case _:
            text = f"{error['msg']} (got {str(error['input'])[:60]!r})"
    return text


def _key(location: Sequence[int | str]) -> str:
    """series, 0, source, synthetic, seed -> series[0].source.seed (without the union's tag)."""
    text = ""
    for i, part in enumerate(location):
        if isinstance(part, int):
            text += f"[{part}]"
        elif not _is_union_tag(location, i):
            text += f".{part}" if text else part
    return text or "the file"


def _is_union_tag(location: Sequence[int | str], i: int) -> bool:
    return (
        i > 0
        and location[i - 1] == "source"
        and location[i]
        in (
            "synthetic",
            "folder",
            "mangadex",
        )
    )


def _accepted_keys(record: type[Record], location: Sequence[int | str]) -> list[str]:
    """The keys that may stand where the unknown one stands, read off the JSON Schema."""
    schema: dict[str, Any] = record.model_json_schema()
    node: dict[str, Any] = schema
    for part in location[:-1]:
        node = _step(node, part, schema)
    return sorted(_resolved(node, schema).get("properties", {}))


def _step(node: dict[str, Any], part: int | str, schema: dict[str, Any]) -> dict[str, Any]:
    here = _resolved(node, schema)
    if isinstance(part, int):
        inner: dict[str, Any] = here.get("items", {})
        return inner
    if "discriminator" in here:
        return {"$ref": here["discriminator"]["mapping"].get(part, "")}
    found: dict[str, Any] = here.get("properties", {}).get(part, {})
    return found


def _resolved(node: dict[str, Any], schema: dict[str, Any]) -> dict[str, Any]:
    target = node.get("$ref", "")
    if not target:
        return node
    found: dict[str, Any] = schema["$defs"].get(target.rsplit("/", 1)[-1], {})
    return found
