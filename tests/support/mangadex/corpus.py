"""What the emulated site holds: frozen records that a test builds in a line or two.

Every field has a default but the ids, and `uid` makes those: `Chapter(uid("a"), number="3",
pictures=pages(12))`. Strings that the site may answer with null are None here.
"""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Final, overload

from tests.support.mangadex.pictures import Drawn, Look, Picture

_NAMESPACE: Final = uuid.UUID("6f1d1c1e-2f0b-5c53-9f2c-6a3f2f8f9a10")

TAG_IDS: Final = {
    "Long Strip": "3e2b8dae-350e-4ab8-a8ce-016e844b9f0d",
    "Full Color": "f5ba408b-0e7a-484d-8d49-4e9125ac96de",
    "Official Colored": "320831a8-4026-470b-94f6-8353740e6f04",
    "Fan Colored": "7b2ce280-79ef-4c09-9b58-12b7c23a9b78",
    "Web Comic": "e197df38-d0e7-43b5-9b09-2842d0c326dd",
    "4-Koma": "b11fda93-8f1d-4bef-b2ed-8803d3733170",
    "Anthology": "51d83883-4103-437c-b4b1-731cb73d786c",
    "Doujinshi": "b13b2a48-c720-44a9-9c77-39c9979373fb",
    "Oneshot": "0234a31e-a729-4e28-9d6a-3f87c4966b9e",
}
LONG_AGO: Final = "2020-01-01T00:00:00+00:00"
FAR_AHEAD: Final = "2099-01-01T00:00:00+00:00"


def uid(*key: object) -> str:
    """The uuid that always belongs to that key."""
    return str(uuid.uuid5(_NAMESPACE, "/".join(map(str, key))))


@dataclass(frozen=True)
class Group:
    """A scanlation group."""

    id: str
    name: str
    is_official: bool = False


@dataclass(frozen=True)
class User:
    """Somebody who uploads."""

    id: str
    name: str


INK: Final = Group(uid("group", "ink"), "Ink Circle")
REED: Final = Group(uid("group", "reed"), "Reed Scans")
PUBLISHER: Final = Group(uid("group", "publisher"), "The Publisher", is_official=True)
MOTH: Final = User(uid("user", "moth"), "moth")


@dataclass(frozen=True)
class DrawnPages(Sequence[Picture]):
    """So many drawn pages, made when they are asked for. `looks` take turns."""

    key: str
    n_pages: int
    looks: tuple[Look, ...] = (Look(), Look(form="jpg"))

    def __len__(self) -> int:
        return self.n_pages

    @overload
    def __getitem__(self, index: int) -> Picture: ...
    @overload
    def __getitem__(self, index: slice) -> Sequence[Picture]: ...
    def __getitem__(self, index: int | slice) -> Picture | Sequence[Picture]:
        if isinstance(index, slice):
            return tuple(self[i] for i in range(*index.indices(self.n_pages)))
        if not -self.n_pages <= index < self.n_pages:
            raise IndexError(index)
        index %= self.n_pages
        return Drawn(self.looks[index % len(self.looks)], f"{self.key}/{index + 1}")


@dataclass(frozen=True)
class Chapter:
    """One upload. `hides_hashes` gives file names without a hash, `prefix` the old ones (x1-...).

    `listed_pages`: the page count that the catalogue gives, where it is wrong.
    """

    id: str
    number: str | None = "1"
    volume: str | None = None
    title: str | None = ""
    language: str = "en"
    pictures: Sequence[Picture] = ()
    groups: tuple[Group, ...] = (INK,)
    uploader: User = MOTH
    version: int = 1
    external_url: str | None = None
    is_unavailable: bool = False
    is_deleted: bool = False
    created_at: str = LONG_AGO
    publish_at: str = LONG_AGO
    readable_at: str = LONG_AGO
    listed_pages: int | None = None
    hides_hashes: bool = False
    prefix: str = ""

    @property
    def pages(self) -> int:
        return len(self.pictures) if self.listed_pages is None else self.listed_pages


@dataclass(frozen=True)
class Series:
    """A series and its uploads, in the order in which they were made."""

    id: str
    title: str
    chapters: tuple[Chapter, ...] = ()
    other_titles: tuple[str, ...] = ()
    authors: tuple[str, ...] = ("A. Author",)
    year: int | None = 2010
    original_language: str = "ja"
    content_rating: str = "safe"
    status: str = "completed"
    tags: tuple[str, ...] = field(default=(), metadata={"keys of": "TAG_IDS"})
    restarts_numbers: bool = False
    is_deleted: bool = False
    follows: int = 0
    created_at: str = LONG_AGO

    @property
    def languages(self) -> list[str]:
        return sorted({chapter.language for chapter in self.chapters if not chapter.is_deleted})


@dataclass(frozen=True)
class Corpus:
    """Everything that the site has at the start."""

    series: tuple[Series, ...] = ()
    seed: int = 0

    def __add__(self, other: Corpus) -> Corpus:
        return Corpus(self.series + other.series, self.seed)

    @property
    def chapters(self) -> list[Chapter]:
        return [chapter for series in self.series for chapter in series.chapters]
