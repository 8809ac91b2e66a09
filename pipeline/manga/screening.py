"""Measures of a page and the decisions that rest on them: pure, cheap, in reading order."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

import cv2
import numpy as np

from schemas.pages import ScreenedPage
from schemas.pixels import Pixels
from schemas.profile import ScreenParams

_HASH_SIDE = 16
_MEASURE_SIDE = 256

MAX_SIDE_PX = 16_383
"""Two pages of this width, joined, still fit the 16-bit columns of boxes."""


class DropReason(StrEnum):
    """Why a page does not go on."""

    UNDECODABLE = "undecodable"
    TRUNCATED = "truncated"
    BOMB = "decompression_bomb"
    TINY = "tiny"
    STRIP = "vertical_strip"
    OVERSIZED = "oversized"
    BLANK = "near_blank"
    COLOUR = "colour"
    EXACT_DUPLICATE = "exact_duplicate"
    NEAR_DUPLICATE = "near_duplicate"
    BOILERPLATE = "repeated_in_chapters"
    TAKEN_DOWN = "taken_down"
    GONE = "gone_at_source"


@dataclass(frozen=True, slots=True)
class Measures:
    """chroma and ink are 0 to 1; dhash has 256 bits, hexadecimal."""

    chroma: float
    ink: float
    dhash: str


def measure(pixels: Pixels) -> Measures:
    """Takes the measures on a copy shrunk to 256 x 256."""
    small = _shrunk(pixels, _MEASURE_SIDE, _MEASURE_SIDE)
    grey = np.asarray(cv2.cvtColor(small, cv2.COLOR_RGB2GRAY), dtype=np.uint8)
    return Measures(round(_chroma(small), 5), round(_ink(grey), 5), _dhash(grey))


def _shrunk(pixels: Pixels, width: int, height: int) -> Pixels:
    resized = cv2.resize(pixels, (width, height), interpolation=cv2.INTER_AREA)
    return np.asarray(resized, dtype=np.uint8)


def _chroma(small: Pixels) -> float:
    """Mean distance of the colour differences from the page's own tint, so that a yellowed
    scan counts as grey."""
    rgb = small.astype(np.float32)
    differences = np.stack([rgb[..., 0] - rgb[..., 1], rgb[..., 2] - rgb[..., 1]], axis=-1)
    tint = np.median(differences, axis=(0, 1))
    return float(np.abs(differences - tint).mean() / 255)


def _ink(grey: Pixels) -> float:
    """Share of pixels further than a third of the range from the page's commonest tone, which
    is paper on a white page and the ground on a black one."""
    paper = float(np.median(grey))
    return float((np.abs(grey.astype(np.float32) - paper) > 85).mean())


def _dhash(grey: Pixels) -> str:
    """Difference hash: is each cell of a 16 x 17 grid brighter than its left neighbour."""
    cells = _shrunk(grey, _HASH_SIDE + 1, _HASH_SIDE)
    bits = cells[:, 1:] > cells[:, :-1]
    return np.packbits(bits.reshape(-1)).tobytes().hex()


def reason_to_drop(
    page: ScreenedPage, params: ScreenParams, *, keeps_colour: bool
) -> tuple[DropReason, str] | None:
    """The first reason that the page alone gives, with the measure that gave it; None if none."""
    size = f"{page.width} x {page.height} px"
    if min(page.width, page.height) < params.min_side_px:
        return DropReason.TINY, f"{size}, a side under {params.min_side_px}"
    if page.height > params.strip_ratio * page.width:
        return DropReason.STRIP, f"{size}, higher than {params.strip_ratio} times its width"
    if max(page.width, page.height) > MAX_SIDE_PX:
        return DropReason.OVERSIZED, f"{size}, a side over {MAX_SIDE_PX}"
    if page.ink < params.blank_ink:
        return DropReason.BLANK, f"ink {page.ink} under {params.blank_ink}"
    if page.chroma > params.colour_chroma and not keeps_colour:
        return DropReason.COLOUR, f"chroma {page.chroma} over {params.colour_chroma}"
    return None


def boilerplate(
    pages: Sequence[ScreenedPage], min_chapters: int
) -> dict[str, tuple[DropReason, str]]:
    """Page id -> (reason, detail) for pictures that stand in so many chapters or more: a
    translator's credits or an advertisement, and no page of the story."""
    chapters: dict[str, set[str]] = {}
    for page in pages:
        chapters.setdefault(page.sha256, set()).add(page.chapter)
    return {
        page.id: (DropReason.BOILERPLATE, f"the same picture is in {n} chapters")
        for page in pages
        if (n := len(chapters[page.sha256])) >= min_chapters
    }


def duplicates(pages: Sequence[ScreenedPage], max_bits: int) -> dict[str, tuple[DropReason, str]]:
    """Page id -> (reason, the earlier page it repeats). The first in reading order stays."""
    ordered = sorted(pages, key=lambda page: page.order)
    first_with: dict[str, str] = {}
    kept_ids: list[str] = []
    kept_bits = np.zeros((len(ordered), _HASH_SIDE * _HASH_SIDE), dtype=np.uint8)
    found: dict[str, tuple[DropReason, str]] = {}
    for page in ordered:
        bits = np.unpackbits(np.frombuffer(bytes.fromhex(page.dhash), dtype=np.uint8))
        distances = (kept_bits[: len(kept_ids)] != bits).sum(axis=1)
        if page.sha256 in first_with:
            found[page.id] = (DropReason.EXACT_DUPLICATE, first_with[page.sha256])
        elif len(distances) and distances.min() <= max_bits:
            found[page.id] = (DropReason.NEAR_DUPLICATE, kept_ids[int(distances.argmin())])
        else:
            first_with[page.sha256] = page.id
            kept_bits[len(kept_ids)] = bits
            kept_ids.append(page.id)
    return found
