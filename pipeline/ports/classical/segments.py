"""Straight strokes on a page: line segments, and the long lines that they lie on.

Panel borders survive where a gutter does not: a balloon or a head that crosses a gutter
leaves most of the border standing. So borders are looked for as straight segments (the
line segment detector of Grompone von Gioi et al., 2012, as OpenCV has it), and segments
on one line are taken together. Frame: pixels of the picture given.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Final

import cv2
import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]

MAX_SLANT_DEG: Final = 14.0
"""Panel borders lean by at most this much from the axes."""

_SHORTEST: Final = 0.02
"""Shortest segment that counts, as a share of the longer side of the picture."""

_DRIFT_DEG: Final = 0.7
_DRIFT_SHARE: Final = 0.003
"""A segment lies on a line if it is off by less than this angle from the line's middle plus
this share of the longer side: a short segment does not tell its direction better."""


_APART: Final = 0.008
"""Lines repeat each other if they are never further apart than this on the picture."""


@dataclass(frozen=True, slots=True)
class Line:
    """All points with `normal . (x, y) = offset`; `normal` has length 1.

    Lines that run across have a normal that points down, lines that run down one that
    points right. `weight` is the length of the segments on it, in pixels.
    """

    normal: Floats
    offset: float
    weight: float
    runs_across: bool

    @property
    def along(self) -> Floats:
        """The direction of the line: rightwards for one that runs across, else downwards."""
        x, y = self.normal
        return np.array((y, -x) if self.runs_across else (-y, x), dtype=np.float64)

    def moved(self, distance: float) -> Line:
        """The parallel line that many pixels further along the normal."""
        return replace(self, offset=self.offset + distance)

    def ends(self, height: int, width: int) -> Floats:
        """Where it crosses the two rims that it runs between: y at the sides, or x."""
        main, other = (1, 0) if self.runs_across else (0, 1)
        far = width if self.runs_across else height
        last = self.offset - self.normal[other] * far
        return np.array((self.offset, last), dtype=np.float64) / float(self.normal[main])


def straight_segments(grey: NDArray[np.uint8]) -> Floats:
    """Segments (n, 4) as x1, y1, x2, y2 near an axis; those across go right, others down."""
    found = cv2.createLineSegmentDetector(cv2.LSD_REFINE_STD).detect(grey)[0]
    if found is None:
        return np.zeros((0, 4))
    segments = np.asarray(found, dtype=np.float64).reshape(-1, 4)
    step = segments[:, 2:] - segments[:, :2]
    length = np.hypot(step[:, 0], step[:, 1])
    lean = np.degrees(np.arctan2(np.abs(step).min(axis=1), np.abs(step).max(axis=1)))
    kept = (length >= _SHORTEST * max(grey.shape)) & (lean <= MAX_SLANT_DEG)
    segments, step = segments[kept], step[kept]
    main = np.abs(step).argmax(axis=1)
    backwards = step[np.arange(len(step)), main] < 0
    segments[backwards] = segments[backwards][:, [2, 3, 0, 1]]
    return np.asarray(segments, dtype=np.float64)


def across(segments: Floats) -> NDArray[np.bool_]:
    """Which segments run across rather than down; shape (n,)."""
    step = np.abs(segments[:, 2:] - segments[:, :2])
    return np.asarray(step[:, 0] >= step[:, 1])


def lines_through(segments: Floats, side: int) -> list[Line]:
    """The lines on which segments lie, heaviest first; `side` is the longer side in pixels."""
    lines: list[Line] = []
    runs_across = across(segments)
    for wanted in (True, False):
        rest = segments[runs_across == wanted]
        while len(rest):
            lengths = np.hypot(*(rest[:, 2:] - rest[:, :2]).T)
            near = _near(rest, rest[lengths.argmax()], side)
            on_it = near | _on_line(rest, _fit(rest[near], wanted), side)
            lines.append(_fit(rest[on_it], wanted))
            rest = rest[~on_it]
    return sorted(lines, key=lambda line: -line.weight)


def distinct(lines: Sequence[Line], height: int, width: int, most: int) -> list[Line]:
    """At most `most` lines, heaviest first, without those that nearly repeat a heavier one."""
    kept: list[Line] = []
    known: dict[bool, list[Floats]] = {True: [], False: []}
    for line in lines:
        ends, others = line.ends(height, width), known[line.runs_across]
        if not others or np.abs(np.array(others) - ends).max(axis=1).min() > _APART * max(
            height, width
        ):
            kept.append(line)
            others.append(ends)
        if len(kept) == most:
            break
    return kept


def _near(segments: Floats, seed: Floats, side: int) -> NDArray[np.bool_]:
    """Which segments continue the seed, with more freedom the further away they lie."""
    step = seed[2:] - seed[:2]
    normal = np.array((-step[1], step[0])) / np.hypot(*step)
    middle = (seed[:2] + seed[2:]) / 2
    ends = segments.reshape(-1, 2, 2) - middle
    off = np.abs(ends @ normal)
    far = np.hypot(ends[..., 0], ends[..., 1])
    room = _DRIFT_SHARE * side + np.tan(np.radians(_DRIFT_DEG)) * far
    return np.asarray((off <= room).all(axis=1))


def _on_line(segments: Floats, line: Line, side: int) -> NDArray[np.bool_]:
    off = np.abs(segments.reshape(-1, 2, 2) @ line.normal - line.offset)
    return np.asarray((off <= _DRIFT_SHARE * side).all(axis=1))


def _fit(segments: Floats, runs_across: bool) -> Line:
    """The least-squares line through the ends of segments, weighted by their lengths."""
    lengths = np.hypot(*(segments[:, 2:] - segments[:, :2]).T)
    points = segments.reshape(-1, 2)
    weights = np.repeat(lengths, 2)
    middle = np.average(points, axis=0, weights=weights)
    spread = (points - middle) * weights[:, None]
    normal = np.linalg.eigh(spread.T @ (points - middle))[1][:, 0]
    if normal[1 if runs_across else 0] < 0:
        normal = -normal
    return Line(normal, float(middle @ normal), float(lengths.sum()), runs_across)
