"""Pages whose panels are known: real ones that people labelled, and our drawings."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final

from pipeline.evaluation_on_pages import fitted
from pipeline.manga.pictures import decode
from pipeline.ports.classical.lines import RapidOcrReader
from pipeline.ports.classical.text_dialogs import SURE_FROM
from pipeline.ports.truth_files import labelled_pages
from pipeline.synthetic.series import SyntheticSeries
from pipeline.synthetic.spec import SeriesSpec
from schemas.boxes import Box
from schemas.pages import Direction
from schemas.pixels import Pixels

SEED: Final = 1500
"""Of the drawn pages that the shipped weights were fitted on; the hardness is added to it."""

OTHER_SEED: Final = 2900
"""Of drawn pages that are only scored."""


@dataclass(frozen=True)
class KnownPage:
    """A page (RGB pixels) with its true panels and, for scoring only, boxes around lettering."""

    of: str
    pixels: Pixels
    panels: tuple[Box, ...]
    lettering: tuple[Box, ...] = ()


def real_pages(truths: Iterable[Path]) -> Iterator[KnownPage]:
    """The pages of truth files whose panels are labelled; a set is called after its folder."""
    for truth in truths:
        for page in labelled_pages(truth.parent, truth):
            pixels = decode(page.path.read_bytes())
            labels = fitted(page.labels, page.size, (pixels.shape[1], pixels.shape[0]))
            if labels.panels:
                yield KnownPage(truth.parent.name, pixels, labels.panels)


def drawn_pages(
    count: int, seed: int = SEED, levels: Sequence[int] = (0, 1, 2, 3)
) -> Iterator[KnownPage]:
    """`count` pages in Japanese and as many in English at each hardness, one set a hardness."""
    for hardness in levels:
        for language in ("ja", "en"):
            direction: Direction = "rtl" if language == "ja" else "ltr"
            spec = SeriesSpec(
                f"tr-{language}", seed + hardness, 1, count, direction, language, hardness
            )
            series = SyntheticSeries(spec)
            for key in series.page_keys():
                page = series.draw(*key)
                panels = tuple(Box(*panel.box) for panel in page.truth.panels)
                yield KnownPage(f"drawn, hardness {hardness}", decode(page.png_or_jpeg), panels)


def with_lettering(pages: Iterable[KnownPage]) -> list[KnownPage]:
    """The pages with the lines that the detector would leave out of the borders."""
    reader = RapidOcrReader()
    return [
        replace(
            page,
            lettering=tuple(
                line.box for line in reader.read(page.pixels) if line.confidence >= SURE_FROM
            ),
        )
        for page in pages
    ]
