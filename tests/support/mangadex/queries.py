"""Query parameters as the API reads them: arrays need `[]`, what is unknown is ignored."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from typing import Final

from multidict import MultiMapping

DEEPEST: Final = 10_000
UUID: Final = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")

_KNOWN: Final = re.compile(
    r"(limit|offset|title|year|manga|manga\[\]|createdAtSince|updatedAtSince|publishAtSince|forcePort443"
    r"|include(FutureUpdates|EmptyPages|FuturePublishAt|ExternalUrl|Unavailable)"
    r"|hasAvailableChapters|(ids|includes|contentRating|originalLanguage|status|groups"
    r"|excludedOriginalLanguage|translatedLanguage|availableTranslatedLanguage|includedTags"
    r"|excludedTags|excludedGroups|excludedUploaders|volume|chapter|locales)\[\]|order\[\w+\])"
)


class BadQuery(Exception):
    """A parameter that the API refuses with 400."""


class Query:
    """The parameters of one request."""

    def __init__(self, given: MultiMapping[str]) -> None:
        self._given = given

    def unknown(self) -> list[str]:
        return [name for name in self._given if not _KNOWN.fullmatch(name)]

    def one(self, name: str) -> str:
        return self._given.get(name, "")

    def many(self, name: str) -> list[str]:
        return self._given.getall(f"{name}[]", [])

    def page(self, most: int, default: int) -> tuple[int, int]:
        """Limit and offset. Raises BadQuery beyond their bounds."""
        try:
            limit, offset = int(self.one("limit") or default), int(self.one("offset") or 0)
        except ValueError:
            raise BadQuery("limit and offset are numbers") from None
        if not 0 <= limit <= most or offset < 0 or offset + limit > DEEPEST:
            raise BadQuery(f"limit {limit}, offset {offset}: at most {most}, together {DEEPEST}")
        return limit, offset

    def ids(self, name: str = "ids") -> list[str]:
        found = self.many(name)
        if len(found) > 100 or not all(map(UUID.fullmatch, found)):
            raise BadQuery(f"{name}[]: at most 100 UUIDs")
        return found

    def orders(self) -> list[tuple[str, bool]]:
        """(field, descending) in the order in which they were given."""
        return [
            (name[6:-1], value == "desc")
            for name, value in self._given.items()
            if name.startswith("order[")
        ]

    def since(self, name: str) -> datetime | None:
        text = self.one(name)
        if not text:
            return None
        try:
            return datetime.strptime(text, "%Y-%m-%dT%H:%M:%S").replace(tzinfo=UTC)
        except ValueError:
            raise BadQuery(f"{name}: YYYY-MM-DDTHH:MM:SS") from None
