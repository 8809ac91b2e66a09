"""Puts speech into a panel: which balloon, in which corner, around which words."""

from __future__ import annotations

from random import Random

from pipeline.synthetic.balloon import Balloon, Rect, radii_for
from pipeline.synthetic.lettering import block_size
from pipeline.synthetic.scene import Setting, Sound, Speech
from pipeline.synthetic.wording import broken, phrases

_KINDS = ("talk", "short", "shout", "think", "narration", "plain")
_SHAPE = {
    "talk": "ellipse", "short": "ellipse", "shout": "spiky", "think": "cloud",
    "narration": "box", "plain": "none",
}  # fmt: skip


def speeches_for(rect: Rect, shot: str, setting: Setting, dice: Random) -> list[Speech]:
    """Up to three speeches in the corners of a panel, in reading order, none over another."""
    wide, high = (rect[2] - rect[0]) / setting.unit, (rect[3] - rect[1]) / setting.unit
    most = 1 + (wide * high > 60_000) + (wide * high > 140_000)
    count = dice.choices(range(most + 1), (1, 4, 3, 2)[: most + 1])[0]
    corners = [(1, 0), (0, 0), (0, 1)] if setting.spec.direction == "rtl" else [
        (0, 0), (1, 0), (1, 1)]  # fmt: skip
    placed: list[Speech] = []
    for corner in corners[:count]:
        wanted = _kind(shot, dice)
        for kind in (wanted, "talk", "short"):
            speech = _speech(kind, rect, corner, setting, dice)
            if speech and not any(_meet(speech.balloon, other.balloon) for other in placed):
                placed.append(speech)
                break
    return placed


def _kind(shot: str, dice: Random) -> str:
    if shot == "empty":
        return "narration"
    return dice.choices(_KINDS, (9, 3, 2, 1.2, 0.5 if shot == "close" else 1.5, 0.7))[0]


def _speech(
    kind: str, rect: Rect, corner: tuple[int, int], setting: Setting, dice: Random
) -> Speech | None:
    """A speech that fits into the corner of a panel, or None where these words are too long."""
    spec, unit = setting.spec, setting.unit
    words = phrases(spec.language)
    lines = {"short": words.short, "shout": words.shout, "narration": words.narration}
    fresh = [line for line in lines.get(kind, words.talk) if line not in setting.said]
    if not fresh:
        return None
    line = dice.choice(fresh)
    rows = broken(line, spec.language, dice)
    vertical = spec.language == "ja" and not (kind == "narration" and dice.random() < 0.35)
    size = round((17 if spec.language == "ja" else 15) * unit * (1.25 if kind == "shout" else 1.0))
    shape = _SHAPE[kind]
    if not vertical and spec.language == "ja":
        rows = ("".join(rows),)
    rx, ry = radii_for(shape, *block_size(rows, size, spec.language, vertical), 0.62 * size)
    if vertical and shape in ("ellipse", "cloud"):
        rx = max(rx, 0.45 * ry)
    x1, y1, x2, y2 = rect
    if 2 * rx > 0.62 * (x2 - x1) or 2 * ry > 0.7 * (y2 - y1):
        return None
    gap = dice.uniform(6, 11) * unit
    cx = x2 - gap - rx if corner[0] else x1 + gap + rx
    cy = y2 - gap - ry if corner[1] else y1 + gap + ry
    furigana = vertical and spec.hardness >= 2
    setting.said.add(line)
    told = "narration" if kind == "narration" else "balloon"
    return Speech(rows, vertical, size, told, Balloon(shape, cx, cy, rx, ry), furigana=furigana)


def _meet(a: Balloon, b: Balloon) -> bool:
    return abs(a.cx - b.cx) < a.rx + b.rx + 4 and abs(a.cy - b.cy) < a.ry + b.ry + 4


def sound_for(rect: Rect, taken: list[Rect], setting: Setting, dice: Random) -> Sound | None:
    """A drawn sound low in the panel, where neither heads nor balloons are, or None."""
    x1, y1, x2, y2 = rect
    text = dice.choice(phrases(setting.spec.language).sounds)
    size = round(min(0.19 * (y2 - y1), 0.6 * (x2 - x1) / len(text), 46 * setting.unit))
    if size < 16 * setting.unit:
        return None
    half = 0.5 * size * (len(text) if setting.spec.language == "ja" else 0.68 * len(text))
    for _ in range(6):
        x = dice.uniform(x1 + half + 6, max(x1 + half + 7, x2 - half - 6))
        y = dice.uniform(y1 + 0.45 * (y2 - y1), y2 - size)
        mine = (x - half, y - 0.7 * size, x + half, y + 0.7 * size)
        if not any(_rects_meet(mine, rect) for rect in taken):
            return Sound(text, x, y, size, dice.uniform(-18, 18))
    return None


def _rects_meet(a: Rect, b: Rect) -> bool:
    return a[0] < b[2] and b[0] < a[2] and a[1] < b[3] and b[1] < a[3]
