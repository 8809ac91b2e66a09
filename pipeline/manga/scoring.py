"""One page's findings against its labels. Pure.

What a page has no labels for is None, and is not scored. Frame: page-image pixels.
A found panel, balloon or face is a hit from IoU 0.5 on.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from pipeline.manga.metrics import (
    Score,
    box_score,
    character_recall,
    kendall_tau,
    match_boxes,
    order_is_right,
    region_recall,
    written,
)
from pipeline.manga.page_scores import FaceScore, OrderScore, PageScore, Share
from schemas.boxes import Box
from schemas.detections import Character, Dialog, Panel

_LOOSE: Final = 0.5
_STRICT: Final = 0.75


@dataclass(frozen=True, slots=True)
class PageLabels:
    """The truth of a page. None where nobody labelled that kind; an empty tuple is "none there".

    `panels` are in reading order if `panels_in_order`. `regions` hold text. `not_faces` are
    boxes that people looked at and found to be no face; faces need not be listed in full.
    """

    panels: tuple[Box, ...] | None = None
    panels_in_order: bool = True
    regions: tuple[Box, ...] | None = None
    transcript: str | None = None
    faces: tuple[Box, ...] | None = None
    not_faces: tuple[Box, ...] = ()


@dataclass(frozen=True, slots=True)
class PageFindings:
    """What was found on a page: panels in reading order, balloons with their lettering, faces."""

    panels: tuple[Box, ...] = ()
    uncertain_panels: int = 0
    balloons: tuple[Box, ...] = ()
    lettering: tuple[Box, ...] = ()
    text: str = ""
    faces: tuple[Box, ...] = ()


def findings_of(
    panels: Sequence[Panel], characters: Sequence[Character], dialogs: Sequence[Dialog]
) -> PageFindings:
    """The findings in the rows of one page image."""
    in_order = sorted(panels, key=lambda panel: panel.order)
    return PageFindings(
        panels=tuple(panel.box for panel in in_order),
        uncertain_panels=sum(panel.is_uncertain for panel in panels),
        balloons=tuple(dialog.box for dialog in dialogs),
        lettering=tuple(dialog.text_box for dialog in dialogs),
        text="\n".join(dialog.text for dialog in dialogs),
        faces=tuple(character.face for character in characters if character.face is not None),
    )


def score_page(found: PageFindings, truth: PageLabels) -> PageScore:
    """Every score that the labels of the page allow.

    `regions` is the share of text regions that were hit, `lettering` the share of found
    lettering that hit one (as `metrics.region_recall` defines a hit), `letters` the share
    of the transcript's written characters that were read.
    """
    panels = truth.panels
    ordered = panels is not None and truth.panels_in_order
    hits = None if truth.regions is None else region_recall(found.lettering, truth.regions)
    return PageScore(
        panels=None if panels is None else box_score(found.panels, panels, _LOOSE),
        panels_strict=None if panels is None else box_score(found.panels, panels, _STRICT),
        order=_order_score(found.panels, panels) if panels is not None and ordered else None,
        regions=None if hits is None else Share(hits.true_positives, hits.actual),
        lettering=None if hits is None else _share_on_regions(hits, len(found.lettering)),
        letters=None if truth.transcript is None else _letters(found.text, truth.transcript),
        balloons=None if truth.regions is None else box_score(found.balloons, truth.regions),
        faces=None if truth.faces is None else _face_score(found.faces, truth),
        uncertain_panels=found.uncertain_panels,
    )


def _order_score(found: Sequence[Box], truth: Sequence[Box]) -> OrderScore:
    ranks = [rank for _, rank in match_boxes(found, truth, _LOOSE)]
    is_right = len(ranks) == len(found) == len(truth)
    is_compared = len(ranks) > 1
    return OrderScore(
        pages=1,
        right=int(is_right),
        exact=int(is_right and order_is_right(found, truth, _LOOSE)),
        tau_sum=kendall_tau(ranks) if is_compared else 0.0,
        compared=int(is_compared),
    )


def _share_on_regions(hits: Score, n_found: int) -> Share:
    stray = hits.predicted - hits.true_positives  # what `region_recall` counts beside its hits
    return Share(n_found - stray, n_found)


def _letters(text: str, transcript: str) -> Share:
    """Character recall as counts, so that it adds up over pages by their amount of text."""
    whole = written(transcript).total()
    return Share(round(character_recall(text, transcript) * whole), whole)


def _face_score(found: Sequence[Box], truth: PageLabels) -> FaceScore:
    faces = truth.faces or ()
    matched = [i for _, i in match_boxes(found, (*faces, *truth.not_faces), _LOOSE)]
    hits = sum(i < len(faces) for i in matched)
    return FaceScore(hits, len(matched) - hits, len(found) - len(matched), len(faces))
