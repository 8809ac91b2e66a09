"""Captions from boxes: what they say, and that they say no more."""

from __future__ import annotations

from typing import Any

import pytest

from pipeline.core.errors import BadConfig
from pipeline.manga.layout_caption import PanelFacts, layout_caption
from pipeline.manifests import load_prompt
from pipeline.stages.caption import CaptionRule
from pipeline.stages.caption import caption as caption_stage
from schemas.boxes import Box
from schemas.detections import Character, Dialog, Panel
from schemas.profile import CaptionParams, Prompt
from tests.support.built import MANIFESTS

PROMPT = Prompt(
    name="plain/v1",
    text={
        "place": "Panel {number} of {count}, {position}.",
        "nobody": "No character.",
        "one": "One character, {cast}.",
        "several": "{n} characters: {cast}.",
        "alone": "{side}, {size}",
        "among": "number {number} {side}, {size}",
        "dialogue": "Dialogue, in order: {lines}.",
    },
)
IMAGE = "ink/c0001/p001"
SQUARE, NO_FACE = Box(0, 0, 300, 300), Box(0, 0, 0, 0)


def panel(box: Box = SQUARE, order: int = 0) -> Panel:
    return Panel(
        id=f"{IMAGE}/panel{order:02d}",
        series="ink",
        page_image=IMAGE,
        order=order,
        confidence=1,
        is_uncertain=False,
        detector="oracle",
        **box._asdict(),
    )


def character(box: Box, face: Box = NO_FACE, number: int = 0) -> Character:
    return Character(
        id=f"{IMAGE}/character{number:02d}",
        series="ink",
        page_image=IMAGE,
        panel=f"{IMAGE}/panel00",
        placement="inside",
        face_x1=face.x1,
        face_y1=face.y1,
        face_x2=face.x2,
        face_y2=face.y2,
        confidence=1,
        source="oracle",
        detector="oracle",
        **box._asdict(),
    )


def dialog(text: str, order: int) -> Dialog:
    values: dict[str, Any] = dict.fromkeys(("x1", "y1", "text_x1", "text_y1"), 0)
    values |= dict.fromkeys(("x2", "y2", "text_x2", "text_y2"), 9)
    return Dialog(
        id=f"{IMAGE}/dialog{order:02d}",
        series="ink",
        page_image=IMAGE,
        panel=f"{IMAGE}/panel00",
        placement="inside",
        order=order,
        text=text,
        orientation="vertical",
        confidence=1,
        detector="oracle",
        **values,
    )


def caption(prompt: Prompt = PROMPT, *, with_dialogue: bool = False, **facts: Any) -> str:
    values = {
        "panel": panel(),
        "panels_on_page": 4,
        "page_width": 900,
        "page_height": 900,
        "characters": (),
        "dialogs": (),
        **facts,
    }
    return layout_caption(PanelFacts(**values), prompt, with_dialogue=with_dialogue)


def test_an_empty_panel() -> None:
    assert caption() == "Panel 1 of 4, upper left. No character."


@pytest.mark.parametrize(
    ("box", "position"),
    [
        (Box(600, 600, 900, 900), "lower right"),
        (Box(0, 0, 900, 900), "middle centre"),
        (Box(-50, 880, 40, 990), "lower left"),
    ],
)
def test_where_it_lies(box: Box, position: str) -> None:
    assert caption(panel=panel(box, 2)) == f"Panel 3 of 4, {position}. No character."


@pytest.mark.parametrize(
    ("face", "size"),
    [
        (Box(200, 0, 290, 120), "close-up"),
        (Box(200, 0, 290, 119), "medium shot"),
        (Box(200, 0, 290, 44), "long shot"),
        (Box(0, 0, 0, 0), "close-up"),
    ],
)
def test_one_character(face: Box, size: str) -> None:
    alone = character(Box(200, 0, 300, 300), face)
    assert caption(characters=(alone,)).endswith(f"One character, right, {size}.")


def test_several_from_left_to_right_whatever_the_direction() -> None:
    right, left = character(Box(200, 0, 300, 60)), character(Box(0, 0, 90, 30), number=1)
    for pair in ((right, left), (left, right)):
        assert caption(characters=pair).endswith(
            "2 characters: number 1 left, long shot; number 2 right, medium shot."
        )


def test_dialogue_is_quoted_only_where_asked() -> None:
    lines = (dialog("まって{text}", 0), dialog("", 1), dialog("Stop!", 2))
    assert "まって" not in caption(dialogs=lines)
    assert caption(dialogs=lines, with_dialogue=True).endswith(
        " Dialogue, in order: “まって{text}” “Stop!”."
    )
    assert caption(dialogs=lines[1:2], with_dialogue=True) == caption()


@pytest.mark.parametrize(
    ("changes", "flaw"),
    [
        ({"one": None}, "text.one: this key is missing"),
        ({"two": "x"}, "text.two: unknown key; accepted: place, nobody, one"),
        ({"one": "{caste}"}, "text.one: a field in it is not accepted; accepted: {n}, {cast}"),
        ({"nobody": "{0}"}, "text.nobody: a field in it is not accepted; accepted: none"),
        ({"place": "{number"}, "text.place: a field in it is not accepted"),
    ],
)
def test_a_flawed_prompt_stops_before_the_work(changes: dict[str, Any], flaw: str) -> None:
    text = {key: piece for key, piece in {**PROMPT.text, **changes}.items() if piece is not None}
    rule = CaptionRule(params=CaptionParams(), prompt=Prompt(name="plain/v1", text=text))
    with pytest.raises(BadConfig) as caught:
        caption_stage("ink", rule)
    assert str(caught.value).startswith(f"manifests/prompts/layout-template-v1.toml: {flaw}")


def test_the_prompt_of_the_tree_has_every_piece_and_claims_no_model() -> None:
    prompt = load_prompt(MANIFESTS, "layout-template-v1")
    assert prompt.name == "layout-template/v1"
    assert set(prompt.text) == set(PROMPT.text)
    cast = tuple(character(Box(0, 0, 90, 90), number=n) for n in range(2))
    for facts in ({}, {"characters": cast[:1]}, {"characters": cast, "dialogs": (dialog("a", 0),)}):
        text = caption(prompt, with_dialogue=True, **facts)
        assert "Panel 1 of 4" in text
        assert "{" not in text
