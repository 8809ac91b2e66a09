"""Ground truth of a page: drawn by the synthetic generator, or read from a truth file."""

from __future__ import annotations

from pydantic import Field

from schemas.pages import Direction
from schemas.record import Boxed, Record

Point = tuple[float, float]


class TruthPanel(Boxed):
    """A panel; `polygon` in page pixels, corners in drawing order."""

    order: int
    polygon: tuple[Point, ...] = ()


class TruthDialog(Boxed):
    """A balloon, narration box or sound effect with what it says."""

    panel: int = Field(description="order of its panel; -1 if it has none")
    text: str
    text_box: tuple[int, int, int, int] | None = None
    kind: str = Field(description="balloon, narration, sound, sign")
    orientation: str = "vertical"
    speaker: int = Field(default=-1, description="index of the character who speaks; -1 if none")
    polygon: tuple[Point, ...] = ()


class TruthCharacter(Boxed):
    """A character: the box is head and shoulders or more, `face` the face proper."""

    panel: int
    identity: str
    face: tuple[int, int, int, int] | None = Field(
        default=None, description="None where no face shows (back view, non-human)"
    )
    is_human: bool = True


class TruthPage(Record):
    """Everything known about one page. Frame: that page's own pixels."""

    page: str
    width: int
    height: int
    direction: Direction
    panels: tuple[TruthPanel, ...] = ()
    dialogs: tuple[TruthDialog, ...] = ()
    characters: tuple[TruthCharacter, ...] = ()
    transcript: str = ""
    flags: tuple[str, ...] = Field(
        default=(), description="style flags: bleed, slant, spread, credits, duplicate, ..."
    )
