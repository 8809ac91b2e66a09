"""A drawn series: its cast, its page keys, and any page on demand."""

from __future__ import annotations

from dataclasses import dataclass, replace

from PIL import Image

from pipeline.synthetic.cast import CastMember, cast_of
from pipeline.synthetic.degrade import encoded, wear_of, worn
from pipeline.synthetic.layout import layout_of
from pipeline.synthetic.page import draw_page
from pipeline.synthetic.pen import FINE
from pipeline.synthetic.sheet import Sheet
from pipeline.synthetic.spec import SeriesSpec
from pipeline.synthetic.specials import (
    SPECIALS,
    blank_page,
    coloured,
    credits_page,
    encoded_again,
    special_at,
    special_chapter,
)
from pipeline.synthetic.staging import scenes_of, setting_of
from pipeline.synthetic.truth import TruthDraft, scaled
from pipeline.synthetic.twists import twisted
from schemas.truth import TruthPage


@dataclass(frozen=True, slots=True)
class DrawnPage:
    """A page's file and what is on it. `truth.page` is "c0001/p003"; boxes in page pixels."""

    chapter: str
    number: int
    png_or_jpeg: bytes
    media_type: str
    truth: TruthPage


class SyntheticSeries:
    """Draws the pages of one spec, each alone and in any order; nothing is kept between calls."""

    def __init__(self, spec: SeriesSpec) -> None:
        self.spec = spec
        self.cast: tuple[CastMember, ...] = cast_of(spec)
        self._keys = frozenset(self.page_keys())

    def page_keys(self) -> list[tuple[str, int]]:
        """All (chapter, number) in reading order, the chapter of specials last."""
        keys = [
            (f"c{chapter:04d}", number)
            for chapter in range(1, self.spec.chapters + 1)
            for number in range(1, self.spec.pages_per_chapter + 1)
        ]
        if self.spec.specials:
            keys += [(special_chapter(self.spec), i + 1) for i in range(len(SPECIALS))]
        return keys

    def draw(self, chapter: str, number: int) -> DrawnPage:
        """The page's file with its truth. Raises KeyError for a page that the series has not."""
        special = self._special(chapter, number)
        if special in ("duplicate", "near_duplicate"):
            original = self.draw(chapter, SPECIALS.index("original") + 1)
            data, media = original.png_or_jpeg, original.media_type
            if special == "near_duplicate":
                data, media = encoded_again(data), "image/jpeg"
            return DrawnPage(chapter, number, data, media, self.truth(chapter, number))
        truth, page, quality = self._drawn(chapter, number, special)
        data, media = encoded(page, quality)
        if special == "truncated":
            data = data[: len(data) * 3 // 5]
        return DrawnPage(chapter, number, data, media, truth)

    def truth(self, chapter: str, number: int) -> TruthPage:
        """The truth that `draw` gives, without drawing."""
        special = self._special(chapter, number)
        page = f"{chapter}/p{number:03d}"
        if special in ("duplicate", "near_duplicate"):
            original = self.truth(chapter, SPECIALS.index("original") + 1)
            truth = original.model_copy(update={"page": page, "flags": (*original.flags, special)})
            return scaled(truth, 0.9) if special == "near_duplicate" else truth
        if special in ("credits", "blank", "truncated"):
            size = (self.spec.page_width, self.spec.page_height)
            return TruthDraft(*size, self.spec.direction, flags=[special]).finished(page, 0.0)
        return self._composed(chapter, number, special, None)[0]

    def digest(self, chapter: str, number: int) -> str:
        """A hash that changes whenever the drawing of this page could; needs no drawing.

        The length of the series is no part of it: a longer one draws its first pages alike.
        """
        one_page = replace(self.spec, chapters=1, pages_per_chapter=1, specials=False)
        return one_page.fingerprint(chapter, number, special_at(self.spec, chapter, number))

    def _special(self, chapter: str, number: int) -> str:
        if (chapter, number) not in self._keys:
            raise KeyError(f"{self.spec.slug} has no page {chapter}/p{number:03d}")
        return special_at(self.spec, chapter, number)

    def _drawn(self, chapter: str, number: int, special: str) -> tuple[TruthPage, Image.Image, int]:
        """Truth, picture and JPEG quality (0: PNG) of a page."""
        wear = wear_of(self.spec, chapter, number)
        if special in ("credits", "blank"):
            page = (credits_page if special == "credits" else blank_page)(self.spec)
            return self.truth(chapter, number), page, wear.quality
        width = self._width(special)
        canvas = Image.new("L", (width * FINE, self.spec.page_height * FINE), 255)
        truth, paper = self._composed(chapter, number, special, canvas)
        page = worn(canvas.reduce(FINE), wear, paper, number)
        if special == "truncated":
            truth = self.truth(chapter, number)
        elif special == "colour":
            page = coloured(page, truth)
        return truth, page, wear.quality

    def _composed(
        self, chapter: str, number: int, special: str, canvas: Image.Image | None
    ) -> tuple[TruthPage, int]:
        """Stage a page and draw it on the canvas, if any; its truth and its paper's grey."""
        spec = self.spec
        size = (self._width(special), spec.page_height)
        layout = layout_of(spec, *size, chapter, number)
        layout = twisted(spec, layout, size, spec.dice("twists", chapter, number))
        setting = setting_of(spec, self.cast, chapter, number)
        scenes = scenes_of(layout, setting, size, number)
        flags = [*layout.flags, *([special] if special not in ("", "original") else [])]
        draft = TruthDraft(*size, spec.direction, flags=flags)
        draw_page(Sheet(canvas, draft, setting, number), layout, scenes)
        tilt = wear_of(spec, chapter, number).tilt
        return draft.finished(f"{chapter}/p{number:03d}", tilt), layout.paper

    def _width(self, special: str) -> int:
        return self.spec.page_width * (2 if special == "spread" else 1)
