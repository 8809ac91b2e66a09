"""Makes the scenes of a page: shots, people, speech, and the places where they belong."""

from __future__ import annotations

from dataclasses import replace
from random import Random

from pipeline.synthetic.balloon import Rect
from pipeline.synthetic.cast import CastMember
from pipeline.synthetic.dialogue import sound_for, speeches_for
from pipeline.synthetic.layout import Frame, Layout
from pipeline.synthetic.scene import (
    Actor,
    Scene,
    Setting,
    Speech,
    actors_for,
    choose_shot,
    covered,
    settle,
)
from pipeline.synthetic.spec import SeriesSpec
from pipeline.synthetic.wording import phrases

PLACES = ("room", "street", "park")
_BREAKS = (0.0, 0.0, 0.12, 0.4)
_ACROSS_GUTTER = (0.0, 0.0, 0.1, 0.22)


def setting_of(
    spec: SeriesSpec, cast: tuple[CastMember, ...], chapter: str, number: int
) -> Setting:
    """Two to four members of the cast in one place, drawn by how often they appear."""
    dice = spec.dice("setting", chapter, number)
    pool, people = list(cast), []
    for _ in range(dice.choice((2, 3, 3, 4))):
        chosen = dice.choices(pool, [member.weight for member in pool])[0]
        pool.remove(chosen)
        people.append(chosen)
    return Setting(spec, chapter, tuple(people), dice.choice(PLACES))


def scenes_of(layout: Layout, setting: Setting, size: tuple[int, int], number: int) -> list[Scene]:
    """One scene a panel, in reading order; `size` is the page's, in pixels."""
    spec = setting.spec
    dice = spec.dice("scenes", setting.chapter, number)
    scenes = [
        _scene(frame, (visible_rect(frame, size), covers_of(frame, layout)), setting, dice)
        for frame in layout.frames
    ]
    if dice.random() < _BREAKS[spec.hardness]:
        scenes = _with_breaker(scenes)
    return [_across_gutter(scene, setting, size, dice) for scene in scenes]


def visible_rect(frame: Frame, size: tuple[int, int]) -> Rect:
    """A rectangle inside a panel and inside the page: what slants cut off is left out."""
    xs, ys = sorted(x for x, _ in frame.polygon), sorted(y for _, y in frame.polygon)
    return max(xs[1], 4.0), max(ys[1], 4.0), min(xs[-2], size[0] - 4.0), min(ys[-2], size[1] - 4.0)


def covers_of(frame: Frame, layout: Layout) -> list[Rect]:
    """What lies over a panel: the bounds of the panels on top."""
    return [other.bounds for other in layout.frames if other.on_top and other is not frame]


def _scene(frame: Frame, room: tuple[Rect, list[Rect]], setting: Setting, dice: Random) -> Scene:
    """A scene in a room: the visible rectangle, and what covers parts of it."""
    rect, covers = room
    shot = choose_shot(rect, not setting.said, dice)
    wished = actors_for(shot, rect, setting, dice)
    speeches = speeches_for(rect, shot, setting, dice)
    bold = setting.spec.hardness >= 2 and dice.random() < 0.3
    while True:
        taken = [*covers, *(speech.balloon.rect for speech in speeches)]
        actors = settle(wished, rect, taken)
        worst = max((covered(actor, taken) for actor in actors), default=0.0)
        if worst <= (0.3 if bold else 0.06) or not speeches:
            break
        speeches = speeches[:-1]
    heads = [actor.head_rect for actor in actors]
    sound = sound_for(rect, taken + heads, setting, dice) if dice.random() < 0.16 else None
    backdrop = _backdrop(shot, setting, dice)
    sign = ""
    # A sign hangs in the middle, so only where nobody stands before it.
    middle, reach = (rect[0] + rect[2]) / 2, 0.3 * (rect[2] - rect[0])
    is_free = all(abs(actor.x - middle) > reach for actor in actors)
    if backdrop == "street" and is_free and dice.random() < 0.6:
        sign = dice.choice(phrases(setting.spec.language).signs)
    spoken = _with_speakers(speeches, actors)
    return Scene(frame, rect, backdrop, tuple(actors), spoken, sound, sign)


def _backdrop(shot: str, setting: Setting, dice: Random) -> str:
    if shot in ("long", "empty", "knee"):
        return setting.place
    if shot == "close":
        return dice.choices(("white", "tone", "focus", "gradient", "speed"), (4, 2, 2, 2, 1))[0]
    return dice.choices(
        ("white", "tone", setting.place, "gradient", "hatching"), (3, 1.5, 4, 1.5, 1)
    )[0]


def _with_speakers(speeches: list[Speech], actors: list[Actor]) -> tuple[Speech, ...]:
    """Each balloon goes to the nearest person, but two in a row to two people if there are two."""
    told: list[Speech] = []
    last = -1
    for speech in speeches:
        if speech.kind == "narration" or not actors:
            told.append(speech)
            continue
        near = sorted(range(len(actors)), key=lambda i: abs(actors[i].x - speech.balloon.cx))
        speaker = next((i for i in near if i != last), near[0])
        told.append(replace(speech, speaker=speaker))
        last = speaker
    return tuple(told)


def _with_breaker(scenes: list[Scene]) -> list[Scene]:
    """One person in a bust stands before the border of its panel."""
    for index, scene in enumerate(scenes):
        fits = [
            i
            for i, actor in enumerate(scene.actors)
            if actor.member.is_human and 0.25 < actor.head / (scene.rect[3] - scene.rect[1]) < 0.6
        ]
        if not fits or scene.frame.border == 0 or scene.rect[1] < 60:
            continue
        chosen = scene.actors[fits[0]]
        moved = replace(chosen, y=scene.rect[1] + 0.32 * chosen.head)
        if covered(moved, [speech.balloon.rect for speech in scene.speeches]) > 0.1:
            continue
        actors = (*scene.actors[: fits[0]], moved, *scene.actors[fits[0] + 1 :])
        scenes[index] = replace(scene, actors=actors, breaker=fits[0])
        break
    return scenes


def _across_gutter(scene: Scene, setting: Setting, size: tuple[int, int], dice: Random) -> Scene:
    """Push the first balloon over the border of its panel."""
    if not scene.speeches or dice.random() >= _ACROSS_GUTTER[setting.spec.hardness]:
        return scene
    first, *rest = scene.speeches
    body = first.balloon
    on_right = body.cx > (scene.rect[0] + scene.rect[2]) / 2
    cx = body.cx + (0.7 if on_right else -0.7) * body.rx
    cx = min(max(cx, body.rx + 3), size[0] - body.rx - 3)
    return replace(scene, speeches=(replace(first, balloon=replace(body, cx=cx)), *rest))
