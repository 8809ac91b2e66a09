"""What makes a layout hard: bleeds, borderless panels, insets, overlaps and black rims."""

from __future__ import annotations

from dataclasses import replace
from random import Random

from pipeline.synthetic.layout import Frame, Layout, Point
from pipeline.synthetic.spec import SeriesSpec

# Chances by hardness 0 to 3; the first four are per page.
_BLEED = (0.0, 0.2, 0.5, 0.7)
_INSET = (0.0, 0.0, 0.25, 0.4)
_OVERLAP = (0.0, 0.0, 0.3, 0.5)
_BLACK_RIM = (0.0, 0.0, 0.08, 0.25)
_BORDERLESS = (0.0, 0.04, 0.12, 0.25)
"""Per panel."""


def twisted(spec: SeriesSpec, layout: Layout, size: tuple[int, int], dice: Random) -> Layout:
    """The layout with what its hardness allows; `size` is the page's, in pixels."""
    level = spec.hardness
    frames, flags = list(layout.frames), list(layout.flags)
    if dice.random() < _BLEED[level]:
        frames = _bleed(frames, size, dice)
        flags.append("bleed")
    if len(frames) > 2 and dice.random() < _OVERLAP[level]:
        frames = _overlap(frames, size, dice)
        flags.append("overlap")
    for index, frame in enumerate(frames):
        if dice.random() < _BORDERLESS[level] and len(frames) > 2 and not frame.on_top:
            frames[index] = replace(frame, border=0.0)
            flags.append("borderless")
    if dice.random() < _INSET[level]:
        frames = _inset(frames, size, spec.direction == "rtl")
        flags.append("inset")
    paper = layout.paper
    if dice.random() < _BLACK_RIM[level]:
        paper = 12
        flags.append("black_rim")
    return replace(layout, frames=tuple(frames), flags=tuple(dict.fromkeys(flags)), paper=paper)


def _bleed(frames: list[Frame], size: tuple[int, int], dice: Random) -> list[Frame]:
    """One or two panels run off the page where they touch the margin."""
    left, top = min(f.bounds[0] for f in frames), min(f.bounds[1] for f in frames)
    right, bottom = max(f.bounds[2] for f in frames), max(f.bounds[3] for f in frames)
    beyond = 12.0

    def moved(point: Point) -> Point:
        x, y = point
        x = -beyond if x < left + 1 else size[0] + beyond if x > right - 1 else x
        y = -beyond if y < top + 1 else size[1] + beyond if y > bottom - 1 else y
        return x, y

    chosen = set(dice.sample(range(len(frames)), min(len(frames), dice.choice((1, 1, 2)))))
    return [
        replace(frame, polygon=tuple(map(moved, frame.polygon))) if index in chosen else frame
        for index, frame in enumerate(frames)
    ]


def _overlap(frames: list[Frame], size: tuple[int, int], dice: Random) -> list[Frame]:
    """One panel grows over its neighbours by 5 to 15 % of its own size on each side."""
    index = dice.randrange(len(frames))
    frame = frames[index]
    x1, y1, x2, y2 = frame.bounds
    grow = 1 + 2 * dice.uniform(0.05, 0.15)
    cx, cy = (x1 + x2) / 2, (y1 + y2) / 2
    low_x, low_y = 0.03 * size[0], 0.025 * size[1]
    polygon = tuple(
        (
            min(max(cx + (x - cx) * grow, low_x), size[0] - low_x),
            min(max(cy + (y - cy) * grow, low_y), size[1] - low_y),
        )
        for x, y in frame.polygon
    )
    frames[index] = replace(frame, polygon=polygon, on_top=True)
    return frames


def _inset(frames: list[Frame], size: tuple[int, int], rtl: bool) -> list[Frame]:
    """A small panel in the corner of the largest one where the eye leaves it, read after it."""
    areas = [(f.bounds[2] - f.bounds[0]) * (f.bounds[3] - f.bounds[1]) for f in frames]
    index = areas.index(max(areas))
    x1, y1, x2, y2 = frames[index].bounds
    x1, y1, x2, y2 = max(x1, 8.0), max(y1, 8.0), min(x2, size[0] - 8.0), min(y2, size[1] - 8.0)
    wide, high = 0.36 * (x2 - x1), 0.42 * (y2 - y1)
    left = x1 + 0.03 * (x2 - x1) if rtl else x2 - 0.03 * (x2 - x1) - wide
    top = y2 - 0.05 * (y2 - y1) - high
    corners = ((left, top), (left + wide, top), (left + wide, top + high), (left, top + high))
    return [*frames[: index + 1], Frame(corners, 2.5, on_top=True), *frames[index + 1 :]]
