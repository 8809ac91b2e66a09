"""What a person types to name a series on MangaDex: a title, an address, an id, a language."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final

from pipeline.core.errors import BadConfig

_UUID: Final = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}")
_NEARLY_UUID: Final = re.compile(
    r"\{?(?:urn:uuid:)?(?:[0-9a-f-]{24,}|[0-9a-z]{6,10}(?:-[0-9a-z]{3,5}){3}-[0-9a-z]{8,16})\}?"
)
_ADDRESS: Final = re.compile(r"(?:https?://|(?=[\w.-]*mangadex\.))([^/?#\s]+)([^?#\s]*)\S*")
_SERIES_PATH: Final = re.compile(rf"/(?:title|manga)/({_UUID.pattern})(?:/.*)?")


@dataclass(frozen=True, slots=True)
class ById:
    """The series of that id."""

    manga: str


@dataclass(frozen=True, slots=True)
class ByTitle:
    """Whatever has a title like this one."""

    title: str


Query = ById | ByTitle


def parse_query(text: str) -> Query:
    """A UUID in any case, an address of a series on MangaDex, or else a title.

    Raises BadConfig for what looks like an id or an address of a series but is none.
    """
    words = " ".join(text.split())
    lowered = words.lower()
    if not words:
        raise BadConfig("no series named: give a title, a MangaDex address or a UUID")
    if address := _ADDRESS.fullmatch(lowered):
        return ById(_series_at(words, host=address[1], path=address[2]))
    if _UUID.fullmatch(lowered):
        return ById(lowered)
    if _NEARLY_UUID.fullmatch(lowered):
        raise BadConfig(_not_an_id(words))
    return ByTitle(words)


def parse_uuid(text: str) -> str:
    """The id in lower case. Raises BadConfig."""
    lowered = text.strip().lower()
    if not _UUID.fullmatch(lowered):
        raise BadConfig(_not_an_id(text))
    return lowered


def parse_language(text: str) -> str:
    """The code as MangaDex writes it: en, pt-br. Raises BadConfig."""
    lowered = text.strip().lower()
    if not re.fullmatch(r"[a-z]{2,3}(-[a-z]+)?", lowered):
        raise BadConfig(f"language '{text}' is no code such as en, pt-br or es-la")
    return lowered


def _not_an_id(text: str) -> str:
    return (
        f"'{text}' is not a whole UUID (8-4-4-4-12 hexadecimal digits): "
        "copy it again from the series' address on MangaDex"
    )


def _series_at(text: str, *, host: str, path: str) -> str:
    """The id in the address of a series. `host` and `path` in lower case."""
    name = host.rsplit("@", 1)[-1].split(":", 1)[0]
    if name.removeprefix("www.") not in {"mangadex.org", "api.mangadex.org", "mangadex.dev"}:
        raise BadConfig(
            f"'{text}' is not on mangadex.org: give a title, a MangaDex address or UUID"
        )
    found = _SERIES_PATH.fullmatch(path)
    if not found:
        raise BadConfig(
            f"'{text}' is not the address of a series: it looks like "
            "https://mangadex.org/title/<UUID>/<name>"
        )
    return found[1]
