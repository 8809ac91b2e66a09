"""How well a detector does on real pages that people labelled."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Final

import cv2

from pipeline.core.errors import BadItem
from pipeline.core.hashing import sha256_of_bytes
from pipeline.manga.annotate import annotate
from pipeline.manga.page_scores import PageScore, total
from pipeline.manga.pictures import decode, probe
from pipeline.manga.scoring import PageFindings, PageLabels, findings_of, score_page
from pipeline.ports.protocols import Detector, PagePicture, Pixels
from pipeline.ports.truth_files import LabelledPage
from schemas.boxes import Box
from schemas.pages import Defect, PageImage
from schemas.profile import DetectParams, ScreenParams

FACES_UNAVAILABLE: Final = "faces_unavailable"
"""The note of a detection without faces: they were not looked for."""

_SHAPE_TOLERANCE: Final = 0.02
"""How far width over height of picture and truth may differ before we say so."""


@dataclass(frozen=True, slots=True)
class PageResult:
    """One page: its score, how long decoding and detection took, and what was odd about it."""

    key: str
    score: PageScore
    seconds: float
    was_read: bool = True
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class DetectorReport:
    """All pages of a truth file."""

    detector: str
    pages: tuple[PageResult, ...]

    @property
    def total(self) -> PageScore:
        return total(page.score for page in self.pages)

    @property
    def unread(self) -> int:
        return sum(not page.was_read for page in self.pages)

    @property
    def seconds_a_page(self) -> float:
        """Over the pages that were read; 0 if there is none."""
        read = [page.seconds for page in self.pages if page.was_read]
        return sum(read) / len(read) if read else 0.0


def evaluate_detector(
    detector: Detector,
    pages: Sequence[LabelledPage],
    listen: Callable[[PageResult], None] = lambda _: None,
) -> DetectorReport:
    """Runs the detector over the pages as the pipeline would, and scores what `annotate` makes.

    A page that cannot be read counts as one on which nothing was found. `listen` hears of
    each page as it is done.
    """
    results = []
    for page in pages:
        results.append(evaluate_page(detector, page))
        listen(results[-1])
    return DetectorReport(detector.name, tuple(results))


def evaluate_page(detector: Detector, page: LabelledPage) -> PageResult:
    """One page of `evaluate_detector`."""
    begun = time.perf_counter()
    try:
        pixels, sha256 = _read(page)
        image = _page_image(page, pixels, sha256)
        detection = detector.detect(PagePicture(image, pixels))
    except (BadItem, OSError, cv2.error, MemoryError) as error:
        unseen = fitted(page.labels, page.size, page.size) if page.size else page.labels
        score = score_page(PageFindings(), unseen)
        return PageResult(page.key, score, 0.0, was_read=False, notes=(f"not read: {error}",))
    rows = annotate(detection, image, detector.name, DetectParams().uncertain_below)
    seconds = time.perf_counter() - begun
    labels = fitted(page.labels, page.size, (image.width, image.height))
    if FACES_UNAVAILABLE in detection.notes:
        labels = replace(labels, faces=None)
    score = score_page(findings_of(rows.panels, rows.characters, rows.dialogs), labels)
    notes = (*detection.notes, *_odd_shape(page, image))
    return PageResult(page.key, score, seconds, notes=notes)


def fitted(
    labels: PageLabels, labelled: tuple[int, int] | None, picture: tuple[int, int]
) -> PageLabels:
    """Labels of a page of one (width, height), stretched to another and clipped to it.

    What lies wholly outside the page is left out.
    """
    wide, high = labelled or picture
    across, down = picture[0] / wide, picture[1] / high

    def fit(boxes: tuple[Box, ...]) -> tuple[Box, ...]:
        stretched = (
            Box(round(b.x1 * across), round(b.y1 * down), round(b.x2 * across), round(b.y2 * down))
            for b in boxes
        )
        return tuple(box for each in stretched if (box := each.clip(*picture)).area)

    return replace(
        labels,
        panels=None if labels.panels is None else fit(labels.panels),
        regions=None if labels.regions is None else fit(labels.regions),
        faces=None if labels.faces is None else fit(labels.faces),
        not_faces=fit(labels.not_faces),
    )


def _read(page: LabelledPage) -> tuple[Pixels, str]:
    content = page.path.read_bytes()
    facts = probe(content, ScreenParams().max_pixels)
    if facts.defect is not Defect.NONE:
        raise BadItem(f"{page.path.name} is no whole picture ({facts.defect})")
    return decode(content), sha256_of_bytes(content)


def _page_image(page: LabelledPage, pixels: Pixels, sha256: str) -> PageImage:
    """The picture as a page image of its own, as the pipeline makes one where nothing is joined."""
    return PageImage(
        id=page.key,
        series="truth",
        chapter="main",
        order=0,
        left_page=page.key,
        right_page="",
        left_sha256=sha256,
        right_sha256="",
        x_offset=0,
        width=pixels.shape[1],
        height=pixels.shape[0],
        is_spread=False,
        direction=page.direction,
    )


def _odd_shape(page: LabelledPage, image: PageImage) -> Iterator[str]:
    if page.size is None:
        return
    wide, high = page.size
    if abs(wide / high * image.height / image.width - 1) > _SHAPE_TOLERANCE:
        yield (
            f"the truth is of a {wide}x{high} page, the picture is {image.width}x{image.height}: "
            "its boxes were stretched"
        )
