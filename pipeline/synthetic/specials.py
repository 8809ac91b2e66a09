"""Pages that a screen must judge: they make up one more chapter of a series with `specials`.

Order: a credits page, a plain page, its exact copy, its near copy (encoded again and
smaller), a truncated file, a near-blank page, a spread in one file, a colour page.
"""

from __future__ import annotations

import io
from random import Random
from typing import Final

from PIL import Image, ImageChops, ImageDraw

from pipeline.synthetic.lettering import font
from pipeline.synthetic.spec import SeriesSpec
from schemas.truth import TruthPage

SPECIALS: Final = (
    "credits",
    "original",
    "duplicate",
    "near_duplicate",
    "truncated",
    "blank",
    "spread",
    "colour",
)
"""What each page of the chapter of specials is, from page 1; also its flag in the truth."""

_CREDITS: Final = {
    "ja": ("スタッフ", "翻訳 みなと", "写植 ひばり", "清書 こずえ", "読者募集中！"),
    "en": ("SCANS BY NOBODY", "TRANSLATOR: FINCH", "TYPESETTER: WREN", "CLEANER: ROBIN"),
}


def special_chapter(spec: SeriesSpec) -> str:
    """The chapter that holds the specials: the one after the last."""
    return f"c{spec.chapters + 1:04d}"


def special_at(spec: SeriesSpec, chapter: str, number: int) -> str:
    """What a page is; empty for an ordinary one."""
    if not spec.specials or chapter != special_chapter(spec):
        return ""
    return SPECIALS[number - 1]


def credits_page(spec: SeriesSpec) -> Image.Image:
    """A page of names, as scanning groups add them."""
    page = Image.new("L", (spec.page_width, spec.page_height), 255)
    ink = ImageDraw.Draw(page)
    width, height = page.size
    ink.rectangle((0, 0, width, height // 5), fill=30)
    for index, line in enumerate(_CREDITS[spec.language]):
        size = width // 12 if index == 0 else width // 22
        y = height * (0.1 if index == 0 else 0.24 + 0.11 * index)
        grey = 255 if index == 0 else 0
        ink.text((width / 2, y), line, grey, font(spec.language, size), anchor="mm")
    return page


def blank_page(spec: SeriesSpec) -> Image.Image:
    """Empty paper with a page number and a few specks."""
    page = Image.new("L", (spec.page_width, spec.page_height), 252)
    ink = ImageDraw.Draw(page)
    dice = Random(spec.seed)
    for _ in range(6):
        ink.point((dice.randrange(page.width), dice.randrange(page.height)), 120)
    size = page.width // 50
    ink.text((page.width / 2, page.height * 0.97), "64", 60, font("en", size), anchor="mm")
    return page


_TINTS: Final = (
    (255, 196, 170),
    (170, 214, 255),
    (196, 240, 180),
    (255, 232, 150),
    (232, 190, 250),
)


def coloured(page: Image.Image, truth: TruthPage) -> Image.Image:
    """A grey page in RGB, each panel under a wash of its own colour."""
    wash = Image.new("RGB", page.size, (255, 248, 236))
    for index, panel in enumerate(truth.panels):
        wash.paste(_TINTS[index % len(_TINTS)], panel.box)
    return ImageChops.multiply(page.convert("RGB"), wash)


def encoded_again(original: bytes) -> bytes:
    """The same picture as a JPEG of quality 60 at nine tenths of its size."""
    with Image.open(io.BytesIO(original)) as picture:
        smaller = picture.resize((round(picture.width * 0.9), round(picture.height * 0.9)))
    target = io.BytesIO()
    smaller.save(target, "JPEG", quality=60)
    return target.getvalue()
