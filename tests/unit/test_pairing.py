"""Which pages face each other, by the rule that `pipeline.manga.pairing` states."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.manga.pairing import page_images
from schemas.ids import kind_of, page_id
from schemas.pages import Direction, PageImage, ScreenedPage
from schemas.profile import PairParams

SPREAD = (900, 600)


def page(
    number: int, chapter: str = "c0001", size: tuple[int, int] = (400, 600), order: int = 0
) -> ScreenedPage:
    return ScreenedPage(
        id=page_id("ink", chapter, number),
        series="ink",
        chapter=chapter,
        number=number,
        order=order or number,
        sha256=f"{number:064x}",
        width=size[0],
        height=size[1],
        chroma=0,
        ink=0.3,
        dhash="00",
    )


def paired(
    pages: list[ScreenedPage],
    direction: Direction = "rtl",
    cover: str = "paired",
    *,
    joins: bool = True,
) -> list[str]:
    params = PairParams.model_validate({"cover": cover})
    images = page_images(pages, direction, params, joins=joins)
    return [image.id.removeprefix("ink/") for image in images]


def test_first_faces_second_and_an_odd_page_is_left_alone() -> None:
    assert paired([page(n) for n in range(1, 6)]) == [
        "c0001/p001-002",
        "c0001/p003-004",
        "c0001/p005",
    ]


def test_a_cover_stands_alone_where_asked() -> None:
    pages = [page(n) for n in range(1, 6)]
    assert paired(pages, cover="alone") == ["c0001/p001", "c0001/p002-003", "c0001/p004-005"]


def test_a_spread_stays_alone_and_pairing_starts_anew_after_it() -> None:
    pages = [page(1), page(2), page(3), page(4, size=SPREAD), page(5), page(6), page(7)]
    assert paired(pages) == [
        "c0001/p001-002",
        "c0001/p003",
        "c0001/p004",
        "c0001/p005-006",
        "c0001/p007",
    ]
    assert paired([page(1, size=SPREAD), page(2), page(3)]) == ["c0001/p001", "c0001/p002-003"]
    assert paired([page(1, size=SPREAD), page(2), page(3)], cover="alone") == [
        "c0001/p001",
        "c0001/p002-003",
    ]


@pytest.mark.parametrize(
    ("dropped", "expected"),
    [
        (1, ["p002", "p003-004", "p005-006"]),
        (2, ["p001", "p003-004", "p005-006"]),
        (3, ["p001-002", "p004", "p005-006"]),
        (6, ["p001-002", "p003-004", "p005"]),
    ],
)
def test_the_partner_of_a_dropped_page_stands_alone_and_others_keep_theirs(
    dropped: int, expected: list[str]
) -> None:
    pages = [page(n) for n in range(1, 7) if n != dropped]
    assert paired(pages) == [f"c0001/{image}" for image in expected]


def test_chapters_are_paired_by_themselves() -> None:
    pages = [page(1), page(1, "c0002", order=2), page(2, "c0002", order=3)]
    assert paired(pages) == ["c0001/p001", "c0002/p001-002"]


def test_unit_single_switches_it_off() -> None:
    assert paired([page(1), page(2)], joins=False) == ["c0001/p001", "c0001/p002"]


@pytest.mark.parametrize(("direction", "left"), [("rtl", 2), ("ltr", 1)])
def test_the_first_lies_where_reading_starts(direction: Direction, left: int) -> None:
    pages = [page(1, size=(400, 600)), page(2, size=(380, 650))]
    (image,) = page_images(pages, direction, PairParams(), joins=True)
    widths = {1: 400, 2: 380}
    assert image.left_page == page_id("ink", "c0001", left)
    assert image.right_page == page_id("ink", "c0001", 3 - left)
    assert (image.left_sha256, image.right_sha256) == (f"{left:064x}", f"{3 - left:064x}")
    assert (image.x_offset, image.width, image.height) == (widths[left], 780, 650)
    assert (image.is_double, image.is_spread, image.direction) == (True, False, direction)
    assert image.order == 1


@pytest.mark.parametrize("joins", [True, False])
def test_a_page_alone(joins: bool) -> None:
    (image,) = page_images([page(1, size=SPREAD)], "rtl", PairParams(), joins=joins)
    assert (image.left_page, image.right_page, image.right_sha256) == ("ink/c0001/p001", "", "")
    assert (image.x_offset, image.width, image.height) == (0, 900, 600)
    assert (image.is_double, image.is_spread) == (False, True)


chapters = st.lists(
    st.lists(
        st.tuples(st.booleans(), st.sampled_from([(400, 600), SPREAD, (600, 600)])),
        max_size=9,
    ),
    max_size=4,
)


@given(
    chapters=chapters,
    direction=st.sampled_from(["rtl", "ltr"]),
    cover=st.sampled_from(["alone", "paired"]),
    joins=st.booleans(),
    dice=st.randoms(use_true_random=False),
)
def test_every_page_is_in_exactly_one_page_image(
    chapters: list[list[tuple[bool, tuple[int, int]]]],
    direction: Direction,
    cover: str,
    joins: bool,
    dice: object,
) -> None:
    pages = [
        page(number, f"c{chapter:04d}", size, order=100 * chapter + number)
        for chapter, inside in enumerate(chapters, start=1)
        for number, (kept, size) in enumerate(inside, start=1)
        if kept
    ]
    params = PairParams.model_validate({"cover": cover})
    images = page_images(pages, direction, params, joins=joins)
    shuffled = list(pages)
    dice.shuffle(shuffled)  # type: ignore[attr-defined]
    assert page_images(shuffled, direction, params, joins=joins) == images

    assert sorted(each for image in images for each in image.pages) == sorted(p.id for p in pages)
    assert [image.order for image in images] == sorted(image.order for image in images)
    assert len({image.id for image in images}) == len(images)
    known = {each.id: each for each in pages}
    for image in images:
        check(image, known, direction)
        assert joins or not image.is_double


def check(image: PageImage, known: dict[str, ScreenedPage], direction: str) -> None:
    assert kind_of(image.id) in ("page", "page_image")
    members = [known[each] for each in image.pages]
    assert image.width == sum(each.width for each in members)
    assert image.height == max(each.height for each in members)
    if image.is_double:
        first, second = members[::-1] if direction == "rtl" else members
        assert (second.number, second.chapter) == (first.number + 1, first.chapter)
        assert image.x_offset == members[0].width
        assert all(each.width < 1.15 * each.height for each in members)
