"""What a drawn series is made from: a few numbers from which every page follows."""

from __future__ import annotations

import hashlib
import random
from dataclasses import astuple, dataclass

from schemas.pages import Direction

GENERATOR_VERSION = "1"
"""Part of every digest: raise it whenever a drawing could change."""


@dataclass(frozen=True, slots=True)
class SeriesSpec:
    """One series to draw. Page sizes in pixels of a single page; hardness 0 (clean) to 3.

    `language` "ja" letters mostly in columns, "en" in rows. `specials` replaces some
    pages by those that a screen must judge; each is flagged in its truth.
    """

    slug: str
    seed: int
    chapters: int
    pages_per_chapter: int
    direction: Direction = "rtl"
    language: str = "ja"
    hardness: int = 0
    page_width: int = 700
    page_height: int = 1000
    specials: bool = False

    def __post_init__(self) -> None:
        if not 0 <= self.hardness <= 3:
            raise ValueError(f"hardness of {self.slug} is {self.hardness}; it goes from 0 to 3")
        if self.language not in ("ja", "en"):
            raise ValueError(f"language of {self.slug} is {self.language!r}; known: ja, en")
        if min(self.page_width, self.page_height) < 300:
            raise ValueError(f"pages of {self.slug} are under 300 pixels; too small to letter")

    def fingerprint(self, *purpose: object) -> str:
        """A sha256 in hex over the generator, this spec and a purpose."""
        told = "|".join(map(str, (GENERATOR_VERSION, *astuple(self), *purpose)))
        return hashlib.sha256(told.encode()).hexdigest()

    def dice(self, *purpose: object) -> random.Random:
        """Random numbers for one purpose, the same whatever else was drawn before.

        They do not depend on hardness, size or length, so that the cast of a series and
        its layouts stay the same when only those change.
        """
        told = "|".join(map(str, (self.seed, self.slug, *purpose)))
        return random.Random(int(hashlib.sha256(told.encode()).hexdigest()[:16], 16))
