"""Pages a second of the classical detector, and where the time goes: one thread, one process."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import cv2

from benchmarks.clock import Cost, timed
from benchmarks.report import Measured
from pipeline.cli.opening import faces_python
from pipeline.manga.pictures import decode
from pipeline.ports.classical.detector import ClassicalDetector
from pipeline.ports.classical.faces import AnimeFaceWorker, FaceFinder
from pipeline.ports.classical.lines import LineReader, RapidOcrReader, TextLine
from pipeline.ports.classical.panels import find_panels
from pipeline.ports.protocols import PagePicture
from pipeline.synthetic.known_face import known_face
from pipeline.synthetic.series import SyntheticSeries
from pipeline.synthetic.spec import SeriesSpec
from schemas.boxes import Box
from schemas.detections import Detection
from schemas.pages import Direction, PageImage
from schemas.pixels import Pixels

NAME = "detection_speed"


@dataclass(frozen=True)
class Size:
    """Pages of each language, Japanese and English."""

    pages: int = 10


@dataclass
class _TimedReader:
    """A line reader that knows what it has cost."""

    reader: LineReader
    costs: list[Cost] = field(default_factory=list)

    def read(self, pixels: Pixels) -> list[TextLine]:
        with timed() as cost:
            lines = self.reader.read(pixels)
        self.costs.append(cost)
        return lines


@dataclass
class _TimedFaces:
    """A face finder that knows what it has cost, its worker process included."""

    finder: FaceFinder
    costs: list[Cost] = field(default_factory=list)

    def find(self, pixels: Pixels) -> list[tuple[Box, float]]:
        with timed() as cost:
            faces = self.finder.find(pixels)
        self.costs.append(cost)
        return faces


@dataclass(frozen=True)
class _Costs:
    """Of every page, in the order of the pages; `faces` is empty without a face environment."""

    whole: list[Cost]
    text: list[Cost]
    panels: list[Cost]
    faces: list[Cost]

    def without_faces(self) -> list[Cost]:
        """What the page would have cost: the search for faces feeds no other part."""
        if not self.faces:
            return self.whole
        pairs = zip(self.whole, self.faces, strict=True)
        return [Cost(all_.wall - faces.wall, all_.cpu - faces.cpu) for all_, faces in pairs]


def measure(size: Size, scratch: Path) -> Measured:
    """Both languages, with and without faces. Needs no scratch folder.

    One page of each language goes first and is not counted: the models load with it.
    """
    cv2.setNumThreads(1)
    python = faces_python()
    figures: dict[str, object] = {"faces_environment": bool(python)}
    lines: list[tuple[str, str]] = []
    with _open_faces(python) as faces:
        for language in ("ja", "en"):
            costs = _costs_of(language, size, RapidOcrReader(threads=1), faces)
            figures[language] = _figures(costs)
            lines += _lines(language, costs)
    settings = {"pages_a_language": size.pages, "width": 700, "height": 1000, "hardness": 1}
    return Measured(NAME, settings, figures, lines)


class _NoFaces:
    """In place of a worker where there is no face environment."""

    def __enter__(self) -> None:
        return None

    def __exit__(self, *_: object) -> None:
        return None


def _open_faces(python: str) -> AnimeFaceWorker | _NoFaces:
    return AnimeFaceWorker(python, known_face) if python else _NoFaces()


def _costs_of(
    language: str, size: Size, reader: LineReader, faces: AnimeFaceWorker | None
) -> _Costs:
    timed_reader = _TimedReader(reader)
    timed_faces = None if faces is None else _TimedFaces(faces)
    detector = ClassicalDetector(timed_reader, timed_faces)
    whole: list[Cost] = []
    panels: list[Cost] = []
    for picture in _pages(language, size.pages + 1):
        with timed() as cost:
            detection = detector.detect(picture)
        whole.append(cost)
        panels.append(_cost_of_panels(picture, detection))
    found = [] if timed_faces is None else timed_faces.costs
    return _Costs(whole[1:], timed_reader.costs[1:], panels[1:], found[1:])


def _cost_of_panels(picture: PagePicture, detection: Detection) -> Cost:
    """The panels alone, once more, with the text that was found."""
    text_boxes = tuple(dialog.text_box for dialog in detection.dialogs)
    with timed() as cost:
        find_panels(picture.left, text_boxes)
    return cost


def _pages(language: str, count: int) -> Iterator[PagePicture]:
    direction: Direction = "rtl" if language == "ja" else "ltr"
    spec = SeriesSpec("bench", 7, 1, count, direction, language, hardness=1)
    series = SyntheticSeries(spec)
    for chapter, number in series.page_keys():
        pixels = decode(series.draw(chapter, number).png_or_jpeg)
        yield PagePicture(_page_image(spec, f"bench/{chapter}/p{number:03d}", number), pixels)


def _page_image(spec: SeriesSpec, page: str, number: int) -> PageImage:
    return PageImage(
        id=page,
        series=spec.slug,
        chapter="c0001",
        order=number,
        left_page=page,
        right_page="",
        left_sha256="0" * 64,
        right_sha256="",
        x_offset=0,
        width=spec.page_width,
        height=spec.page_height,
        is_spread=False,
        direction=spec.direction,
    )


def _total(costs: Sequence[Cost]) -> Cost:
    return sum(costs, Cost())


def _figures(costs: _Costs) -> dict[str, object]:
    """Rates are pages over all seconds: pages differ in what is on them, so no median."""
    pages = len(costs.whole)
    parts = {"ocr": costs.text, "panels": costs.panels, "faces": costs.faces}
    alone = _total(costs.without_faces())
    return {
        "pages_per_s_with_faces": round(pages / _total(costs.whole).wall, 3)
        if costs.faces
        else None,
        "pages_per_s_without_faces": round(pages / alone.wall, 3),
        "s_per_page": _total(costs.whole).per(pages),
        "parts_s_per_page": {
            name: _total(each).per(pages) if each else None for name, each in parts.items()
        },
    }


def _lines(language: str, costs: _Costs) -> list[tuple[str, str]]:
    pages = len(costs.whole)
    rates = [pages / _total(each).wall for each in (costs.without_faces(), costs.whole)]
    known = {"OCR": costs.text, "panels": costs.panels, "faces": costs.faces}
    parts = [f"{name} {_total(each).wall / pages:.3f}" for name, each in known.items() if each]
    with_faces = f", with faces {rates[1]:.2f}" if costs.faces else " (no face environment)"
    return [
        (f"{language}: pages a second", f"{rates[0]:.2f} without faces{with_faces}"),
        (f"{language}: seconds a page", ", ".join(parts)),
    ]
