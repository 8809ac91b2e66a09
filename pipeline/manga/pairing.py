"""Which pages face each other. A view: no pixel is touched.

The rule. Within a chapter, page numbers run on from 1 and spreads are double already, so the
pages between two spreads form a run; in a run the first faces the second, the third the
fourth, and so on. Where `cover` is "alone", the first page of the chapter stands by itself and
pairing starts after it. A page whose partner was dropped, or that is left over before a spread
or at the end of its chapter, stands alone: two pages that never faced each other are not joined.
In a right-to-left series the first of the two lies on the right, otherwise on the left.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import groupby

from schemas.ids import page_image_id
from schemas.pages import Direction, PageImage, ScreenedPage
from schemas.profile import PairParams


def page_images(
    pages: Sequence[ScreenedPage], direction: Direction, params: PairParams, *, joins: bool
) -> list[PageImage]:
    """The page images of one series, in reading order. `joins` False leaves each page alone."""
    ordered = sorted(pages, key=lambda page: page.order)
    images: list[PageImage] = []
    for _, chapter in groupby(ordered, key=lambda page: page.chapter):
        for group in _groups(list(chapter), params, joins=joins):
            images.append(_page_image(group, direction, params))
    return images


def is_spread(page: ScreenedPage, params: PairParams) -> bool:
    """Whether one file already shows a double page."""
    return page.width >= params.spread_ratio * page.height


def _groups(
    chapter: Sequence[ScreenedPage], params: PairParams, *, joins: bool
) -> list[tuple[ScreenedPage, ...]]:
    groups: list[tuple[ScreenedPage, ...]] = []
    run_start = 1 + (params.cover == "alone")
    for page in chapter:
        if not joins or is_spread(page, params):
            groups.append((page,))
            run_start = page.number + 1
        elif groups and _faces(groups[-1], page, run_start):
            groups[-1] = (*groups[-1], page)
        else:
            groups.append((page,))
    return groups


def _faces(group: tuple[ScreenedPage, ...], page: ScreenedPage, run_start: int) -> bool:
    first = group[-1]
    position = first.number - run_start
    return (
        len(group) == 1 and page.number == first.number + 1 and position >= 0 and position % 2 == 0
    )


def _page_image(
    group: tuple[ScreenedPage, ...], direction: Direction, params: PairParams
) -> PageImage:
    first, second = group[0], (group[1] if len(group) > 1 else None)
    left, right = (second, first) if second and direction == "rtl" else (first, second)
    return PageImage(
        id=page_image_id(first.id, second.id if second else None),
        series=first.series,
        chapter=first.chapter,
        order=first.order,
        left_page=left.id,
        right_page=right.id if right else "",
        left_sha256=left.sha256,
        right_sha256=right.sha256 if right else "",
        x_offset=left.width if right else 0,
        width=left.width + (right.width if right else 0),
        height=max(left.height, right.height if right else 0),
        is_spread=is_spread(first, params) if second is None else False,
        direction=direction,
    )
