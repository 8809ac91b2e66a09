"""How good detections and identities are, against ground truth.

All scores are of type `Score` or plain floats from 0 to 1 (Kendall's tau and the adjusted
Rand index from -1 to 1). Shares of nothing are defined so that silence on an empty page is
right: with nothing predicted precision is 1, with nothing to find recall is 1.
"""

from __future__ import annotations

import unicodedata
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import combinations
from math import comb
from typing import Final

from pipeline.manga.geometry import iou_table
from schemas.boxes import Box

_SUBSTANTIAL: Final = 0.5
"""Share of a found text box that must lie in a truth region to count as a hit."""


@dataclass(frozen=True)
class Score:
    """Counts of hits, of what was predicted and of what there is; they add up over pages.

    `true_positives` may exceed neither of the other two. 0/0 is 1: no prediction is no
    wrong one, and nothing to find is nothing missed. F1 is 1 where both counts are 0.
    """

    true_positives: int
    predicted: int
    actual: int

    def __add__(self, other: Score) -> Score:
        return Score(
            self.true_positives + other.true_positives,
            self.predicted + other.predicted,
            self.actual + other.actual,
        )

    @property
    def precision(self) -> float:
        return self.true_positives / self.predicted if self.predicted else 1.0

    @property
    def recall(self) -> float:
        return self.true_positives / self.actual if self.actual else 1.0

    @property
    def f1(self) -> float:
        """The harmonic mean of precision and recall, 2 TP / (predicted + actual)."""
        both = self.predicted + self.actual
        return 2 * self.true_positives / both if both else 1.0


def match_boxes(
    found: Sequence[Box], truth: Sequence[Box], iou_at_least: float
) -> list[tuple[int, int]]:
    """Pairs (index in found, index in truth), one-to-one, each with at least that IoU.

    First as many pairs as possible, then the greatest sum of IoU (the assignment problem,
    solved by SciPy). Sorted by the index in found.
    """
    from scipy.optimize import linear_sum_assignment  # a slow import, paid only here

    table = iou_table(found, truth)
    allowed = (table >= iou_at_least) & (table > 0)
    # A pair weighs more than any sum of IoU can, so the count of pairs comes first.
    weight = allowed * (table + min(table.shape, default=0) + 1)
    rows, columns = linear_sum_assignment(weight, maximize=True)
    return [(int(r), int(c)) for r, c in zip(rows, columns, strict=True) if allowed[r, c]]


def box_score(found: Sequence[Box], truth: Sequence[Box], iou_at_least: float = 0.5) -> Score:
    """Detection score of boxes on one page at a given IoU."""
    hits = len(match_boxes(found, truth, iou_at_least))
    return Score(hits, len(found), len(truth))


def order_is_right(
    found_in_order: Sequence[Box], truth_in_order: Sequence[Box], iou_at_least: float = 0.5
) -> bool:
    """Whether the boxes that match a true one come in the true order.

    Boxes without a match are passed over: their loss is the matter of `box_score`.
    """
    ranks = [t for _, t in match_boxes(found_in_order, truth_in_order, iou_at_least)]
    return ranks == sorted(ranks)


def kendall_tau(order_found: Sequence[int], order_true: Sequence[int] | None = None) -> float:
    """Kendall's rank correlation of two orders of the same distinct items, -1 to 1.

    (concordant - discordant) / all pairs; 1 with fewer than two items. Without `order_true`
    the items are true ranks, so the true order is the rising one. Raises ValueError where
    the two do not hold the same items once each.
    """
    true = sorted(order_found) if order_true is None else list(order_true)
    rank = {item: place for place, item in enumerate(true)}
    if len(rank) != len(true) or sorted(order_found) != sorted(true):
        raise ValueError("the two orders must hold the same items, each once")
    pairs = comb(len(true), 2)
    if not pairs:
        return 1.0
    ranks = [rank[item] for item in order_found]
    concordant = sum(a < b for a, b in combinations(ranks, 2))
    return (2 * concordant - pairs) / pairs


def region_recall(found: Sequence[Box], truth: Sequence[Box]) -> Score:
    """How many true text regions were hit; `.recall` is the figure, `.precision` is not.

    A region is hit when the centre of a found box lies in it, or at least 50 % of a found
    box does: regions are drawn around balloons, found boxes around lettering, so IoU would
    punish a good find. One found box may hit several regions; `predicted` counts found boxes
    that hit none plus the regions hit, so that precision falls with stray boxes.
    """
    hit = sum(any(_hits(box, region) for box in found) for region in truth)
    stray = sum(not any(_hits(box, region) for region in truth) for box in found)
    return Score(hit, hit + stray, len(truth))


def _hits(box: Box, region: Box) -> bool:
    x, y = box.centre
    in_it = region.x1 <= x < region.x2 and region.y1 <= y < region.y2
    return in_it or box.share_inside(region) >= _SUBSTANTIAL


def character_recall(found_text: str, transcript: str) -> float:
    """The share of the transcript's written characters that were found, as a multiset.

    Whitespace, punctuation and symbols (Unicode classes Z, C, P, S) are ignored and both
    texts are brought to NFKC, so full-width and half-width forms agree. 1 for an empty
    transcript. Order and place play no part: it measures reading, not grouping.
    """
    wanted, seen = written(transcript), written(found_text)
    total = sum(wanted.values())
    return sum((wanted & seen).values()) / total if total else 1.0


def written(text: str) -> Counter[str]:
    """The characters that count as written: no space, punctuation, symbol or control sign."""
    return Counter(
        sign
        for sign in unicodedata.normalize("NFKC", text)
        if unicodedata.category(sign)[0] not in "ZCPS"
    )


def b_cubed(predicted: Sequence[str], actual: Sequence[str]) -> tuple[float, float, float]:
    """B-cubed precision, recall and F1 of a clustering (Bagga and Baldwin, 1998).

    Item i has predicted cluster `predicted[i]` and true one `actual[i]`. 1, 1, 1 with no item.
    Raises ValueError where the lengths differ.
    """
    both = Counter(zip(predicted, actual, strict=True))
    if not both:
        return 1.0, 1.0, 1.0
    n = len(predicted)
    sizes, true_sizes = Counter(predicted), Counter(actual)
    precision = sum(count * count / sizes[p] for (p, _), count in both.items()) / n
    recall = sum(count * count / true_sizes[a] for (_, a), count in both.items()) / n
    return precision, recall, 2 * precision * recall / (precision + recall)


def adjusted_rand(predicted: Sequence[str], actual: Sequence[str]) -> float:
    """The Rand index corrected for chance (Hubert and Arabie, 1985); 1 with no item."""
    from sklearn.metrics import adjusted_rand_score  # a slow import, paid only here

    if len(predicted) != len(actual):
        raise ValueError("one true label is needed for each predicted one")
    return float(adjusted_rand_score(list(actual), list(predicted))) if predicted else 1.0


def pairwise_f1(predicted: Sequence[str], actual: Sequence[str]) -> Score:
    """Score over pairs of items: a pair is positive where both are in one cluster.

    Raises ValueError where the lengths differ.
    """
    both = Counter(zip(predicted, actual, strict=True))
    return Score(
        sum(comb(count, 2) for count in both.values()),
        sum(comb(count, 2) for count in Counter(predicted).values()),
        sum(comb(count, 2) for count in Counter(actual).values()),
    )
