"""Cuts through a part of a page, and how likely each is to run between panels."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from math import exp
from typing import Final

from pipeline.manga.geometry import Points, chord, cut_polygon
from pipeline.ports.classical.panels_content import content_box, is_too_small
from pipeline.ports.classical.panels_sheet import Sheet
from pipeline.ports.classical.panels_strips import STEP, Strip
from pipeline.ports.classical.segments import Line
from schemas.boxes import Box

_END: Final = 0.022
"""How far from its end a cut is looked at closely, as a share of the longer side."""

_BLOCKING: Final = 0.75
"""A stroke blocks an end if it covers this share of the strip's inner half there."""


_HOPELESS: Final = 0.4
"""Cuts with a border beside a smaller share of their length are never likely: not looked at."""


@dataclass(frozen=True, slots=True)
class Weights:
    """What each part of the evidence weighs in the logistic regression, and its intercept."""

    bordered: float
    ends: float
    blocked: float
    thinnest: float
    intercept: float


FITTED: Final = Weights(bordered=9.5, ends=0.9, blocked=-1.0, thinnest=9.2, intercept=-9.2)
"""Fitted on cuts of real and drawn pages with known panels: `benchmarks/fit_panel_cuts.py`."""


@dataclass(frozen=True, slots=True)
class Evidence:
    """What speaks for and against a cut.

    `bordered`: the share of its places that have a border beside them. `ends`: the same at
    its two ends, as a border runs through where a line in a drawing stops short.
    `blocked`: at how many ends (0 to 2) an unbroken stroke crosses it: a gutter opens into
    another gutter, a line in a drawing ends at a border. `thinnest`: the narrowest side of
    what it would cut off, over the longer side of the page: thin panels are rare.
    """

    bordered: float
    ends: float
    blocked: int
    thinnest: float

    def likelihood(self, weights: Weights) -> float:
        """The chance that the cut runs between panels, by logistic regression."""
        score = (
            weights.bordered * self.bordered
            + weights.ends * self.ends
            + weights.blocked * self.blocked
            + weights.thinnest * self.thinnest
            + weights.intercept
        )
        return 1 / (1 + exp(-score))


@dataclass(frozen=True, slots=True)
class Cut:
    """A line through a part of the sheet, its chance to be right, and the two parts it makes.

    `evidence` is what the chance was judged by, None where it was not judged so.
    """

    line: Line
    likelihood: float
    parts: tuple[Points, Points]
    evidence: Evidence | None = None


def cuts_along(
    sheet: Sheet, strips: Sequence[Strip], part: Points, weights: Weights = FITTED
) -> Iterator[Cut]:
    """All cuts along known lines that leave a panel-sized part with ink on both sides."""
    for strip in strips:
        span = chord(part, strip.line.normal, strip.line.offset)
        if span is None:
            continue
        low, high = (-span[1], -span[0]) if strip.line.runs_across else span
        first, last = strip.columns(low, high)
        row = strip.best_row(first, last)
        if strip.one[row, last] - strip.one[row, first] < _HOPELESS * (last - first):
            continue
        line = strip.line.moved(row - strip.reach)
        parts = cut_polygon(part, line.normal, line.offset)
        boxes = [content_box(sheet, piece) for piece in parts]
        sides = [box for box in boxes if box is not None and not is_too_small(sheet, box)]
        if len(sides) == 2:
            evidence = _evidence(sheet, strip, (row, first, last), sides)
            yield Cut(line, evidence.likelihood(weights), parts, evidence)


def _evidence(
    sheet: Sheet, strip: Strip, place: tuple[int, int, int], sides: Sequence[Box]
) -> Evidence:
    row, first, last = place
    count = last - first
    end = max(1, min(count, round(_END * sheet.side / STEP)))
    one = strip.one[row]
    at_ends = one[first + end] - one[first] + one[last] - one[last - end]
    return Evidence(
        bordered=float(one[last] - one[first]) / count,
        ends=float(at_ends) / (2 * end),
        blocked=_is_blocked(strip, row, first - 2, first + end)
        + _is_blocked(strip, row, last - end, last + 2),
        thinnest=min(min(box.width, box.height) for box in sides) / sheet.side,
    )


def _is_blocked(strip: Strip, row: int, first: int, last: int) -> bool:
    """Whether a stroke runs right across the cut somewhere in these columns."""
    rows = slice(max(0, row - strip.reach // 2), row + strip.reach // 2 + 1)
    columns = slice(max(0, first), last)
    stroke = strip.crossing[rows, columns].mean(axis=0) >= _BLOCKING
    return bool((stroke & strip.ink[row, columns]).any())
