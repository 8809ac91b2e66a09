"""Fits the weights that judge a cut between panels anew, and prints them beside the shipped ones.

    MANGAZERO_REAL_PAGES=DIR .venv/bin/python -m benchmarks.fit_panel_cuts [--more FILE ...]

Pages with known panels come from every DIR/*/ground_truth.json, from more files of that form
with their pictures beside them (one file is one set), and from our drawings. A page is cut up
by its true panels, and every cut that is tried on the way gives the regression its evidence
and a label: `runs_between`. Then each set is scored with weights that never saw it. Nothing is
written; whoever wants new weights puts them into `pipeline/ports/classical/panels_cuts.py`.
"""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import astuple, fields
from pathlib import Path
from typing import Final

import cv2
import numpy as np
from sklearn.linear_model import LogisticRegression
from sklearn.preprocessing import StandardScaler

from benchmarks.known_panels import OTHER_SEED, KnownPage, drawn_pages, real_pages, with_lettering
from pipeline.core.errors import MangaZeroError
from pipeline.manga.geometry import Points, box_polygon, cut_polygon, polygon_area, polygon_box
from pipeline.manga.metrics import Score, box_score
from pipeline.ports.classical.panels import find_panels, strips_of
from pipeline.ports.classical.panels_content import bare_bands, content_box, trimmed
from pipeline.ports.classical.panels_cuts import FITTED, Evidence, Weights, cuts_along
from pipeline.ports.classical.panels_sheet import read_sheet
from pipeline.ports.classical.segments import Line
from schemas.boxes import Box

IOUS: Final = (0.5, 0.75)
"""What a found panel has to reach to be counted as a true one."""

_WHOLE: Final = 0.12
"""A panel is whole if a cut leaves at most this share of it on one side: labels are not exact."""

_BARE_BAND: Final = 0.8
"""True cuts along bare paper have no evidence; they are made before those less bordered."""

LabelledCut = tuple[Evidence, bool]


def labelled_cuts(page: KnownPage) -> list[LabelledCut]:
    """All cuts that are tried while the page is taken apart along its best bordered true cuts."""
    sheet = read_sheet(page.pixels)
    strips = strips_of(sheet)
    panels = [Box(*(round(value / sheet.scale) for value in box)) for box in page.panels]
    found: list[LabelledCut] = []
    parts: list[Points] = [box_polygon(Box(0, 0, sheet.width, sheet.height))]
    while parts:
        part = parts.pop()
        box = content_box(sheet, part)
        if box is None or len(part := trimmed(part, box)) < 3:
            continue
        true = [
            (_BARE_BAND, pieces)
            for line, pieces in bare_bands(sheet, part)
            if runs_between(line, part, panels)
        ]
        for cut in cuts_along(sheet, strips, part):
            label = runs_between(cut.line, part, panels)
            if label is not None and cut.evidence is not None:
                found.append((cut.evidence, label))
                true += [(cut.evidence.bordered, cut.parts)] if label else []
        parts += max(true, key=lambda each: each[0], default=(0, ()))[1]
    return found


def runs_between(line: Line, part: Points, panels: Sequence[Box]) -> bool | None:
    """Whether a line through a part runs between true panels; None where one cannot say.

    Of the panels that lie in the part's box by more than half: False if the line divides one,
    leaving more than 12 % of it on either side; True if it divides none and has some on both
    sides; None if all are on one side, for nothing is lost or won by such a cut.
    """
    around = polygon_box(part)
    inside = [panel for panel in panels if panel.share_inside(around) > 0.5]
    below = [_share_below(line, panel) for panel in inside]
    if any(_WHOLE < share < 1 - _WHOLE for share in below):
        return False
    return True if min(below, default=0) <= 0.5 < max(below, default=0) else None


def _share_below(line: Line, panel: Box) -> float:
    piece, _ = cut_polygon(box_polygon(panel), line.normal, line.offset)
    return polygon_area(piece) / max(1, panel.area)


