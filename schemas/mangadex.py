"""MangaDex as this project knows it: what its catalogue says, and what was chosen from it."""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated, Literal

from pydantic import Field

from schemas.record import Record, Sha256, Slug

Uuid = Annotated[
    str, Field(pattern=r"^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$")
]
ContentRating = Literal["safe", "suggestive", "erotica", "pornographic"]


class Tag(Record):
    """A tag of the catalogue: names are translated, ids are not."""

    id: Uuid
    name: str


class SeriesFacts(Record):
    """A series as the catalogue describes it. Strings are empty where the catalogue has null."""

    id: Uuid
    title: str
    other_titles: tuple[str, ...] = ()
    authors: tuple[str, ...] = ()
    year: int | None = None
    original_language: str = ""
    content_rating: str = ""
    status: str = ""
    tags: tuple[Tag, ...] = ()
    languages: tuple[str, ...] = Field(default=(), description="that it says chapters exist in")
    restarts_numbers: bool = Field(
        default=False, description="chapter numbers begin anew in every volume"
    )


class Group(Record):
    """Who translated a chapter."""

    id: Uuid
    name: str
    is_official: bool = False


class ListedChapter(Record):
    """One upload of a chapter. `volume` and `number` are what people typed, "" where null."""

    id: Uuid
    volume: str = ""
    number: str = ""
    title: str = ""
    language: str = ""
    pages: int = Field(default=0, ge=0)
    version: int = 0
    external_url: str = ""
    is_unavailable: bool = False
    publish_at: str = Field(default="", description="ISO 8601")
    readable_at: str = Field(default="", description="ISO 8601")
    groups: tuple[Group, ...] = ()
    uploader_id: str = ""
    uploader: str = ""


class SkipReason(StrEnum):
    """Why an upload of a chapter is not taken."""

    EXTERNAL = "external"
    UNAVAILABLE = "unavailable"
    EMPTY = "empty"
    NOT_YET_PUBLISHED = "not_yet_published"
    OFFICIAL = "official"
    OTHER_LANGUAGE = "other_language"
    TAKEN_DOWN = "taken_down"
    OTHER_GROUP = "other_group"
    BEYOND_CAP = "beyond_cap"


class SkippedChapter(Record):
    """An upload that is not taken. A chapter that the cap cuts counts as taken."""

    id: Uuid
    volume: str
    number: str
    pages: int
    reason: SkipReason


class PlannedChapter(Record):
    """A chapter that is taken: its first `take` pages, from one upload."""

    chapter: Slug = Field(description="its name in our ids, the same after planning anew")
    upload: ListedChapter
    take: int = Field(ge=1)
    alternates: tuple[ListedChapter, ...] = Field(
        default=(), description="other readable uploads of the same chapter, best first"
    )
    amended: str = Field(default="", description="why it is not as it was first planned")


class PlanTerms(Record):
    """What the manifest and the profile asked for: a plan stands only for the same terms."""

    manga: Uuid
    language: str
    cap: int
    cap_unit: Literal["single", "double"]
    cover: Literal["alone", "paired"]
    groups: tuple[Uuid, ...] = Field(default=(), description="preferred, best first")
    official: bool = False


class FrozenPlan(Record):
    """The page plan of one series: fixed before anything is fetched, the same for every rerun.

    Counts in `units` are page images as the pairing joins them (cap_unit double) or single
    pages; `available` counts every readable chapter once, `taken` what the chapters below give.
    """

    format: Literal[1] = 1
    series: Slug
    terms: PlanTerms
    title: str
    made_at: str = Field(description="ISO 8601; not part of the digest")
    gone_at: str = Field(default="", description="ISO 8601, where the whole series is gone")
    available_units: int
    available_pages: int
    taken_units: int
    taken_pages: int
    chapters: tuple[PlannedChapter, ...]
    skipped: tuple[SkippedChapter, ...]
    sha256: Sha256 = Field(description="over everything but made_at and itself")

    @property
    def shortfall_units(self) -> int:
        """How many units fewer than the cap asks for there are."""
        return max(0, self.terms.cap - self.available_units)


class Tombstones(Record):
    """manifests/tombstones.toml: what was asked to be taken down, by MangaDex id."""

    manga: tuple[Uuid, ...] = ()
    chapter: tuple[Uuid, ...] = ()
    group: tuple[Uuid, ...] = ()
