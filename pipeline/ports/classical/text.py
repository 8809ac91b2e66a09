"""Lines of lettering into text groups: one group is what one balloon says.

Pure: works on boxes only. The rule: lines of the same orientation and of about one size whose
boxes, each grown by 0.35 x its shorter side, touch. Furigana is set aside first.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import reduce
from typing import Final

from pipeline.ports.classical.lines import TextLine
from schemas.boxes import Box
from schemas.detections import Orientation

REACH: Final = 0.35
"""How far a line reaches for its neighbours, in units of its shorter side.

On real pages 0.15 to 0.35 give the same groups; from 0.45 on, balloons that touch merge.
"""

ALONG: Final = 0.3
"""Share of the reach along a line: what follows in the same row may be the next balloon."""

_SIZES: Final = 2.0
"""Lettering of one balloon is of one size; a cry twice as large is another's."""

_RUBY_SHARE: Final = 0.65
"""A column this much thinner than the one at its left is a reading aid (furigana)."""

_SQUARE: Final = 1.5
"""A line whose sides differ by less than this may run either way."""


@dataclass(frozen=True, slots=True)
class TextGroup:
    """Lines that belong together, in reading order. Box: the hull of all of them."""

    box: Box
    text: str
    confidence: float
    orientation: Orientation


def group_lines(lines: Sequence[TextLine], reach: float = REACH) -> list[TextGroup]:
    """Text groups of one page, in no order. Boxes stay in the frame of the lines."""
    settled = settle_orientations(without_ruby(lines))
    parent = list(range(len(settled)))

    def root(index: int) -> int:
        while parent[index] != index:
            index = parent[index]
        return index

    for i, line in enumerate(settled):
        for j in range(i):
            if _belong_together(line, settled[j], reach):
                parent[root(i)] = root(j)
    members: dict[int, list[TextLine]] = {}
    for i, line in enumerate(settled):
        members.setdefault(root(i), []).append(line)
    return [_group(group) for group in members.values()]


def without_ruby(lines: Sequence[TextLine]) -> list[TextLine]:
    """The lines without furigana: it would be read into the words that it spells out."""
    return [line for line in lines if not any(_is_ruby(line.box, other.box) for other in lines)]


def settle_orientations(lines: Sequence[TextLine]) -> list[TextLine]:
    """The lines, with near-square ones (a lone "?") turned the way most lettering runs."""
    long_lines = [line for line in lines if not _is_square(line.box)]
    vertical = sum(line.orientation == "vertical" for line in long_lines)
    usual: Orientation = "vertical" if 2 * vertical > len(long_lines) else "horizontal"
    return [
        replace(line, orientation=usual) if long_lines and _is_square(line.box) else line
        for line in lines
    ]


def in_reading_order(lines: Sequence[TextLine]) -> list[TextLine]:
    """Vertical columns right to left, horizontal rows top to bottom; pieces of one in order."""
    vertical = bool(lines) and lines[0].orientation == "vertical"
    ordered: list[TextLine] = []
    for band in _bands(lines, vertical):
        along = (lambda line: line.box.y1) if vertical else (lambda line: line.box.x1)
        ordered.extend(sorted(band, key=along))
    return ordered


def _bands(lines: Sequence[TextLine], vertical: bool) -> list[list[TextLine]]:
    """Columns (or rows): lines whose middle lies within the first line of their band."""
    if vertical:
        queue = sorted(lines, key=lambda line: (-line.box.centre[0], line.box.y1))
    else:
        queue = sorted(lines, key=lambda line: (line.box.centre[1], line.box.x1))
    bands: list[list[TextLine]] = []
    for line in queue:
        if bands and _same_band(bands[-1][0].box, line.box, vertical):
            bands[-1].append(line)
        else:
            bands.append([line])
    return bands


def _same_band(first: Box, box: Box, vertical: bool) -> bool:
    if vertical:
        overlap = min(first.x2, box.x2) - max(first.x1, box.x1)
        apart = box.y1 >= first.y2 or box.y2 <= first.y1
    else:
        overlap = min(first.y2, box.y2) - max(first.y1, box.y1)
        apart = box.x1 >= first.x2 or box.x2 <= first.x1
    return apart and 2 * overlap > min(_thickness(first), _thickness(box))


def _group(lines: list[TextLine]) -> TextGroup:
    ordered = in_reading_order(lines)
    letters = sum(len(line.text) for line in ordered) or 1
    sure = sum(line.confidence * len(line.text) for line in ordered) / letters
    box = reduce(Box.hull, (line.box for line in lines))
    text = join_texts([line.text for line in ordered])
    return TextGroup(box, text, min(1.0, sure), lines[0].orientation)


def join_texts(texts: Sequence[str]) -> str:
    """One string: a space where a Latin word meets another, nothing between Japanese lines."""
    joined = ""
    for text in filter(None, texts):
        needs_space = joined[-1:].isascii() and text[0].isascii() and joined
        joined += f" {text}" if needs_space else text
    return joined


def _is_ruby(small: Box, column: Box) -> bool:
    """Whether a box is the small print along the right side of a column."""
    return (
        small.height >= _SQUARE * small.width
        and small.height < column.height
        and small.width < _RUBY_SHARE * column.width
        and abs(small.x1 - column.x2) < 0.5 * small.width
        and min(small.y2, column.y2) - max(small.y1, column.y1) > 0.5 * small.height
    )


def _belong_together(one: TextLine, other: TextLine, reach: float) -> bool:
    thin, thick = sorted((_thickness(one.box), _thickness(other.box)))
    if one.orientation != other.orientation or thick > _SIZES * thin:
        return False
    return _grown(one, reach).intersection(_grown(other, reach)).area > 0


def _grown(line: TextLine, reach: float) -> Box:
    """The line's box with its reach; much less of it along the line than to its neighbours."""
    across = reach * _thickness(line.box)
    along = ALONG * across
    vertical = line.orientation == "vertical"
    return line.box.grow(across, along) if vertical else line.box.grow(along, across)


def _thickness(box: Box) -> int:
    return min(box.width, box.height)


def _is_square(box: Box) -> bool:
    return max(box.width, box.height) < _SQUARE * _thickness(box)
