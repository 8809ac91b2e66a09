"""What happens in a panel: who stands where, who says what, before what backdrop.

Everything is decided here in page pixels, without ink, so that truth and drawing agree.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from random import Random

from pipeline.synthetic.balloon import Balloon, Rect
from pipeline.synthetic.body import ARMS, FEET_Y
from pipeline.synthetic.cast import CastMember, extra
from pipeline.synthetic.face import MOODS, Look
from pipeline.synthetic.layout import Frame
from pipeline.synthetic.pose import Pose
from pipeline.synthetic.spec import SeriesSpec
from pipeline.synthetic.tones import Fill

SHOTS = ("close", "bust", "two", "knee", "long", "empty")


@dataclass(frozen=True, slots=True)
class Actor:
    """Somebody in a panel: the point between the eyes, and the height of the head in pixels."""

    member: CastMember
    clothes: Fill
    pose: Pose
    x: float
    y: float
    head: float
    mirror: bool

    @property
    def head_rect(self) -> Rect:
        """The head with its hair, roughly."""
        h = self.head
        return self.x - 0.44 * h, self.y - 0.56 * h, self.x + 0.44 * h, self.y + 0.46 * h


@dataclass(frozen=True, slots=True)
class Speech:
    """Lettering in a balloon. `size` is the glyph's em in pixels, `speaker` an index of actors."""

    rows: tuple[str, ...]
    vertical: bool
    size: int
    kind: str
    balloon: Balloon
    speaker: int = -1
    furigana: bool = False


@dataclass(frozen=True, slots=True)
class Sound:
    """A drawn sound, turned by `degrees`."""

    text: str
    x: float
    y: float
    size: int
    degrees: float


@dataclass(frozen=True, slots=True)
class Scene:
    """A panel with all that is in it. `rect` is the part of it that is surely visible."""

    frame: Frame
    rect: Rect
    backdrop: str
    actors: tuple[Actor, ...] = ()
    speeches: tuple[Speech, ...] = ()
    sound: Sound | None = None
    sign: str = ""
    breaker: int = -1


@dataclass(frozen=True, slots=True)
class Setting:
    """What the panels of a page share: its people, its chapter, its place."""

    spec: SeriesSpec
    chapter: str
    people: tuple[CastMember, ...]
    place: str
    said: set[str] = field(default_factory=set)
    """Lines already used on this page: nobody repeats another."""

    @property
    def unit(self) -> float:
        """Page pixels per pixel of a page 700 wide."""
        return self.spec.page_width / 700


def choose_shot(rect: Rect, is_first: bool, dice: Random) -> str:
    """A shot that suits the shape of a panel; pages often open on a wide view."""
    wide, high = rect[2] - rect[0], rect[3] - rect[1]
    weights = {"close": 3.0, "bust": 5.0, "two": 4.0, "knee": 2.5, "long": 1.0, "empty": 0.35}
    if wide < 1.1 * high:
        weights["two"] = 0.4
    if wide > 2.2 * high:
        weights["two"], weights["close"] = 6.0, 1.5
    if high < 0.8 * wide:
        weights["knee"] = 1.0
    if is_first:
        weights["long"], weights["empty"] = 3.0, 1.2
    return dice.choices(SHOTS, [weights[shot] for shot in SHOTS])[0]


def actors_for(shot: str, rect: Rect, setting: Setting, dice: Random) -> list[Actor]:
    """The people of a shot, not yet moved out of the way of balloons."""
    wide, high = rect[2] - rect[0], rect[3] - rect[1]
    if shot == "empty":
        return []
    count = {"two": 2, "knee": dice.choice((1, 1, 2)), "long": dice.choice((1, 2, 3))}.get(shot, 1)
    if shot == "two" and wide > 2.4 * high:
        count = dice.choice((2, 3))
    share = {
        "close": dice.uniform(0.62, 0.92),
        "bust": dice.uniform(0.36, 0.5),
        "two": dice.uniform(0.34, 0.44),
        "knee": dice.uniform(0.23, 0.31),
        "long": dice.uniform(0.115, 0.145),
    }[shot]
    head = min(share * high, wide * {"close": 0.74, "bust": 0.56}.get(shot, 0.9 / (count + 0.6)))
    people = _people(count, shot, setting, dice)
    return [
        _actor(member, shot, (rect, head, index / count), setting, dice)
        for index, member in enumerate(people)
    ]


