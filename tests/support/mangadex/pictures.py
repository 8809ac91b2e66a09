"""Pictures of every kind that a chapter may hold, cheap enough to make by the ten thousand.

A stem is drawn and encoded once; a page is the stem with its own name in a comment near the
end of the file. So every page has its own bytes, and because all but the last few bytes are
shared, its sha256 costs microseconds: the digest of the shared part is computed once.
"""

from __future__ import annotations

import hashlib
import io
import struct
import zlib
from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property, lru_cache
from typing import TYPE_CHECKING, Final, Literal, Protocol

import numpy as np
from PIL import Image

if TYPE_CHECKING:
    from hashlib import _Hash

Form = Literal["png", "jpg", "gif", "webp"]
Paint = Literal["grey", "colour", "alpha", "cmyk", "deep"]

Grey = np.ndarray[tuple[int, int], np.dtype[np.uint8]]

MEDIA_TYPE: Final[dict[str, str]] = {
    "png": "image/png",
    "jpg": "image/jpeg",
    "gif": "image/gif",
    "webp": "image/webp",
}
KEY_LENGTH: Final = 64
"""Every comment has this length, so that the sizes declared in the shared part hold."""


class Picture(Protocol):
    """The bytes of one page."""

    @property
    def extension(self) -> str: ...

    @property
    def sha256(self) -> str: ...

    def content(self) -> bytes: ...


@dataclass(frozen=True)
class Given:
    """A picture file, or anything that pretends to be one."""

    given: bytes
    extension: str = "png"

    @cached_property
    def sha256(self) -> str:
        return hashlib.sha256(self.given).hexdigest()

    def content(self) -> bytes:
        return self.given


@dataclass(frozen=True)
class Look:
    """How a stem looks. `n_bytes` pads the file up to that size; it never makes it smaller."""

    width: int = 320
    height: int = 460
    form: Form = "png"
    paint: Paint = "grey"
    n_bytes: int = 0
    variant: int = 0
    frames: int = 1


@dataclass(frozen=True)
class Drawn:
    """A page drawn after a look. Equal keys give equal bytes."""

    look: Look
    key: str

    @property
    def extension(self) -> str:
        return self.look.form

    @property
    def sha256(self) -> str:
        stem = stem_of(self.look)
        digest = stem.digest.copy()
        digest.update(_COMMENT[self.look.form](self.key) + stem.tail)
        return digest.hexdigest()

    def content(self) -> bytes:
        stem = stem_of(self.look)
        return b"".join((stem.head, _COMMENT[self.look.form](self.key), stem.tail))


@dataclass(frozen=True)
class Stem:
    """An encoded picture, cut where a comment can be put in; `digest` has read the head."""

    head: bytes
    tail: bytes
    digest: _Hash


@lru_cache(maxsize=256)
def stem_of(look: Look) -> Stem:
    """The stem of that look, drawn at the first call."""
    encoded = _encoded(look)
    head, tail = _CUT[look.form](encoded, max(0, look.n_bytes - len(encoded) - KEY_LENGTH - 64))
    return Stem(head, tail, hashlib.sha256(head))


def _encoded(look: Look) -> bytes:
    pictures = [
        _painted(_lines(look.width, look.height, look.variant + 31 * n), look.paint)
        for n in range(look.frames)
    ]
    file = io.BytesIO()
    if look.form == "jpg":
        return _jpeg(pictures[0], look.n_bytes)
    if look.form == "png":
        pictures[0].save(file, "PNG", compress_level=1)
    elif look.form == "webp":
        pictures[0].save(file, "WEBP", quality=60, method=0)
    else:
        pictures[0].save(file, "GIF", save_all=True, append_images=pictures[1:], duration=80)
    return file.getvalue()


def _jpeg(picture: Image.Image, most: int) -> bytes:
    """The best quality that leaves room for padding up to `most` bytes; 80 if it is 0."""
    for quality in (80, 60, 40, 20):
        file = io.BytesIO()
        picture.save(file, "JPEG", quality=quality)
        if not most or file.tell() + 2 * KEY_LENGTH < most:
            break
    return file.getvalue()


