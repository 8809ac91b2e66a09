"""Captions from boxes and text alone. Nothing here sees a picture, and nothing claims to."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from schemas.boxes import Box
from schemas.detections import Character, Dialog, Panel
from schemas.profile import Prompt
from schemas.record import Record

CLOSE_UP_FROM = 0.4
MEDIUM_FROM = 0.15
"""Face height over panel height from which a shot is a close-up or a medium one."""


PIECES: Final = {
    "place": ("number", "count", "position"),
    "nobody": (),
    "one": ("n", "cast"),
    "several": ("n", "cast"),
    "alone": ("number", "side", "size"),
    "among": ("number", "side", "size"),
    "dialogue": ("lines",),
}
"""Every piece that the template needs, with the fields that may stand in it."""


class PanelFacts(Record):
    """All that the template may say of a panel."""

    panel: Panel
    panels_on_page: int
    page_width: int
    page_height: int
    characters: tuple[Character, ...]
    dialogs: tuple[Dialog, ...]


def flaw_of(prompt: Prompt) -> str:
    """What keeps the prompt from being filled, by its key in the file; empty if nothing."""
    for piece, fields in PIECES.items():
        if piece not in prompt.text:
            return f"text.{piece}: this key is missing"
        try:
            prompt.text[piece].format(**dict.fromkeys(fields, ""))
        except (KeyError, IndexError, ValueError):
            accepted = ", ".join(f"{{{field}}}" for field in fields) or "none"
            return f"text.{piece}: a field in it is not accepted; accepted: {accepted}"
    unknown = sorted(set(prompt.text) - set(PIECES))
    return f"text.{unknown[0]}: unknown key; accepted: {', '.join(PIECES)}" if unknown else ""


def layout_caption(facts: PanelFacts, prompt: Prompt, *, with_dialogue: bool) -> str:
    """The filled template. The prompt has no flaw."""
    text = prompt.text
    sentences = [
        text["place"].format(
            number=facts.panel.order + 1,
            count=facts.panels_on_page,
            position=_position(facts.panel.box, facts.page_width, facts.page_height),
        ),
        _cast(facts, prompt),
    ]
    lines = [dialog.text for dialog in facts.dialogs if dialog.text]
    if with_dialogue and lines:
        quoted = " ".join(f"“{line}”" for line in lines)
        sentences.append(text["dialogue"].format(lines=quoted))
    return " ".join(sentences)


def _cast(facts: PanelFacts, prompt: Prompt) -> str:
    panel = facts.panel.box
    piece_each = "alone" if len(facts.characters) == 1 else "among"
    named = [
        prompt.text[piece_each].format(
            number=number,
            side=_side(character.box, panel),
            size=_shot(character, panel),
        )
        for number, character in enumerate(_left_to_right(facts.characters), start=1)
    ]
    if not named:
        return prompt.text["nobody"]
    piece = "one" if len(named) == 1 else "several"
    return prompt.text[piece].format(n=len(named), cast="; ".join(named))


def _left_to_right(characters: Sequence[Character]) -> list[Character]:
    return sorted(characters, key=lambda character: (character.box.centre, character.id))


def _position(panel: Box, width: int, height: int) -> str:
    x, y = panel.centre
    row = ("upper", "middle", "lower")[min(2, max(0, int(3 * y / height)))]
    column = ("left", "centre", "right")[min(2, max(0, int(3 * x / width)))]
    return f"{row} {column}"


def _side(character: Box, panel: Box) -> str:
    share = (character.centre[0] - panel.x1) / max(1, panel.width)
    return ("left", "centre", "right")[min(2, max(0, int(3 * share)))]


def _shot(character: Character, panel: Box) -> str:
    seen = character.face or character.box
    share = seen.height / max(1, panel.height)
    if share >= CLOSE_UP_FROM:
        return "close-up"
    return "medium shot" if share >= MEDIUM_FROM else "long shot"
