"""Lettering: columns of Japanese glyph by glyph, rows of any language, big slanted sounds.

Fonts come with installed packages, never from the system: IPAex Gothic inside
matplotlib_fontja (its import would pull matplotlib in, so only its folder is looked
up), and the font that Pillow carries.
"""

from __future__ import annotations

from functools import lru_cache
from importlib.util import find_spec
from pathlib import Path

from PIL import Image, ImageDraw, ImageFont

from pipeline.synthetic.wording import READINGS

Font = ImageFont.FreeTypeFont | ImageFont.ImageFont

_TURNED = "ー～…‥「」（）―"
_SMALL = "ぁぃぅぇぉっゃゅょァィゥェォッャュョ"
_TOP_RIGHT = "、。"
COLUMN = 1.28
"""Distance of two columns, in glyph sizes."""
ROW = 1.22


@lru_cache(maxsize=64)
def font(language: str, size: int) -> Font:
    """The lettering font of a language. Raises FileNotFoundError where the package is missing."""
    if language != "ja":
        return ImageFont.load_default(size)
    found = find_spec("matplotlib_fontja")
    if found is None or found.origin is None:
        raise FileNotFoundError("Japanese lettering needs the package matplotlib-fontja")
    path = Path(found.origin).parent / "fonts" / "ipaexg.ttf"
    return ImageFont.truetype(str(path), size, layout_engine=ImageFont.Layout.BASIC)


@lru_cache(maxsize=4096)
def _glyph(char: str, size: int, turned: bool) -> Image.Image:
    """A mask of one em with room around it (2 em square), the glyph in its middle."""
    tile = Image.new("L", (2 * size, 2 * size))
    ImageDraw.Draw(tile).text((size, size), char, fill=255, font=font("ja", size), anchor="mm")
    return tile.transpose(Image.Transpose.ROTATE_270) if turned else tile


def block_size(
    rows: tuple[str, ...], size: float, language: str, vertical: bool
) -> tuple[float, float]:
    """Width and height of a block of text, in the unit of `size` (the glyph's em)."""
    if vertical:
        return (len(rows) - 1) * COLUMN * size + size, max(map(len, rows)) * size
    # Measured once at a large size, so that it scales without rounding.
    ruler = font(language, 100)
    wide = max(ruler.getlength(row) for row in rows) / 100
    return wide * size, ((len(rows) - 1) * ROW + 1) * size


def draw_block(
    canvas: Image.Image,
    rows: tuple[str, ...],
    corner: tuple[float, float],
    size: int,
    language: str,
) -> None:
    """Rows of text, centred on each other; corner and size in canvas pixels."""
    wide, _ = block_size(rows, size, language, vertical=False)
    ink = ImageDraw.Draw(canvas)
    for index, row in enumerate(rows):
        at = (corner[0] + wide / 2, corner[1] + (index * ROW + 0.5) * size)
        ink.text(at, row, fill=0, font=font(language, size), anchor="mm")


def draw_columns(
    canvas: Image.Image,
    columns: tuple[str, ...],
    corner: tuple[float, float],
    size: int,
    furigana: bool = False,
) -> None:
    """Columns of text, the first at the right; corner (top left) and size in canvas pixels."""
    wide, _ = block_size(columns, size, "ja", vertical=True)
    for index, column in enumerate(columns):
        x = corner[0] + wide - size * (0.5 + index * COLUMN)
        for row, char in enumerate(column):
            _stamp(canvas, char, (x, corner[1] + (row + 0.5) * size), size)
        for word, reading in READINGS.items() if furigana else ():
            if word in column:
                top = corner[1] + column.index(word) * size
                _draw_reading(canvas, reading, (x + 0.66 * size, top), len(word) * size, size)


def _draw_reading(
    canvas: Image.Image, reading: str, top: tuple[float, float], length: float, size: int
) -> None:
    small = max(4, round(size * 0.42))
    step = length / len(reading)
    for index, char in enumerate(reading):
        _stamp(canvas, char, (top[0], top[1] + (index + 0.5) * step), small)


def _stamp(canvas: Image.Image, char: str, middle: tuple[float, float], size: int) -> None:
    x, y = middle
    if char in _TOP_RIGHT:
        x, y = x + 0.6 * size, y - 0.6 * size
    elif char in _SMALL:
        x, y = x + 0.1 * size, y - 0.1 * size
    tile = _glyph(char, size, char in _TURNED)
    canvas.paste(0, (round(x - size), round(y - size)), tile)


def draw_sound(
    canvas: Image.Image, text: str, middle: tuple[float, float], size: int, style: tuple[float, str]
) -> tuple[float, float]:
    """A drawn sound, turned by `style[0]` degrees, in the font of `style[1]`; black on a white rim.

    Returns the width and height of the turned lettering, in canvas pixels.
    """
    degrees, language = style
    face, rim = font(language, size), max(2, size // 10)
    wide = face.getlength(text)
    edge = round(wide + 4 * rim), round(size * 1.4 + 4 * rim)
    white, black = Image.new("L", edge), Image.new("L", edge)
    middle_of_tile = (edge[0] / 2, edge[1] / 2)
    ImageDraw.Draw(white).text(
        middle_of_tile, text, fill=255, font=face, anchor="mm", stroke_width=rim
    )
    ImageDraw.Draw(black).text(
        middle_of_tile, text, fill=255, font=face, anchor="mm", stroke_width=max(1, rim // 3)
    )
    turned = [
        tile.rotate(degrees, Image.Resampling.BICUBIC, expand=True) for tile in (white, black)
    ]
    corner = (round(middle[0] - turned[0].width / 2), round(middle[1] - turned[0].height / 2))
    canvas.paste(255, corner, turned[0])
    canvas.paste(0, corner, turned[1])
    box = turned[0].getbbox() or (0, 0, 0, 0)
    return float(box[2] - box[0]), float(box[3] - box[1])
