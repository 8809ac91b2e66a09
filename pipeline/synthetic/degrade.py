"""What scanning and compression do to a drawn page, by hardness 0 to 3."""

from __future__ import annotations

import io
from dataclasses import dataclass
from random import Random

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageFilter

from pipeline.synthetic.spec import SeriesSpec


@dataclass(frozen=True, slots=True)
class Wear:
    """How a page is worn. `quality` 0 means PNG; `tilt` in degrees counter-clockwise."""

    quality: int = 0
    tilt: float = 0.0
    blur: float = 0.0
    paper: int = 255
    ink: int = 0
    salt: float = 0.0
    gutter_shadow: bool = False


def wear_of(spec: SeriesSpec, chapter: str, number: int) -> Wear:
    """The wear of one page; level 0 has none."""
    dice = spec.dice("wear", chapter, number)
    if spec.hardness == 0:
        return Wear()
    if spec.hardness == 1:
        return Wear(quality=dice.randint(88, 95), paper=dice.randint(250, 255))
    if spec.hardness == 2:
        return Wear(
            quality=dice.randint(70, 88),
            tilt=_tilt(dice, 0.4, 0.3, 0.7),
            blur=dice.uniform(0.0, 0.5),
            paper=dice.randint(236, 255),
            ink=dice.randint(0, 25),
        )
    return Wear(
        quality=dice.randint(40, 75),
        tilt=_tilt(dice, 0.6, 0.5, 2.0),
        blur=dice.uniform(0.2, 0.8),
        paper=dice.randint(205, 245),
        ink=dice.randint(5, 50),
        salt=dice.choice((0.0, 0.0005, 0.0015)),
        gutter_shadow=dice.random() < 0.5,
    )


def _tilt(dice: Random, chance: float, least: float, most: float) -> float:
    degrees = dice.uniform(least, most) * dice.choice((-1, 1))
    return degrees if dice.random() < chance else 0.0


def worn(page: Image.Image, wear: Wear, paper: int, seed: int) -> Image.Image:
    """The page after wear; `paper` is the grey at its edges before, `seed` places the salt."""
    if wear.tilt:
        page = page.rotate(wear.tilt, Image.Resampling.BILINEAR, fillcolor=paper)
    if wear.blur > 0.15:
        page = page.filter(ImageFilter.GaussianBlur(wear.blur))
    if (wear.paper, wear.ink) != (255, 0):
        span = wear.paper - wear.ink
        page = page.point([wear.ink + span * level // 255 for level in range(256)])
    if wear.gutter_shadow or wear.salt:
        page = Image.fromarray(_soiled(np.asarray(page), wear, seed))
    return page


def _soiled(pixels: NDArray[np.uint8], wear: Wear, seed: int) -> NDArray[np.uint8]:
    """Salt, pepper, and the shadow of the binding along one side. Grey, height x width."""
    rng = np.random.default_rng(seed)
    soiled = pixels.copy()
    height, width = pixels.shape
    if wear.gutter_shadow:
        depth = max(8, width // 14)
        shade = np.linspace(0.55, 1.0, depth, dtype=np.float32)
        strip = soiled[:, :depth] if seed % 2 else soiled[:, ::-1][:, :depth]
        strip[:] = (strip * shade).astype(np.uint8)
    grains = int(wear.salt * pixels.size)
    if grains:
        ys, xs = rng.integers(0, height, grains), rng.integers(0, width, grains)
        soiled[ys, xs] = rng.choice(np.array([0, 255], dtype=np.uint8), grains)
    return soiled


def encoded(page: Image.Image, quality: int) -> tuple[bytes, str]:
    """The page as a file and its media type: PNG at quality 0, else JPEG."""
    target = io.BytesIO()
    if quality == 0:
        page.save(target, "PNG", compress_level=1)
        return target.getvalue(), "image/png"
    page.save(target, "JPEG", quality=quality)
    return target.getvalue(), "image/jpeg"
