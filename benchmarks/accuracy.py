"""`make accuracy`: the classical detector on every labelled set of real pages, beside our aims.

MANGAZERO_REAL_PAGES names the folder; a set is a folder in it with a ground_truth.json.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from pathlib import Path

from pipeline.cli.opening import faces_python
from pipeline.cli.scores import PAGE_COLUMNS, aligned, detector_rows, page_cells
from pipeline.core.errors import MangaZeroError
from pipeline.evaluation_on_pages import DetectorReport, PageResult, evaluate_detector
from pipeline.manga.page_scores import PageScore
from pipeline.ports.detectors import ClassicalSpec
from pipeline.ports.truth_files import labelled_pages

TRUTH = "ground_truth.json"


def main() -> None:
    named = os.environ.get("MANGAZERO_REAL_PAGES", "")
    truths = sorted(Path(named).glob(f"*/{TRUTH}")) if named else []
    if not truths:
        print(
            f"skipped: MANGAZERO_REAL_PAGES ({named or 'not set'}) names no folder with "
            f"*/{TRUTH} in it, so there are no real pages to measure on"
        )
        return
    detector = ClassicalSpec(faces_python())()
    for truth in truths:
        print(f"\n{truth.parent.name}\n" + " | ".join(PAGE_COLUMNS))
        report = evaluate_detector(detector, labelled_pages(truth.parent, truth), _print_page)
        print("\n".join([*aligned(detector_rows(report)), *aims(report)]))


def aims(report: DetectorReport) -> Iterator[str]:
    """What we want on real pages, and what there is."""
    for name, aim, value in _aimed(report.total):
        verdict = "reached" if value >= aim else "FALLS SHORT"
        yield f"  aim: {name} at least {aim:.2f}: {value:.3f} {verdict}"


def _aimed(score: PageScore) -> Iterator[tuple[str, float, float]]:
    """Name, aim and figure of what could be scored."""
    if score.panels:
        yield "panels F1 at IoU 0.5", 0.65, score.panels.f1
    if score.order and score.order.right:
        right = score.order.exact / score.order.right
        yield "order exact where the panels are right", 1.0, right
    if score.regions:
        yield "text regions found", 0.80, score.regions.value
    if score.letters:
        yield "characters of text read", 0.90, score.letters.value
    if score.faces:
        yield "faces precision", 0.80, score.faces.precision.value


def _print_page(page: PageResult) -> None:
    print(" | ".join([*page_cells(page), *page.notes]), flush=True)


if __name__ == "__main__":
    try:
        main()
    except MangaZeroError as error:
        sys.stderr.write(f"accuracy: {error}\n")
        sys.exit(error.exit_code)
