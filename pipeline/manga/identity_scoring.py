"""How well proposed identities agree with who was really drawn. Pure."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from pipeline.manga.metrics import b_cubed, match_boxes
from schemas.boxes import Box

_SAME: Final = 0.5
"""IoU from which two boxes show the same thing."""

Seen = tuple[Box, Box | None]
"""A character's box and its face's, if one shows."""


@dataclass(frozen=True, slots=True)
class IdentityScore:
    """Proposals over the found characters that are one that was drawn.

    `purity` is the share of characters that belong to the commonest one of their cluster.
    """

    matched: int
    clusters: int
    drawn: int
    purity: float
    b_cubed_precision: float
    b_cubed_recall: float
    b_cubed_f1: float


def match_characters(found: Sequence[Seen], truth: Sequence[Seen]) -> list[tuple[int, int]]:
    """Pairs (index in found, index in truth), one-to-one: by their faces, the rest by their boxes.

    Boxes that were grown from a face are the poorer witness, so faces come first.
    """
    pairs = _matched(found, truth, range(len(found)), range(len(truth)), by_face=True)
    taken, known = {f for f, _ in pairs}, {t for _, t in pairs}
    left = [i for i in range(len(found)) if i not in taken]
    open_ = [i for i in range(len(truth)) if i not in known]
    return sorted(pairs + _matched(found, truth, left, open_, by_face=False))


def identity_score(pairs: Sequence[tuple[str, str]]) -> IdentityScore | None:
    """The score of (proposed, drawn) identities, one pair a character; None without any.

    Names must be unique over the series that are scored together.
    """
    if not pairs:
        return None
    proposed, drawn = [p for p, _ in pairs], [d for _, d in pairs]
    commonest: dict[str, int] = {}
    for (cluster, _), count in Counter(pairs).items():
        commonest[cluster] = max(count, commonest.get(cluster, 0))
    precision, recall, f1 = b_cubed(proposed, drawn)
    return IdentityScore(
        matched=len(pairs),
        clusters=len(commonest),
        drawn=len(set(drawn)),
        purity=sum(commonest.values()) / len(pairs),
        b_cubed_precision=precision,
        b_cubed_recall=recall,
        b_cubed_f1=f1,
    )


def _matched(
    found: Sequence[Seen],
    truth: Sequence[Seen],
    of_found: Sequence[int],
    of_truth: Sequence[int],
    *,
    by_face: bool,
) -> list[tuple[int, int]]:
    mine = [(i, box) for i in of_found if (box := found[i][by_face]) is not None]
    theirs = [(i, box) for i in of_truth if (box := truth[i][by_face]) is not None]
    hits = match_boxes([box for _, box in mine], [box for _, box in theirs], _SAME)
    return [(mine[f][0], theirs[t][0]) for f, t in hits]