def _people(count: int, shot: str, setting: Setting, dice: Random) -> list[CastMember]:
    pool = list(setting.people)
    dice.shuffle(pool)
    if shot == "close":
        pool.sort(key=lambda member: not member.is_human)
    people = pool[:count]
    while len(people) < count:
        people.append(extra(dice))
    if shot == "long" and dice.random() < 0.6:
        people.append(extra(dice))
    elif shot in ("bust", "two") and dice.random() < 0.06:
        people[-1] = extra(dice)
    return people


def _actor(
    member: CastMember, shot: str, where: tuple[Rect, float, float], setting: Setting, dice: Random
) -> Actor:
    (x1, y1, x2, y2), head, along = where
    high = y2 - y1
    if not member.is_human:
        head *= 0.8
    eyes = {
        "close": y1 + dice.uniform(0.5, 0.56) * high,
        "bust": y1 + dice.uniform(0.36, 0.46) * high,
        "two": y1 + dice.uniform(0.4, 0.5) * high,
        "knee": y1 + dice.uniform(0.26, 0.36) * high,
        "long": y2 - 0.05 * high - FEET_Y * member.height * head,
    }[shot]
    if not member.is_human:
        eyes = y2 - (0.4 if shot in ("close", "bust", "two") else 1.1) * head
    x = x1 + (along + dice.uniform(0.18, 0.4)) * (x2 - x1)
    is_far = shot in ("long", "knee")
    clothes = member.clothes_in(setting.chapter)
    return Actor(member, clothes, _pose(is_far, dice), x, eyes, head, dice.random() < 0.5)


def _pose(is_far: bool, dice: Random) -> Pose:
    view = dice.choices(("front", "profile", "back"), (0.86, 0.07, 0.07))[0]
    mood = dice.choices(MOODS, (5, 4, 2, 2, 2, 0.7))[0]
    yaw = dice.choice((0.0, 0.5, 0.9)) * dice.uniform(0.6, 1.0)
    arms = dice.choices(ARMS, (6, 2, 1.5, 1, 1))[0] if is_far or dice.random() < 0.4 else "down"
    return Pose(view, Look(yaw, mood), arms, dice.uniform(-0.09, 0.09))


def covered(actor: Actor, rects: list[Rect]) -> float:
    """The share of a head that lies under rectangles, 0 to 1 (overlaps count twice)."""
    x1, y1, x2, y2 = actor.head_rect
    area = (x2 - x1) * (y2 - y1)
    return sum(_common(actor.head_rect, rect) for rect in rects) / area


def _common(a: Rect, b: Rect) -> float:
    return max(0.0, min(a[2], b[2]) - max(a[0], b[0])) * max(0.0, min(a[3], b[3]) - max(a[1], b[1]))


def settle(actors: list[Actor], rect: Rect, taken: list[Rect]) -> list[Actor]:
    """Move each actor to where balloons and other heads hide it least; smaller if need be.

    Who would stand behind another's head is left out.
    """
    settled: list[Actor] = []
    for actor in actors:
        heads = [other.head_rect for other in settled]
        tries = [move for scale in (1.0, 0.86, 0.74) for move in _moves(actor, rect, scale)]
        best = min(tries, key=lambda a: _cost(a, actor, rect, taken, heads))
        if covered(best, heads) < 0.3:
            settled.append(best)
    return settled


def _moves(actor: Actor, rect: Rect, scale: float) -> list[Actor]:
    x1, y1, x2, y2 = rect
    head = actor.head * scale
    is_standing = actor.y + 5 * actor.head < y2 + actor.head
    low = actor.y + (1 - scale) * (FEET_Y * actor.member.height * actor.head if is_standing else 0)
    ys = [low] if is_standing else [low, low + 0.09 * (y2 - y1), low + 0.18 * (y2 - y1)]
    return [
        replace(actor, x=x1 + share * (x2 - x1), y=y, head=head)
        for share in (0.2, 0.32, 0.44, 0.56, 0.68, 0.8)
        for y in ys
    ]


def _cost(a: Actor, wish: Actor, rect: Rect, taken: list[Rect], heads: list[Rect]) -> float:
    x1, y1, x2, y2 = a.head_rect
    area = (x2 - x1) * (y2 - y1)
    outside = 1 - _common((x1, y1, x2, y2), rect) / area
    beside = sum(_common((x1 - 0.2 * a.head, y1, x2 + 0.2 * a.head, y2), head) for head in heads)
    move = (abs(a.x - wish.x) / (rect[2] - rect[0]) + abs(a.y - wish.y) / (rect[3] - rect[1])) * 0.4
    return (
        6 * covered(a, taken) + 5 * beside / area + 1.5 * outside + move
        + 0.9 * (1 - a.head / wish.head)
    )  # fmt: skip
