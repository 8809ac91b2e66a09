"""What every record has in common: typed, frozen, and closed to unknown fields."""

from __future__ import annotations

from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

from schemas.boxes import Box


class Record(BaseModel):
    """A row, or a part of one. Equal by value, never changed after it is made."""

    model_config = ConfigDict(frozen=True, extra="forbid")


Pixel = Annotated[int, Field(ge=-32768, le=32767)]
"""A coordinate in page-image pixels; the bound keeps tables in 16 bits."""

Sha256 = Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")]
Slug = Annotated[str, Field(pattern=r"^[a-z0-9]+(-[a-z0-9]+)*$", max_length=40)]


class Boxed(Record):
    """A record with a box in page-image pixels, kept as four flat columns."""

    x1: Pixel
    y1: Pixel
    x2: Pixel
    y2: Pixel

    @property
    def box(self) -> Box:
        return Box(self.x1, self.y1, self.x2, self.y2)
