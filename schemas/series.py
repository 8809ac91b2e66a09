"""The series manifest: which series we mean to take, and under what terms."""

from __future__ import annotations

import re
from collections import Counter
from typing import Annotated, Final, Literal, Self

from pydantic import Field, field_validator, model_validator

from schemas.mangadex import ContentRating, Tag, Uuid
from schemas.pages import Direction
from schemas.record import Record, Slug

Split = Literal["train", "val", "test"]
UUID_OR_EMPTY: Final = r"^([0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12})?$"


class SyntheticSource(Record):
    """A series that the project draws itself."""

    kind: Literal["synthetic"]
    seed: int
    chapters: int = Field(ge=1)
    pages_per_chapter: int = Field(ge=1)
    hardness: int = Field(default=1, ge=0, le=3, description="0 clean gutters ... 3 bleeds, slants")
    page_width: int = Field(default=700, ge=300, le=4000, description="pixels of a single page")
    page_height: int = Field(default=1000, ge=400, le=6000)
    specials: bool = Field(
        default=False, description="also draw a credits page, duplicates, a truncated file, ..."
    )


class FolderSource(Record):
    """One's own pages: images and CBZ/ZIP files in a folder, chapters by sub-folder or archive."""

    kind: Literal["folder"]
    path: str = Field(min_length=1, description="a folder; relative to the manifest's own folder")


class MangaDexSource(Record):
    """A series on MangaDex. What follows `manga` is as the catalogue said when it was added."""

    kind: Literal["mangadex"]
    manga: str = Field(
        description="its id; empty in a template that is to be filled",
        json_schema_extra={"pattern": UUID_OR_EMPTY},
    )
    year: int | None = None
    original_language: str = ""
    content_rating: ContentRating = "safe"
    tags: tuple[Tag, ...] = ()
    groups: tuple[Uuid, ...] = Field(
        default=(), description="scanlation groups to prefer, best first"
    )
    official: bool = Field(default=False, description="also take official uploads")
    allow: tuple[Literal["long-strip", "coloured"], ...] = Field(
        default=(), description="editions that are refused otherwise"
    )

    @field_validator("manga")
    @classmethod
    def _is_an_id(cls, manga: str) -> str:
        if not re.fullmatch(UUID_OR_EMPTY, manga):
            raise ValueError(
                f"{manga[:60]!r} is no MangaDex id, such as 0234a31e-a729-4e28-9d6a-3f87c4966b9e: "
                "copy it from the series' address, or let mangazero series add write the entry"
            )
        return manga


Source = Annotated[SyntheticSource | FolderSource | MangaDexSource, Field(discriminator="kind")]


class SeriesEntry(Record):
    """One series. `cap` counts in `cap_unit`: 1,000 double pages are 2,000 single ones."""

    slug: Slug
    title: str = Field(min_length=1)
    source: Source
    language: str = Field(pattern=r"^[a-z]{2,3}(-[a-zA-Z]+)?$", description="BCP 47: ja, en, und")
    direction: Direction
    cap: int = Field(default=1000, ge=1)
    cap_unit: Literal["single", "double"] = Field(
        default="double", description="double joins facing pages; single leaves each page alone"
    )
    colour: Literal["drop", "keep"] = Field(
        default="drop", description="what the screen does with pages in colour"
    )
    licence: str = Field(min_length=1, description="SPDX where there is one; unknown if unknown")
    attribution: str = Field(description="who has to be named wherever the pages go")
    split: Split = "train"

    @property
    def page_cap(self) -> int:
        """The cap in single pages."""
        return self.cap * (2 if self.cap_unit == "double" else 1)


class SeriesManifest(Record):
    """All series of a dataset; slugs are unique."""

    series: tuple[SeriesEntry, ...] = Field(min_length=1)

    @model_validator(mode="after")
    def _slugs_are_unique(self) -> Self:
        times = Counter(entry.slug for entry in self.series)
        doubled = sorted(slug for slug, n in times.items() if n > 1)
        if doubled:
            raise ValueError(f"duplicate slug {', '.join(doubled)}: every series needs its own")
        return self
