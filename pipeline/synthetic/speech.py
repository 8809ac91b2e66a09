"""Draws balloons, sounds and signs on a page and notes them in its truth."""

from __future__ import annotations

from PIL import Image

from pipeline.synthetic.balloon import Balloon, bubbles, outline, tail_tip
from pipeline.synthetic.layout import Point
from pipeline.synthetic.lettering import block_size, draw_block, draw_columns, draw_sound
from pipeline.synthetic.pen import FINE, Pen, oval
from pipeline.synthetic.scene import Actor, Scene, Speech
from pipeline.synthetic.sheet import Sheet
from pipeline.synthetic.truth import corners
from pipeline.synthetic.wording import spoken
from schemas.boxes import Box
from schemas.truth import TruthDialog


def write_speech(sheet: Sheet, speech: Speech, actor: Actor | None, place: tuple[int, int]) -> None:
    """Balloon, tail and words; `place` is the panel's order and the speech's place in it."""
    spec = sheet.setting.spec
    body = speech.balloon
    dice = spec.dice("balloon", sheet.setting.chapter, sheet.number, *place)
    tip = None
    if actor is not None:
        mouth = (actor.x, actor.y + 0.3 * actor.head)
        # A long tail stops short of the hair; where there is no room, it may touch it.
        tips = (
            tail_tip(body, mouth, off * actor.head, 30 * sheet.setting.unit)
            for off in (0.92, 0.75, 0.6)
        )
        tip = next((tip for tip in tips if tip is not None), None)
    around = outline(body, dice, tip)
    wide, high = block_size(speech.rows, speech.size, spec.language, speech.vertical)
    corner = (body.cx - wide / 2, body.cy - high / 2)
    if sheet.canvas is not None:
        _draw_balloon(sheet, body, around, tip)
        _draw_words(sheet.canvas, speech, corner, spec.language)
    box = sheet.draft.box(corners(body.rect))
    sheet.draft.dialogs.append(
        TruthDialog(
            x1=box.x1,
            y1=box.y1,
            x2=box.x2,
            y2=box.y2,
            panel=place[0],
            text=spoken(speech.rows, spec.language),
            text_box=sheet.draft.box(corners((*corner, corner[0] + wide, corner[1] + high))),
            kind=speech.kind,
            orientation="vertical" if speech.vertical else "horizontal",
            speaker=speech.speaker,
            polygon=tuple(around),
        )
    )


def _draw_balloon(sheet: Sheet, body: Balloon, around: list[Point], tip: Point | None) -> None:
    canvas = sheet.canvas
    if canvas is None:
        return
    pen = Pen(canvas, hair=sheet.hair)
    if body.shape == "none":
        # No outline, but a white patch so that the words stay legible.
        pen.oval((body.cx, body.cy), (body.rx * 1.05, body.ry * 1.05), 255)
        return
    pen.shape(around, 255, 0.95, curved=False)
    if body.shape == "cloud" and tip is not None:
        for centre, radius in bubbles(body, tip):
            pen.shape(oval(*centre, radius, radius * 0.85, 12), 255, 0.8, curved=False)


def _draw_words(canvas: Image.Image, speech: Speech, corner: Point, language: str) -> None:
    fine = (corner[0] * FINE, corner[1] * FINE)
    if speech.vertical:
        draw_columns(canvas, speech.rows, fine, speech.size * FINE, speech.furigana)
    else:
        draw_block(canvas, speech.rows, fine, speech.size * FINE, language)


def write_sound(sheet: Sheet, scene: Scene, order: int) -> None:
    """A drawn sound, if the scene has one."""
    sound = scene.sound
    if sound is None:
        return
    canvas = sheet.canvas if sheet.canvas is not None else Image.new("L", (1, 1))
    style = (sound.degrees, sheet.setting.spec.language)
    middle = (sound.x * FINE, sound.y * FINE)
    wide, high = draw_sound(canvas, sound.text, middle, sound.size * FINE, style)
    half = (wide / FINE / 2, high / FINE / 2)
    box = sheet.draft.box(
        [(sound.x - half[0], sound.y - half[1]), (sound.x + half[0], sound.y + half[1])]
    )
    sheet.draft.dialogs.append(_lettering(box, order, sound.text, "sound"))


def _sign_rect(scene: Scene, language: str) -> tuple[float, float, float, float, int]:
    x1, y1, x2, y2 = scene.rect
    size = max(8, round(min(0.075 * (y2 - y1), 0.5 * (x2 - x1) / (len(scene.sign) + 1))))
    wide, high = block_size((scene.sign,), size, language, vertical=False)
    left, top = x1 + 0.36 * (x2 - x1), y1 + 0.5 * (y2 - y1)
    return left, top, left + wide + size, top + high + 0.6 * size, size


def draw_sign(layer: Image.Image, pen: Pen, scene: Scene, language: str) -> None:
    """A shop's sign behind the people."""
    x1, y1, x2, y2, size = _sign_rect(scene, language)
    pen.shape(corners((x1, y1, x2, y2)), 255, 0.9, curved=False)
    (x, y), *_ = pen.map([(x1 + size / 2, y1 + 0.3 * size)])
    draw_block(layer, (scene.sign,), (x, y), size * FINE, language)


def note_sign(sheet: Sheet, scene: Scene, order: int) -> None:
    """A sign goes into the truth as what it is: no dialogue."""
    if not scene.sign:
        return
    *rect, _ = _sign_rect(scene, sheet.setting.spec.language)
    box = sheet.draft.box(corners((rect[0], rect[1], rect[2], rect[3])))
    sheet.draft.dialogs.append(_lettering(box, order, scene.sign, "sign"))


def _lettering(box: Box, order: int, text: str, kind: str) -> TruthDialog:
    """Lettering without a balloon: its box is all there is of it."""
    return TruthDialog(
        x1=box.x1,
        y1=box.y1,
        x2=box.x2,
        y2=box.y2,
        panel=order,
        text=text,
        text_box=box,
        kind=kind,
        orientation="horizontal",
    )
