"""Bytes to pixels, and pages joined: pure functions, no file is touched.

EXIF orientation is left alone on purpose: the shards carry the original bytes, and boxes must
fit what a trainer's decoder gives for them.
"""

from __future__ import annotations

import io
import struct
import zlib
from dataclasses import dataclass

import numpy as np
from PIL import Image, UnidentifiedImageError

from schemas.pages import Defect
from schemas.pixels import Pixels

Image.MAX_IMAGE_PIXELS = None  # `probe` refuses by declared size itself, before any decoding

_BROKEN = (OSError, SyntaxError, ValueError, EOFError, IndexError, struct.error, zlib.error)
"""What Pillow's decoders raise for bytes that are not a whole picture."""

JPEG_QUALITY = 95


@dataclass(frozen=True, slots=True)
class Probe:
    """What a file says of itself, and whether it is a whole picture. Size in pixels."""

    width: int
    height: int
    media_type: str
    defect: Defect


def probe(content: bytes, max_pixels: int) -> Probe:
    """Reads the header, refuses bombs, then decodes everything once."""
    try:
        image = Image.open(io.BytesIO(content))
    except (*_BROKEN, UnidentifiedImageError):
        return Probe(0, 0, "application/octet-stream", Defect.UNDECODABLE)
    width, height = image.size
    media_type = Image.MIME.get(image.format or "", "application/octet-stream")
    if width * height > max_pixels:
        return Probe(width, height, media_type, Defect.BOMB)
    try:
        image.load()
    except _BROKEN as error:
        is_cut = "truncated" in str(error) or isinstance(error, EOFError)
        return Probe(width, height, media_type, Defect.TRUNCATED if is_cut else Defect.UNDECODABLE)
    return Probe(width, height, media_type, Defect.NONE)


def decode(content: bytes) -> Pixels:
    """RGB pixels, height x width x 3. Transparency is laid on white paper.

    The bytes must have passed `probe`.
    """
    image = _eight_bit(Image.open(io.BytesIO(content)))
    if image.mode in ("RGBA", "LA", "PA") or "transparency" in image.info:
        clear = image.convert("RGBA")
        paper = Image.new("RGBA", clear.size, "white")
        return np.asarray(Image.alpha_composite(paper, clear).convert("RGB"))
    return np.asarray(image.convert("RGB"))


def _eight_bit(image: Image.Image) -> Image.Image:
    """Deep grey (16 or 32 bits, or float) scaled to 8; Pillow's own conversion clips it white."""
    if not image.mode.startswith(("I", "F")):
        return image
    deep = np.asarray(image, dtype=np.float64)
    white = 65535.0 if image.mode.startswith("I") else max(1.0, float(deep.max()))
    return Image.fromarray(np.clip(np.round(deep / white * 255), 0, 255).astype(np.uint8))


def join(left: Pixels, right: Pixels) -> Pixels:
    """Two pages side by side, tops aligned, on black where one is shorter."""
    height = max(left.shape[0], right.shape[0])
    joined = np.zeros((height, left.shape[1] + right.shape[1], 3), dtype=np.uint8)
    joined[: left.shape[0], : left.shape[1]] = left
    joined[: right.shape[0], left.shape[1] :] = right
    return joined


def encode_jpeg(pixels: Pixels) -> bytes:
    """JPEG with fixed settings; grey where the picture is. The same pixels give the same bytes
    for a given Pillow."""
    is_grey = bool((pixels[..., :1] == pixels).all())
    image = Image.fromarray(pixels[..., 0] if is_grey else pixels)
    stream = io.BytesIO()
    image.save(stream, "JPEG", quality=JPEG_QUALITY, subsampling=0, optimize=False)
    return stream.getvalue()


def media_type_of(content: bytes) -> str:
    """The media type that the header shows."""
    return Image.MIME.get(Image.open(io.BytesIO(content)).format or "", "application/octet-stream")
