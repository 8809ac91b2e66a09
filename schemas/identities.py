"""Who is who: features, proposals, and what people decided."""

from __future__ import annotations

from datetime import datetime
from typing import Literal

from pydantic import Field, field_validator

from schemas.record import Record, Slug

Status = Literal["proposed", "verified"]


class CropFeature(Record):
    """The feature of one character box, and what may not be joined with it."""

    id: str = Field(description="the character's id")
    series: Slug
    panel: str
    feature: tuple[float, ...] = Field(description="L2-normalised")


class Identity(Record):
    """Character box -> identity over the whole series. Proposals are never truth."""

    id: str = Field(description="the character's id")
    series: Slug
    identity: str
    status: Status
    cluster_size: int


class Verdict(Record):
    """One decision of a person, one line of the append-only log.

    same     the boxes are one character
    different  they are not; the one listed first keeps its identity
    name     the boxes are the character of that name
    junk     the boxes show no character
    """

    id: str = Field(min_length=1, description="unique: a verdict read twice counts once")
    series: Slug
    kind: Literal["same", "different", "name", "junk"]
    characters: tuple[str, ...] = Field(min_length=1)
    name: str = ""
    annotator: str
    at: str = Field(description="ISO 8601 with offset; later verdicts win, ties by id")

    @field_validator("at")
    @classmethod
    def _has_an_offset(cls, at: str) -> str:
        if datetime.fromisoformat(at).tzinfo is None:
            raise ValueError(f"{at} has no offset from UTC, such as Z or +09:00")
        return at
