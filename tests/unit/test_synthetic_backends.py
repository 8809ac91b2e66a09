"""The oracle scores 1.0, the random detector near chance, and a shuffle hurts identities only."""

from __future__ import annotations

import numpy as np

from pipeline.manga.metrics import b_cubed, box_score
from pipeline.ports.protocols import Detector, PagePicture
from pipeline.synthetic.backends import OracleDetector, RandomDetector, ShuffledIdentities
from pipeline.synthetic.series import SyntheticSeries
from pipeline.synthetic.spec import SeriesSpec
from schemas.boxes import Box
from schemas.pages import PageImage
from schemas.truth import TruthPage

SPEC = SeriesSpec("ends", seed=3, chapters=1, pages_per_chapter=10, hardness=2)
SERIES = SyntheticSeries(SPEC)


def truth_of(page: str) -> TruthPage:
    _, chapter, number = page.split("/")
    return SERIES.truth(chapter, int(number[1:]))


def double_page(right: int, left: int) -> PagePicture:
    """Two pages as a right-to-left double page."""
    pixels = np.zeros((SPEC.page_height, SPEC.page_width, 3), np.uint8)
    image = PageImage(
        id=f"ends/c0001/p{right:03d}-{left:03d}",
        series="ends",
        chapter="c0001",
        order=0,
        left_page=f"ends/c0001/p{left:03d}",
        right_page=f"ends/c0001/p{right:03d}",
        left_sha256="0" * 64,
        right_sha256="0" * 64,
        x_offset=SPEC.page_width,
        width=2 * SPEC.page_width,
        height=SPEC.page_height,
        is_spread=False,
        direction="rtl",
    )
    return PagePicture(image, pixels, pixels)


PICTURES = [double_page(n, n + 1) for n in (1, 3, 5, 7, 9)]


def true_boxes(picture: PagePicture, kind: str) -> list[Box]:
    image = picture.page_image
    left, right = truth_of(image.left_page), truth_of(image.right_page)
    parts = {
        truth.page: [p for p in getattr(truth, kind) if getattr(p, "kind", "") != "sign"]
        for truth in (left, right)
    }
    return [p.box for p in parts[left.page]] + [
        p.box.shift(image.x_offset) for p in parts[right.page]
    ]


def f1_of(detector: Detector, kind: str) -> float:
    scores = [
        box_score(
            [found.box for found in getattr(detector.detect(picture), kind)],
            true_boxes(picture, kind),
            0.5,
        )
        for picture in PICTURES
    ]
    return sum(scores[1:], scores[0]).f1


def test_oracle_finds_everything_on_both_halves() -> None:
    oracle = OracleDetector(truth_of)
    assert [f1_of(oracle, kind) for kind in ("panels", "characters", "dialogs")] == [1.0] * 3


def test_oracle_moves_faces_and_text_with_the_right_page() -> None:
    for picture in PICTURES:
        found = OracleDetector(truth_of).detect(picture)
        faces = [c for c in found.characters if c.face is not None]
        assert faces
        assert all(c.face and c.face.share_inside(c.box) > 0.97 for c in faces)
        assert all(d.text_box.share_inside(d.box) > 0.9 for d in found.dialogs)


def test_random_is_near_chance_and_repeatable() -> None:
    detector = RandomDetector(1)
    assert max(f1_of(detector, kind) for kind in ("panels", "characters", "dialogs")) < 0.15
    assert detector.detect(PICTURES[0]) == RandomDetector(1).detect(PICTURES[0])
    assert detector.detect(PICTURES[0]) != RandomDetector(2).detect(PICTURES[0])
    assert detector.detect(PICTURES[0]) != detector.detect(PICTURES[1])


def test_shuffled_identities_keep_the_boxes_and_lose_the_names() -> None:
    shuffled = ShuffledIdentities(truth_of, [member.identity for member in SERIES.cast], seed=4)
    pages = [f"ends/c0001/p{n:03d}" for n in range(1, 11)]
    before = [c for page in pages for c in truth_of(page).characters]
    after = [c for page in pages for c in shuffled(page).characters]
    assert [c.box for c in before] == [c.box for c in after]
    names = [c.identity for c in before]
    assert b_cubed(names, names)[2] == 1.0
    assert b_cubed([c.identity for c in after], names)[2] < 0.5