def fit(pages: Iterable[Sequence[LabelledCut]]) -> Weights:
    """Logistic regression (L2, C = 1, standardised) over the cuts of pages.

    A page weighs the square root of its count of cuts. Raises ValueError where there is no cut,
    or all have one label.
    """
    filled = [cuts for cuts in pages if cuts]
    rows = np.array([astuple(evidence) for cuts in filled for evidence, _ in cuts], np.float64)
    labels = [label for cuts in filled for _, label in cuts]
    weight = np.array([len(cuts) ** -0.5 for cuts in filled for _ in cuts])
    scaler = StandardScaler().fit(rows)
    model = LogisticRegression(C=1.0).fit(
        scaler.transform(rows), labels, sample_weight=weight / weight.mean()
    )
    slopes = model.coef_[0] / scaler.scale_
    intercept = model.intercept_[0] - slopes @ scaler.mean_
    return Weights(*(float(value) for value in (*slopes, intercept)))


def f1_at_ious(pages: Iterable[KnownPage], weights: Weights) -> tuple[float, ...]:
    """Panel F1 of all pages together with these weights, at each of `IOUS`."""
    totals = [Score(0, 0, 0) for _ in IOUS]
    for page in pages:
        boxes = [p.box for p in find_panels(page.pixels, page.lettering, weights=weights)]
        totals = [
            total + box_score(boxes, page.panels, iou)
            for total, iou in zip(totals, IOUS, strict=True)
        ]
    return tuple(total.f1 for total in totals)


def findings(training: Sequence[KnownPage], unseen: Sequence[KnownPage]) -> Iterator[str]:
    """What is printed: the weights, then the scores of each set that is fitted on, left out of
    the fit and in it, and those of the unseen pages with everything in the fit. Raises ValueError
    as `fit` does, so there must be two sets at least.
    """
    cuts = [(page.of, labelled_cuts(page)) for page in training]
    all_in = fit(each for _, each in cuts)
    yield "weight | fitted now | shipped"
    for part in fields(Weights):
        yield f"{part.name} | {getattr(all_in, part.name):.3f} | {getattr(FITTED, part.name):.3f}"
    yield "\nset | pages | cuts | true | F1 at IoU .5/.75: left out | all in | shipped weights"
    for name in dict.fromkeys(of for of, _ in cuts):
        pages = [page for page in training if page.of == name]
        labels = [label for of, each in cuts if of == name for _, label in each]
        left_out = fit(each for of, each in cuts if of != name)
        scores = [_told(f1_at_ious(pages, w)) for w in (left_out, all_in, FITTED)]
        yield " | ".join([name, f"{len(pages)} | {len(labels)} | {sum(labels)}", *scores])
    for name in dict.fromkeys(page.of for page in unseen):
        pages = [page for page in unseen if page.of == name]
        scores = [_told(f1_at_ious(pages, w)) for w in (all_in, FITTED)]
        yield " | ".join([f"{name}, other pages", f"{len(pages)} | - | - | -", *scores])


def _told(scores: Sequence[float]) -> str:
    return "/".join(f"{score:.3f}" for score in scores)


def main() -> None:
    chosen = _parser().parse_args()
    named = os.environ.get("MANGAZERO_REAL_PAGES", "")
    truths = sorted(Path(named).glob("*/ground_truth.json")) if named else []
    cv2.setNumThreads(1)
    training = [*real_pages([*truths, *chosen.more]), *drawn_pages(chosen.drawn)]
    if not truths and not chosen.more:
        print(f"MANGAZERO_REAL_PAGES ({named or 'not set'}) names no real pages: drawn ones only\n")
    unseen = list(drawn_pages(chosen.drawn, OTHER_SEED))
    if chosen.lettering:
        training, unseen = with_lettering(training), with_lettering(unseen)
    for line in findings(training, unseen):
        print(line, flush=True)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.fit_panel_cuts")
    parser.add_argument("--more", type=Path, nargs="*", default=[], help="more truth files")
    parser.add_argument("--drawn", type=int, default=6, help="pages a language and hardness")
    parser.add_argument(
        "--lettering", action="store_true", help="score with lettering read and left out"
    )
    return parser


if __name__ == "__main__":
    try:
        main()
    except MangaZeroError as error:
        sys.stderr.write(f"fit_panel_cuts: {error}\n")
        sys.exit(error.exit_code)
