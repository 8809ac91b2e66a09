"""Draws one page: panels with their scenes, then borders, balloons and sounds, noting the truth."""

from __future__ import annotations

from dataclasses import replace

from PIL import Image, ImageDraw

from pipeline.synthetic.backdrop import draw_backdrop
from pipeline.synthetic.figure import DrawnFigure, draw_figure
from pipeline.synthetic.layout import Layout
from pipeline.synthetic.pen import FINE, Pen, Points, Reach
from pipeline.synthetic.scene import Actor, Scene
from pipeline.synthetic.sheet import Sheet
from pipeline.synthetic.speech import draw_sign, note_sign, write_sound, write_speech
from pipeline.synthetic.staging import covers_of
from pipeline.synthetic.truth import TruthDraft, box_around, corners
from schemas.boxes import Box
from schemas.truth import TruthCharacter, TruthPanel


def draw_page(sheet: Sheet, layout: Layout, scenes: list[Scene]) -> None:
    """Draw all panels of a page in the order in which they lie over each other."""
    if sheet.canvas is not None:
        sheet.canvas.paste(layout.paper, (0, 0, *sheet.canvas.size))
    found: dict[int, list[tuple[Actor, DrawnFigure]]] = {}
    for order in sorted(range(len(scenes)), key=lambda i: (scenes[i].frame.on_top, i)):
        found[order] = _draw_panel(sheet, scenes[order], order)
        _draw_border(sheet, scenes[order], layout.paper)
        _draw_breaker(sheet, scenes[order], order)
    for order, scene in enumerate(scenes):
        box = sheet.draft.box(scene.frame.polygon)
        polygon = tuple(scene.frame.polygon)
        sheet.draft.panels.append(
            TruthPanel(x1=box.x1, y1=box.y1, x2=box.x2, y2=box.y2, order=order, polygon=polygon)
        )
        covers = [box_around(corners(cover)) for cover in covers_of(scene.frame, layout)]
        seats = _note_characters(sheet.draft, scene, (order, covers), found[order])
        for index, speech in enumerate(scene.speeches):
            told = replace(speech, speaker=seats.get(speech.speaker, -1))
            actor = scene.actors[speech.speaker] if told.speaker >= 0 else None
            write_speech(sheet, told, actor, (order, index))
        write_sound(sheet, scene, order)
        note_sign(sheet, scene, order)


def _clip(scene: Scene, draft: TruthDraft) -> Box:
    return draft.box(scene.frame.polygon)


def _draw_panel(sheet: Sheet, scene: Scene, order: int) -> list[tuple[Actor, DrawnFigure]]:
    """Backdrop and people, cut off at the panel's outline."""
    clip = _clip(scene, sheet.draft)
    corner = (clip.x1 * FINE, clip.y1 * FINE)
    layer = None
    if sheet.canvas is not None:
        layer = Image.new("L", (clip.width * FINE, clip.height * FINE), 255)
    pen = Pen(layer, -corner[0], -corner[1], hair=sheet.hair)
    dice = sheet.setting.spec.dice("backdrop", sheet.setting.chapter, sheet.number, order)
    if layer is not None:
        centre = (scene.actors[0].x, scene.actors[0].y) if scene.actors else clip.centre
        draw_backdrop(pen, scene.backdrop, clip, centre, dice)
        _draw_sign(layer, pen, scene, sheet)
    drawn = [
        (actor, _moved(draw_actor(pen, actor), corner))
        for actor in sorted(scene.actors, key=lambda a: a.head)
    ]
    if sheet.canvas is not None and layer is not None:
        mask = Image.new("1", layer.size)
        outline = [(x * FINE - corner[0], y * FINE - corner[1]) for x, y in scene.frame.polygon]
        ImageDraw.Draw(mask).polygon(outline, fill=1)
        sheet.canvas.paste(layer, corner, mask)
    return drawn


