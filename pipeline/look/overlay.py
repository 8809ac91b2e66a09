"""The boxes of a page image as SVG, in the picture's own pixels."""

from __future__ import annotations

from collections.abc import Iterator
from html import escape
from typing import Final

from schemas.record import Boxed
from schemas.samples import Sample, SampleCharacter, SampleDialog, ShardPage

_GOLDEN_ANGLE: Final = 137.508
"""Degrees: successive identities get hues that lie far apart."""

_SHOWN_WIDTH: Final = 820
"""CSS pixels at which a double page is shown; lettering is sized for it."""


def overlay(page: ShardPage) -> str:
    """An <svg> that covers the picture: dialogs below, then characters, panels on top."""
    unit = page.width / (_SHOWN_WIDTH if page.width > page.height else _SHOWN_WIDTH * 0.62)
    dialogs = "".join(_dialog(each) for panel in page.panels for each in panel.dialogs)
    characters = "".join(
        _character(each, unit) for panel in page.panels for each in panel.characters
    )
    panels = "".join(_panel(each, page, unit) for each in page.panels)
    return (
        f'<svg viewBox="0 0 {page.width} {page.height}" role="img" '
        f'aria-label="boxes on {escape(page.page_image)}">'
        f'<g class="dialogs">{dialogs}</g><g class="characters">{characters}</g>'
        f'<g class="panels">{panels}</g></svg>'
    )


def hue_of(identity: str) -> int:
    """The hue of an identity in degrees, the same wherever it appears."""
    digits = "".join(c for c in identity.rsplit("/", 1)[-1] if c.isdigit())
    return round(int(digits or 0) * _GOLDEN_ANGLE + 12) % 360


def short(some_id: str) -> str:
    """The last part of an id: who0007, panel02."""
    return some_id.rsplit("/", 1)[-1]


def _panel(panel: Sample, page: ShardPage, unit: float) -> str:
    """The frame, and its number in the corner where reading starts."""
    radius = 12 * unit
    x = panel.x2 - radius * 1.25 if page.direction == "rtl" else panel.x1 + radius * 1.25
    y = panel.y1 + radius * 1.25
    doubt = " uncertain" if panel.is_uncertain else ""
    return (
        f'<g class="panel{doubt}" data-part="{escape(short(panel.id))}">{_rect(panel)}'
        f'<circle cx="{x:.0f}" cy="{y:.0f}" r="{radius:.1f}"/>'
        f'<text x="{x:.0f}" y="{y:.0f}" font-size="{13 * unit:.1f}" dy=".35em">'
        f"{panel.order + 1}</text></g>"
    )


def _character(character: SampleCharacter, unit: float) -> str:
    name = escape(short(character.identity)) or "?"
    height = 15 * unit
    width = (len(name) * 7.4 + 8) * unit
    return (
        f'<g class="character {character.identity_status}" '
        f'style="--hue:{hue_of(character.identity)}">{_rect(character)}'
        f'<rect class="tag" x="{character.x1}" y="{character.y2 - height:.0f}" '
        f'width="{width:.0f}" height="{height:.0f}"/>'
        f'<text x="{character.x1 + 4 * unit:.0f}" y="{character.y2 - 4 * unit:.0f}" '
        f'font-size="{11 * unit:.1f}">{name}</text>'
        f"<title>{_title(character, character.confidence)}</title></g>"
    )


def _dialog(dialog: SampleDialog) -> str:
    return (
        f'<g class="dialog" data-part="{escape(short(dialog.id))}">{_rect(dialog)}'
        f"<title>{_title(dialog, dialog.confidence)}</title></g>"
    )


def _title(part: SampleCharacter | SampleDialog, confidence: float) -> str:
    return f"{escape(part.id)}, confidence {confidence:.2f}"


def _rect(boxed: Boxed) -> str:
    box = boxed.box
    return f'<rect x="{box.x1}" y="{box.y1}" width="{box.width}" height="{box.height}"/>'


def marks(panel: Sample) -> Iterator[tuple[str, int, str]]:
    """(identity, hue, status) of the panel's characters, each identity once."""
    seen: dict[str, str] = {}
    for each in panel.characters:
        seen.setdefault(each.identity, each.identity_status)
    return ((short(identity) or "?", hue_of(identity), status) for identity, status in seen.items())
