"""A catalogue in memory: what it says is set by the test, what it was asked is kept."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass, field
from typing import Any

from pipeline.core.errors import SeriesGone
from pipeline.ports.protocols import Catalogue, Wish
from schemas.mangadex import Group, ListedChapter, SeriesFacts, Tag
from schemas.profile import MangaDexParams

LONG_STRIP = Tag(id="3e2b8dae-350e-4ab8-a8ce-016e844b9f0d", name="Long Strip")
FAN_COLORED = Tag(id="7b2ce280-79ef-4c09-9b58-12b7c23a9b78", name="Fan Colored")
ACTION = Tag(id="391b0423-d847-456f-aff0-8b0cfc03066b", name="Action")


def uuid(number: int, kind: str = "a") -> str:
    """A UUID that tells its number; `kind` is a hexadecimal digit that keeps kinds apart."""
    return f"{kind}{number:07d}-0000-4000-8000-{number:012d}"


def facts_of(number: int, title: str, **changes: Any) -> SeriesFacts:
    values: dict[str, Any] = {
        "authors": ("Some Author",),
        "year": 2010,
        "original_language": "ja",
        "content_rating": "safe",
        "status": "completed",
        "tags": (ACTION,),
        "languages": ("en",),
    }
    return SeriesFacts(id=uuid(number), title=title, **{**values, **changes})


def chapter_of(serial: int, pages: int = 10, **changes: Any) -> ListedChapter:
    values: dict[str, Any] = {
        "number": str(serial),
        "language": "en",
        "version": 1,
        "publish_at": "2020-01-01T00:00:00+00:00",
        "readable_at": "2020-01-01T00:00:00+00:00",
        "groups": (Group(id=uuid(1, "b"), name="Group One"),),
    }
    return ListedChapter(**{**values, "id": uuid(serial, "c"), "pages": pages, **changes})


@dataclass
class FakeCatalogue:
    """Series in the order of their followers, and the chapters of each by its id.

    A chapter in `now` is answered in place of the listed one; None there is a chapter that is gone.
    `trouble` is raised at the question of that text.
    """

    all: list[SeriesFacts] = field(default_factory=list)
    listed: dict[str, list[ListedChapter]] = field(default_factory=dict)
    now: dict[str, ListedChapter | None] = field(default_factory=dict)
    trouble: dict[str, BaseException] = field(default_factory=dict)
    asked: list[str] = field(default_factory=list)

    def with_series(self, facts: SeriesFacts, chapters: Sequence[ListedChapter]) -> FakeCatalogue:
        self.all.append(facts)
        self.listed[facts.id] = list(chapters)
        return self

    def _ask(self, question: str) -> None:
        self.asked.append(question)
        if question in self.trouble:
            raise self.trouble[question]

    def series(self, manga: str) -> SeriesFacts:
        self._ask(f"series {manga}")
        for facts in self.all:
            if facts.id == manga:
                return facts
        raise SeriesGone(f"MangaDex has no series {manga}")

    def search(self, title: str) -> Sequence[SeriesFacts]:
        self._ask(f"search {title}")
        return [facts for facts in self.all if title.casefold() in facts.title.casefold()][:10]

    def discover(self, wish: Wish) -> Iterator[SeriesFacts]:
        self._ask(f"discover {wish.language}")
        yield from self.all

    def chapters(self, manga: str, language: str) -> Sequence[ListedChapter]:
        self._ask(f"chapters {manga} {language}")
        return [chapter for chapter in self.listed[manga] if chapter.language == language]

    def chapter(self, chapter: str) -> ListedChapter | None:
        self._ask(f"chapter {chapter}")
        if chapter in self.now:
            return self.now[chapter]
        everything = (each for chapters in self.listed.values() for each in chapters)
        return next((each for each in everything if each.id == chapter), None)

    @property
    def opener(self) -> Callable[[MangaDexParams], AbstractContextManager[Catalogue]]:
        """For the commands, in place of the real client."""
        return lambda _params: nullcontext(self)
