"""The surroundings of a line, straightened, with what each place of it says for a cut there.

A place speaks for a cut where a border runs along it, or where it is paper that reaches
straight to a border beside it: that is what gutters look like, and what remains of them
where art or a balloon crosses.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import cv2
import numpy as np
from numpy.typing import NDArray

from pipeline.ports.classical.panels_sheet import Mask, Sheet
from pipeline.ports.classical.segments import Floats, Line, across

STEP: Final = 2
"""Pixels between two places along a line that are looked at."""

_REACH: Final = 0.022
"""Half the width of a strip, as a share of the longer side: gutters are narrower."""

_ALIGNED_DEG: Final = 3.0
"""A segment supports a cut if their directions differ by less."""

_ONE_BORDER: Final = 0.7
"""Worth, in choosing among parallel cuts, of a place with one border beside it; with two
it is 1, so that the cut falls into the gutter and not on its edge."""


@dataclass(frozen=True, slots=True)
class Strip:
    """One line's surroundings. Row `reach` of every array is the line, rows above it lie
    against the normal; column i lies `start + i * STEP` pixels along the line.

    `one` and `two` are running sums along the rows, with a leading 0: places that have a
    border beside them, and places that have one on both sides.
    `ink` and `crossing` are masks: not paper, and strokes that run the other way.
    """

    line: Line
    start: float
    one: NDArray[np.int32]
    two: NDArray[np.int32]
    ink: Mask
    crossing: Mask

    @property
    def reach(self) -> int:
        return self.ink.shape[0] // 2

    def columns(self, low: float, high: float) -> tuple[int, int]:
        """The columns between two places along the line, half-open, at least one."""
        count = self.ink.shape[1]
        first = min(max(0, round((low - self.start) / STEP)), count - 1)
        return first, min(max(first + 1, round((high - self.start) / STEP)), count)

    def best_row(self, first: int, last: int) -> int:
        """The row with the best supported cut; of several as good ones the middle one."""
        one = self.one[:, last] - self.one[:, first]
        two = self.two[:, last] - self.two[:, first]
        worth = _ONE_BORDER * one + (1 - _ONE_BORDER) * two
        top = np.flatnonzero(worth >= worth.max() - 0.01 * (last - first))
        return int(top[len(top) // 2])


def strip_along(sheet: Sheet, line: Line, strokes: tuple[Mask, Mask]) -> Strip:
    """Straightens the surroundings of a line; `strokes` are drawn across, drawn down."""
    reach = round(_REACH * sheet.side)
    rim = np.array([(0, 0), (sheet.width, 0), (0, sheet.height), (sheet.width, sheet.height)])
    places = rim @ line.along
    start, stop = float(places.min()), float(places.max())
    size = (max(1, int((stop - start) / STEP)), 2 * reach + 1)
    corner = line.normal * (line.offset - reach) + line.along * start
    frame = np.column_stack((line.along * STEP, line.normal, corner - 0.5))
    paper = _straight(sheet.paper, frame, size)
    crossing = _straight(strokes[1 if line.runs_across else 0], frame, size)
    borders = _borders(sheet.segments, line, start, paper.shape)
    one, two = _beside(paper, borders)
    return Strip(line, start, _sums(one), _sums(two), ~paper, crossing)


def drawn_strokes(sheet: Sheet) -> tuple[Mask, Mask]:
    """Masks of the segments that run across and of those that run down, three pixels thick."""
    runs_across = across(sheet.segments)
    masks = []
    for wanted in (True, False):
        canvas = np.zeros(sheet.paper.shape, dtype=np.uint8)
        for x1, y1, x2, y2 in sheet.segments[runs_across == wanted].round().astype(int).tolist():
            cv2.line(canvas, (x1, y1), (x2, y2), 1, 3)
        masks.append(np.asarray(canvas > 0))
    return masks[0], masks[1]


def _straight(mask: Mask, frame: Floats, size: tuple[int, int]) -> Mask:
    turned = cv2.warpAffine(
        mask.astype(np.uint8), frame, size, flags=cv2.INTER_NEAREST | cv2.WARP_INVERSE_MAP
    )
    return np.asarray(turned > 0)


def _borders(segments: Floats, line: Line, start: float, shape: tuple[int, ...]) -> Mask:
    """Where in a strip segments run nearly parallel to its line; three pixels thick."""
    ends = segments[across(segments) == line.runs_across].reshape(-1, 2, 2)
    depth = ends @ line.normal - line.offset + shape[0] // 2
    place = (ends @ line.along - start) / STEP
    rise = np.abs(depth[:, 1] - depth[:, 0])
    run = np.abs(place[:, 1] - place[:, 0]) * STEP
    aligned = rise < np.tan(np.radians(_ALIGNED_DEG)) * run
    near = (depth.max(axis=1) > -2) & (depth.min(axis=1) < shape[0] + 2)
    canvas = np.zeros(shape, dtype=np.uint8)
    both = np.stack((place, depth), axis=-1)[aligned & near].round().astype(int)
    for first, second in both.tolist():
        cv2.line(canvas, first, second, 1, 1)
    return np.asarray(cv2.dilate(canvas, np.ones((3, 1), dtype=np.uint8)) > 0)


def _beside(paper: Mask, borders: Mask) -> tuple[Mask, Mask]:
    """Places on a border or on paper that reaches one; places on paper between two."""
    before, after = borders.copy(), borders.copy()
    for row in range(1, len(paper)):
        before[row] |= paper[row] & before[row - 1]
        after[-1 - row] |= paper[-1 - row] & after[-row]
    return before | after, before & after & paper


def _sums(mask: Mask) -> NDArray[np.int32]:
    sums = np.zeros((mask.shape[0], mask.shape[1] + 1), dtype=np.int32)
    np.cumsum(mask, axis=1, out=sums[:, 1:])
    return sums
