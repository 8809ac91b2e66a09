"""Pages on their way from a plan to page images."""

from __future__ import annotations

from enum import StrEnum
from typing import Literal

from pydantic import Field

from schemas.record import Record, Sha256, Slug

Direction = Literal["rtl", "ltr"]
"""Reading direction: "rtl" is right to left (Japanese manga), "ltr" is left to right."""


class PlannedPage(Record):
    """One page that a source offers and that we mean to take."""

    id: str
    series: Slug
    chapter: Slug
    chapter_title: str
    number: int = Field(ge=1, description="position in its chapter, from 1")
    order: int = Field(ge=0, description="rises in reading order over the series; not without gaps")
    locator: str = Field(description="where the source finds it: only the source reads this")
    stamp: str = Field(description="changes when the bytes behind the locator change")


class ChapterCredit(Record):
    """Who has to be named for a chapter, and the ids by which it may be taken down."""

    id: str = Field(description="slug/chapter")
    series: Slug
    chapter: Slug
    provider: str = Field(description="MangaDex")
    url: str
    work_id: str
    chapter_id: str
    title: str
    groups: tuple[str, ...]
    group_ids: tuple[str, ...]
    uploader: str
    uploader_id: str

    @property
    def line(self) -> str:
        """Everybody in one line; with no group, the uploader is the credit."""
        by = f"translated by {', '.join(self.groups)}" if self.groups else "no group named"
        uploaded = f"uploaded by {self.uploader or self.uploader_id or 'unknown'}"
        return f"{self.provider} {self.url}: {by}; {uploaded}"


class Defect(StrEnum):
    """What keeps a file from being a whole picture."""

    NONE = "none"
    TRUNCATED = "truncated"
    UNDECODABLE = "undecodable"
    BOMB = "decompression_bomb"


class Page(Record):
    """One page whose original bytes lie in the blob store. Size in pixels; 0 where unread."""

    id: str
    series: Slug
    chapter: Slug
    number: int
    order: int
    sha256: Sha256
    n_bytes: int
    media_type: str
    width: int
    height: int
    defect: Defect
    locator: str = Field(description="where the bytes came from, without host or token")
    is_verified: bool = Field(description="its sha256 was known before it was fetched, and fits")


class ScreenedPage(Record):
    """A page that passed the screen, with the measures on which it was judged."""

    id: str
    series: Slug
    chapter: Slug
    number: int
    order: int
    sha256: Sha256
    width: int
    height: int
    chroma: float = Field(description="mean distance from grey over the page, 0 to 1")
    ink: float = Field(description="share of pixels darker than the paper by a third, 0 to 1")
    dhash: str = Field(description="256-bit difference hash of the picture, hexadecimal")


class PageImage(Record):
    """A single page, or two joined: a view on blobs, never a re-encoded copy.

    Frame: origin at the top left of the joined picture, heights top-aligned on black.
    The right half starts at x = x_offset; a page image of one page has it in `left`
    and x_offset 0.
    """

    id: str
    series: Slug
    chapter: Slug
    order: int
    left_page: str
    right_page: str = Field(description="empty where the page stands alone")
    left_sha256: Sha256
    right_sha256: str = Field(description="empty where the page stands alone")
    x_offset: int = Field(ge=0)
    width: int
    height: int
    is_spread: bool = Field(description="drawn as a double page in one file")
    direction: Direction

    @property
    def is_double(self) -> bool:
        return bool(self.right_page)

    @property
    def pages(self) -> tuple[str, ...]:
        """The page ids in it, left to right."""
        return (self.left_page, self.right_page) if self.is_double else (self.left_page,)