def draw_actor(pen: Pen, actor: Actor) -> DrawnFigure:
    """Draw a person with lines that suit its size; the pen's frame is the page's."""
    # Lines grow with the figure, but less: a close-up has bolder lines, never fat ones.
    weight = min(1.5, max(0.62, (actor.head * FINE / pen.hair / 42) ** 0.5))
    seat = replace(
        pen.at(actor.x, actor.y, actor.head),
        mirror=actor.mirror,
        hair=pen.hair * weight,
        reach=Reach(),
    )
    return draw_figure(seat, actor.member, actor.clothes, actor.pose)


def _moved(figure: DrawnFigure, corner: tuple[int, int]) -> DrawnFigure:
    """A figure's extent in canvas pixels of the page instead of the panel's layer."""
    r = figure.reach
    reach = Reach(r.x1 + corner[0], r.y1 + corner[1], r.x2 + corner[0], r.y2 + corner[1])
    face = figure.face and [(x + corner[0], y + corner[1]) for x, y in figure.face]
    return DrawnFigure(reach, face)


def _draw_border(sheet: Sheet, scene: Scene, paper: int) -> None:
    if sheet.canvas is None or not scene.frame.border:
        return
    around = [(x * FINE, y * FINE) for x, y in scene.frame.polygon]
    width = round(scene.frame.border * FINE * sheet.setting.unit)
    ink = 0 if paper > 128 or scene.frame.on_top else 235
    ImageDraw.Draw(sheet.canvas).line([*around, around[0], around[1]], ink, width, joint="curve")


def _draw_breaker(sheet: Sheet, scene: Scene, order: int) -> None:
    """Draw a person once more, over the upper border, where it breaks out of its panel."""
    if scene.breaker < 0 or sheet.canvas is None:
        return
    clip = _clip(scene, sheet.draft)
    actor = scene.actors[scene.breaker]
    top = max(0, round(actor.y - 0.9 * actor.head))
    window = (clip.x1 * FINE, top * FINE, clip.x2 * FINE, (clip.y1 + clip.height // 2) * FINE)
    layer = sheet.canvas.crop(window)
    pen = Pen(layer, -window[0], -window[1], hair=sheet.hair)
    draw_actor(pen, actor)
    sheet.canvas.paste(layer, window[:2])


def _draw_sign(layer: Image.Image, pen: Pen, scene: Scene, sheet: Sheet) -> None:
    if scene.sign:
        draw_sign(layer, pen, scene, sheet.setting.spec.language)


def _note_characters(
    draft: TruthDraft,
    scene: Scene,
    place: tuple[int, list[Box]],
    drawn: list[tuple[Actor, DrawnFigure]],
) -> dict[int, int]:
    """Add the characters of a panel to the truth: scene index -> index in the truth.

    `place` is the panel's order and the boxes of panels on top; who is hidden by them is not
    noted.
    """
    order, covers = place
    panel = _clip(scene, draft)
    seats = {}
    for actor, figure in drawn:
        index = scene.actors.index(actor)
        room = panel if index != scene.breaker else Box(panel.x1, 0, panel.x2, panel.y2)
        reach = figure.reach
        extent = [(reach.x1 / FINE, reach.y1 / FINE), (reach.x2 / FINE, reach.y2 / FINE)]
        box = box_around(extent).intersection(room)
        if _hidden(box, covers) > 0.9:
            continue
        face = _visible(figure.face, room, covers)
        seats[index] = len(draft.characters)
        draft.characters.append(
            TruthCharacter(
                x1=box.x1,
                y1=box.y1,
                x2=box.x2,
                y2=box.y2,
                panel=order,
                identity=actor.member.identity,
                face=face,
                is_human=actor.member.is_human,
            )
        )
    return seats


def _hidden(box: Box, covers: list[Box]) -> float:
    return max((box.share_inside(cover) for cover in covers), default=0.0)


def _visible(face: Points | None, room: Box, covers: list[Box]) -> tuple[int, int, int, int] | None:
    """The part of a face inside its panel; None where less than half of it can be seen."""
    if face is None:
        return None
    box = box_around((x / FINE, y / FINE) for x, y in face)
    inside = box.intersection(room)
    if inside.area <= 0.5 * box.area or _hidden(inside, covers) > 0.5:
        return None
    return inside
