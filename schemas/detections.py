"""What a detector finds on a page image, before and after it has ids."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from pydantic import Field

from schemas.boxes import Box
from schemas.record import Boxed, Slug

Placement = Literal["inside", "spans", "outside"]
"""Where a box lies: in one panel, in two or more, or in none."""

Orientation = Literal["vertical", "horizontal"]


@dataclass(frozen=True, slots=True)
class FoundPanel:
    """A panel as a detector sees it. Box: page-image pixels; confidence 0 to 1."""

    box: Box
    confidence: float


@dataclass(frozen=True, slots=True)
class FoundCharacter:
    """A character; `face` is the part that was really seen where the box was grown from it."""

    box: Box
    face: Box | None
    confidence: float
    source: str


@dataclass(frozen=True, slots=True)
class FoundDialog:
    """A balloon, a narration box or a drawn sound. `text_box` is the lettering inside `box`."""

    box: Box
    text_box: Box
    text: str
    confidence: float
    orientation: Orientation


@dataclass(frozen=True, slots=True)
class Detection:
    """All that was found on one page image, in no order, with what could not be looked for."""

    panels: tuple[FoundPanel, ...] = ()
    characters: tuple[FoundCharacter, ...] = ()
    dialogs: tuple[FoundDialog, ...] = ()
    notes: tuple[str, ...] = ()


class Panel(Boxed):
    """A panel in reading order. `is_uncertain` marks a box that a person should look at."""

    id: str
    series: Slug
    page_image: str
    order: int = Field(ge=0, description="reading order on the page image, from 0")
    confidence: float
    is_uncertain: bool
    detector: str


class Character(Boxed):
    """One appearance of a character. Face columns are 0 where no face was seen."""

    id: str
    series: Slug
    page_image: str
    panel: str = Field(description="the panel that holds most of it; empty if outside")
    placement: Placement
    face_x1: int
    face_y1: int
    face_x2: int
    face_y2: int
    confidence: float
    source: str
    detector: str

    @property
    def face(self) -> Box | None:
        face = Box(self.face_x1, self.face_y1, self.face_x2, self.face_y2)
        return face if face.area else None


class Dialog(Boxed):
    """One text region. Text columns give the lettering inside the balloon."""

    id: str
    series: Slug
    page_image: str
    panel: str = Field(description="the panel that holds most of it; empty if outside")
    placement: Placement
    order: int = Field(ge=0, description="reading order on the page image, from 0")
    text_x1: int
    text_y1: int
    text_x2: int
    text_y2: int
    text: str
    orientation: Orientation
    confidence: float
    detector: str

    @property
    def text_box(self) -> Box:
        return Box(self.text_x1, self.text_y1, self.text_x2, self.text_y2)