def _lines(width: int, height: int, variant: int) -> Grey:
    """Panels with black borders, hatching and grain: grey values 0 to 255, height x width."""
    draw = np.random.default_rng(variant)
    page = np.full((height, width), 244, np.uint8)
    page += draw.integers(0, 4, (height, width), dtype=np.uint8)
    rows = max(1, min(8, height // 130))
    for row in range(rows):
        top, bottom = row * height // rows + 4, (row + 1) * height // rows - 4
        split = int(draw.integers(width // 3, max(width // 3 + 1, 2 * width // 3)))
        for left, right in ((4, split - 3), (split + 3, width - 4)):
            if right - left < 8 or bottom - top < 8:
                continue
            page[top:bottom, left:right] = 20
            page[top + 2 : bottom - 2, left + 2 : right - 2] = draw.integers(170, 255)
            step = int(draw.integers(5, 17))
            page[top + 2 : bottom - 2 : step, left + 2 : right - 2] = 60
    return page


def _painted(grey: Grey, paint: Paint) -> Image.Image:
    if paint == "deep":
        return Image.fromarray(grey.astype(np.uint16) * 257)
    picture = Image.fromarray(grey)
    if paint == "grey":
        return picture
    if paint == "cmyk":
        return picture.convert("CMYK")
    if paint == "alpha":
        return picture.convert("LA")
    rows, columns = np.indices(grey.shape, dtype=np.int32)
    blue = (grey // 2 + (rows * 120 // grey.shape[0])).astype(np.uint8)
    green = (grey // 2 + (columns * 120 // grey.shape[1])).astype(np.uint8)
    return Image.fromarray(np.dstack([grey, green, blue]))


def _padded_key(key: str) -> bytes:
    text = key.encode("ascii", "replace")
    if len(text) > KEY_LENGTH:
        text = hashlib.sha256(text).hexdigest().encode()
    return text.ljust(KEY_LENGTH, b".")


def _png_chunk(kind: bytes, body: bytes) -> bytes:
    return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))


def _cut_png(encoded: bytes, pad: int) -> tuple[bytes, bytes]:
    padding = _png_chunk(b"mzPd", bytes(pad)) if pad else b""
    return encoded[:-12] + padding, encoded[-12:]


def _cut_jpg(encoded: bytes, pad: int) -> tuple[bytes, bytes]:
    """The padding goes in front, as comments: a decoder skips them without reading."""
    padding = b""
    while pad > 4:
        length = min(pad - 2, 65_000)
        padding += b"\xff\xfe" + struct.pack(">H", length) + bytes(length - 2)
        pad -= length + 2
    return encoded[:2] + padding + encoded[2:-2], encoded[-2:]


def _cut_gif(encoded: bytes, pad: int) -> tuple[bytes, bytes]:
    blocks = pad // 256
    padding = b"\x21\xfe" + (b"\xff" + bytes(255)) * blocks + b"\x00" if blocks else b""
    return encoded[:-1] + padding, encoded[-1:]


def _cut_webp(encoded: bytes, pad: int) -> tuple[bytes, bytes]:
    body = encoded[12:] + (b"mzPd" + struct.pack("<I", pad - pad % 2) + bytes(pad - pad % 2))
    size = 4 + len(body) + 8 + KEY_LENGTH
    return b"RIFF" + struct.pack("<I", size) + b"WEBP" + body, b""


_CUT: Final[dict[Form, Callable[[bytes, int], tuple[bytes, bytes]]]] = {
    "png": _cut_png,
    "jpg": _cut_jpg,
    "gif": _cut_gif,
    "webp": _cut_webp,
}
_COMMENT: Final[dict[Form, Callable[[str], bytes]]] = {
    "png": lambda key: _png_chunk(b"tEXt", b"Comment\x00" + _padded_key(key)),
    "jpg": lambda key: b"\xff\xfe" + struct.pack(">H", KEY_LENGTH + 2) + _padded_key(key),
    "gif": lambda key: b"\x21\xfe" + bytes([KEY_LENGTH]) + _padded_key(key) + b"\x00",
    "webp": lambda key: b"mzCm" + struct.pack("<I", KEY_LENGTH) + _padded_key(key),
}
