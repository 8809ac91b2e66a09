"""What a page scored, in counts that add up over pages: every box and letter weighs the same.

What had no labels is None and stays out of every sum.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, fields
from typing import Any

from pipeline.manga.metrics import Score


@dataclass(frozen=True, slots=True)
class Share:
    """`part` of `whole`; 1 where there is nothing to have a part of."""

    part: int
    whole: int

    def __add__(self, other: Share) -> Share:
        return Share(self.part + other.part, self.whole + other.whole)

    @property
    def value(self) -> float:
        return self.part / self.whole if self.whole else 1.0


@dataclass(frozen=True, slots=True)
class OrderScore:
    """Reading order. `right` pages have every panel and no other; `exact` of them in order too.

    Kendall's tau is over the matched panels of a page, for the `compared` pages that have two.
    """

    pages: int
    right: int
    exact: int
    tau_sum: float
    compared: int

    def __add__(self, other: OrderScore) -> OrderScore:
        return OrderScore(
            self.pages + other.pages,
            self.right + other.right,
            self.exact + other.exact,
            self.tau_sum + other.tau_sum,
            self.compared + other.compared,
        )

    @property
    def tau(self) -> float:
        return self.tau_sum / self.compared if self.compared else 1.0


@dataclass(frozen=True, slots=True)
class FaceScore:
    """Found boxes that are listed faces, listed non-faces, or on no list: unknown what they are."""

    hits: int
    false: int
    unlisted: int
    listed: int

    def __add__(self, other: FaceScore) -> FaceScore:
        return FaceScore(
            self.hits + other.hits,
            self.false + other.false,
            self.unlisted + other.unlisted,
            self.listed + other.listed,
        )

    @property
    def precision(self) -> Share:
        """Counts what is on no list as wrong: the lower bound."""
        return Share(self.hits, self.hits + self.false + self.unlisted)

    @property
    def precision_of_listed(self) -> Share:
        """Leaves out what is on no list."""
        return Share(self.hits, self.hits + self.false)

    @property
    def found(self) -> Share:
        """The listed faces that were found."""
        return Share(self.hits, self.listed)


@dataclass(frozen=True, slots=True)
class PageScore:
    """All scores of one page, or of several added up; None where there were no labels."""

    panels: Score | None = None
    panels_strict: Score | None = None
    order: OrderScore | None = None
    regions: Share | None = None
    lettering: Share | None = None
    letters: Share | None = None
    balloons: Score | None = None
    faces: FaceScore | None = None
    uncertain_panels: int = 0

    def __add__(self, other: PageScore) -> PageScore:
        return PageScore(
            **{f.name: _plus(getattr(self, f.name), getattr(other, f.name)) for f in fields(self)}
        )


def total(scores: Iterable[PageScore]) -> PageScore:
    """The sum over pages: every box, region and letter weighs the same."""
    return sum(scores, start=PageScore())


def _plus(mine: Any, other: Any) -> Any:
    if mine is None or other is None:
        return other if mine is None else mine
    return mine + other
