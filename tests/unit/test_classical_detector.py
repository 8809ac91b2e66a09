from __future__ import annotations

import numpy as np

from pipeline.ports.classical.detector import ClassicalDetector
from pipeline.ports.classical.lines import TextLine
from pipeline.ports.protocols import Detector, PagePicture, Pixels
from schemas.boxes import Box
from schemas.pages import PageImage

WIDTH, HEIGHT = 400, 600
LINE = Box(100, 80, 120, 160)
FACE = Box(200, 200, 250, 250)


class FakeReader:
    def read(self, pixels: Pixels) -> list[TextLine]:
        return [TextLine(LINE, "こんにちは", 0.97, "vertical")]


class FakeFinder:
    def __init__(self) -> None:
        self.seen: list[tuple[int, ...]] = []

    def find(self, pixels: Pixels) -> list[tuple[Box, float]]:
        self.seen.append(pixels.shape)
        return [(FACE, 0.93)]


def one_panel(width: int = WIDTH) -> Pixels:
    """A black frame 20 px from the rim, with grey art in it."""
    pixels = np.full((HEIGHT, width, 3), 255, np.uint8)
    pixels[20:-20, 20:-20] = 0
    pixels[24:-24, 24:-24] = 170
    return pixels


def page_image(width: int, *, double: bool = False, spread: bool = False) -> PageImage:
    return PageImage(
        id="toy/c0001/p001",
        series="toy",
        chapter="c0001",
        order=0,
        left_page="toy/c0001/p002" if double else "toy/c0001/p001",
        right_page="toy/c0001/p001" if double else "",
        left_sha256="0" * 64,
        right_sha256="1" * 64 if double else "",
        x_offset=WIDTH if double else 0,
        width=width,
        height=HEIGHT,
        is_spread=spread,
        direction="rtl",
    )


def test_a_single_page_has_panels_text_and_characters() -> None:
    detector: Detector = ClassicalDetector(FakeReader(), FakeFinder())
    found = detector.detect(PagePicture(page_image(WIDTH), one_panel()))
    (panel,) = found.panels
    assert panel.box.iou(Box(20, 20, WIDTH - 20, HEIGHT - 20)) > 0.9
    (dialog,) = found.dialogs
    assert (dialog.text, dialog.text_box) == ("こんにちは", LINE)
    (character,) = found.characters
    assert character.face == FACE
    assert character.box == Box(185, 185, 265, 280)
    assert (character.confidence, character.source) == (0.93, "face-expansion")
    assert found.notes == ()


def test_the_right_page_lies_behind_the_left_one() -> None:
    picture = PagePicture(page_image(2 * WIDTH, double=True), one_panel(), one_panel())
    finder = FakeFinder()
    found = ClassicalDetector(FakeReader(), finder).detect(picture)
    assert finder.seen == [(HEIGHT, WIDTH, 3)] * 2
    left, right = found.panels
    assert right.box == left.box.shift(WIDTH)
    assert [dialog.text_box for dialog in found.dialogs] == [LINE, LINE.shift(WIDTH)]
    assert found.dialogs[1].box == found.dialogs[0].box.shift(WIDTH)
    assert [character.face for character in found.characters] == [FACE, FACE.shift(WIDTH)]
    assert found.characters[1].box == found.characters[0].box.shift(WIDTH)


def test_a_spread_is_looked_at_whole() -> None:
    picture = PagePicture(page_image(2 * WIDTH, spread=True), one_panel(2 * WIDTH))
    finder = FakeFinder()
    found = ClassicalDetector(FakeReader(), finder).detect(picture)
    assert finder.seen == [(HEIGHT, 2 * WIDTH, 3)]
    assert len(found.dialogs) == 1


def test_without_faces_the_detection_says_so() -> None:
    found = ClassicalDetector(FakeReader(), None).detect(
        PagePicture(page_image(WIDTH), one_panel())
    )
    assert found.characters == ()
    assert found.notes == ("faces_unavailable",)
    assert len(found.dialogs) == 1


def test_unsure_lines_are_a_matter_of_the_threshold() -> None:
    picture = PagePicture(page_image(WIDTH), one_panel())
    assert ClassicalDetector(FakeReader(), None, sure_from=0.98).detect(picture).dialogs == ()
