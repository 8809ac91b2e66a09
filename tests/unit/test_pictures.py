"""Bytes to pixels: broken files are told apart, bombs are not opened, odd modes become RGB."""

from __future__ import annotations

import io
import tracemalloc
from typing import Any

import numpy as np
import pytest
from PIL import Image

from pipeline.manga.pictures import decode, encode_jpeg, join, media_type_of, probe
from schemas.pages import Defect
from tests.support.pictures import png_that_declares

MAX_PIXELS = 10**6


def encoded(image: Image.Image, kind: str, **options: Any) -> bytes:
    stream = io.BytesIO()
    image.save(stream, kind, **options)
    return stream.getvalue()


def noise(width: int = 120, height: int = 90) -> Image.Image:
    dice = np.random.default_rng(3)
    return Image.fromarray(dice.integers(0, 256, (height, width, 3), dtype=np.uint8))


def test_a_declared_bomb_is_never_decoded() -> None:
    tracemalloc.start()
    facts = probe(png_that_declares(100_000, 100_000), MAX_PIXELS)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert (facts.width, facts.height, facts.defect) == (100_000, 100_000, Defect.BOMB)
    assert facts.media_type == "image/png"
    assert peak < 10**6


def test_the_limit_on_pixels_is_exact() -> None:
    content = encoded(noise(), "PNG")
    assert probe(content, 120 * 90).defect is Defect.NONE
    assert probe(content, 120 * 90 - 1).defect is Defect.BOMB


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP", "GIF", "BMP", "TIFF"])
def test_whole_pictures_pass_and_cut_ones_are_told(kind: str) -> None:
    content = encoded(noise(), kind)
    facts = probe(content, MAX_PIXELS)
    assert (facts.width, facts.height, facts.defect) == (120, 90, Defect.NONE)
    assert facts.media_type == media_type_of(content) == f"image/{kind.lower()}"
    cut = probe(content[: len(content) // 2], MAX_PIXELS)
    assert cut.defect in (Defect.TRUNCATED, Defect.UNDECODABLE)
    if kind in ("JPEG", "PNG", "BMP"):
        assert cut.defect is Defect.TRUNCATED


@pytest.mark.parametrize(
    "content",
    [b"", b"GIF89a", b"\xff\xd8\xff", b"<html></html>", b"\x89PNG\r\n\x1a\n", bytes(5000)],
    ids=repr,
)
def test_what_is_no_picture_is_undecodable(content: bytes) -> None:
    facts = probe(content[:20] if content == bytes(5000) else content, MAX_PIXELS)
    assert facts.defect is Defect.UNDECODABLE
    assert (facts.width, facts.height) == (0, 0)


def test_damage_inside_is_a_defect() -> None:
    content = bytearray(encoded(noise(), "PNG"))
    content[len(content) // 2 : len(content) // 2 + 40] = b"\0" * 40
    assert probe(bytes(content), MAX_PIXELS).defect is not Defect.NONE


def test_colour_is_kept_and_grey_spreads_over_the_channels() -> None:
    assert (decode(encoded(noise(), "PNG")) == np.asarray(noise())).all()
    grey = decode(encoded(noise().convert("L"), "PNG"))
    assert grey.shape == (90, 120, 3)
    assert (grey == grey[..., :1]).all()


@pytest.mark.parametrize("mode", ["RGBA", "LA"])
def test_transparency_lies_on_white_paper(mode: str) -> None:
    page = Image.new(mode, (4, 2), (0,) * len(mode))
    page.putpixel((1, 1), (9,) * (len(mode) - 1) + (255,))
    pixels = decode(encoded(page, "PNG"))
    assert pixels[0, 0].tolist() == [255, 255, 255]
    assert pixels[1, 1].tolist() == [9, 9, 9]


def test_a_palette_with_transparency_lies_on_white_paper() -> None:
    page = Image.new("P", (4, 2), 0)
    page.putpalette([200, 0, 0, 0, 90, 0])
    page.putpixel((1, 1), 1)
    for transparency in (0, bytes([0, 255])):
        pixels = decode(encoded(page, "PNG", transparency=transparency))
        assert pixels[0, 0].tolist() == [255, 255, 255]
        assert pixels[1, 1].tolist() == [0, 90, 0]


def test_cmyk_looks_as_on_paper() -> None:
    pixels = decode(encoded(Image.new("CMYK", (8, 8), (0, 0, 0, 0)), "JPEG"))
    assert pixels.min() > 250
    pixels = decode(encoded(Image.new("CMYK", (8, 8), (0, 0, 0, 255)), "JPEG"))
    assert pixels.max() < 5


@pytest.mark.parametrize("kind", ["PNG", "TIFF"])
def test_sixteen_bit_grey_keeps_its_tones(kind: str) -> None:
    ramp = np.linspace(0, 65535, 256).astype(np.uint16)[None, :].repeat(3, axis=0)
    pixels = decode(encoded(Image.fromarray(ramp), kind))
    assert np.abs(pixels[0, :, 0].astype(int) - np.arange(256)).max() <= 1
    assert (pixels == pixels[..., :1]).all()


def test_float_grey_keeps_its_tones() -> None:
    ramp = np.linspace(0, 1, 256, dtype=np.float32)[None, :].repeat(3, axis=0)
    pixels = decode(encoded(Image.fromarray(ramp), "TIFF"))
    assert np.abs(pixels[0, :, 0].astype(int) - np.arange(256)).max() <= 1


def test_one_bit_pages_are_black_and_white() -> None:
    page = Image.new("1", (4, 4), 1)
    page.putpixel((0, 0), 0)
    pixels = decode(encoded(page, "PNG"))
    assert pixels[0, 0, 0] == 0
    assert pixels[1, 1, 0] == 255


def test_a_turned_photo_is_left_as_its_bytes_are() -> None:
    exif = Image.Exif()
    exif[0x0112] = 6
    assert decode(encoded(noise(), "JPEG", exif=exif)).shape == (90, 120, 3)


def test_pages_join_tops_aligned_on_black() -> None:
    left = np.full((2, 3, 3), 10, dtype=np.uint8)
    right = np.full((4, 2, 3), 20, dtype=np.uint8)
    joined = join(left, right)
    assert joined.shape == (4, 5, 3)
    assert joined[0, :, 0].tolist() == [10, 10, 10, 20, 20]
    assert joined[3, :, 0].tolist() == [0, 0, 0, 20, 20]


def test_encoding_is_repeatable_and_grey_where_the_picture_is() -> None:
    grey = decode(encoded(noise().convert("L"), "PNG"))
    content = encode_jpeg(grey)
    assert content == encode_jpeg(grey.copy())
    with Image.open(io.BytesIO(content)) as image:
        assert image.mode == "L"
        assert np.abs(np.asarray(image).astype(int) - grey[..., 0]).mean() < 3
    with Image.open(io.BytesIO(encode_jpeg(np.asarray(noise())))) as image:
        assert image.mode == "RGB"
