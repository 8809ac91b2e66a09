"""Draws docs/pictures/sample.png: a page image of the drawn sample with what was found on it.

Run after `make shards`, from the checkout:

    .venv/bin/python docs/pictures/make_sample_picture.py work/sample/shards

Everything on the picture is read from the shards: the detector's boxes, not the drawn truth.
"""

from __future__ import annotations

import sys
from itertools import cycle
from pathlib import Path

from PIL import Image, ImageColor, ImageDraw, ImageFont

from pipeline.loader.raw import RawSample, read_samples

PICTURE = Path(__file__).with_name("sample.png")
KEY = "hoshi-no-michi_c0001_p001-002"
WIDTH_PX = 920
GREYS = 32
"""Few enough for a small file."""

PANEL, DIALOG = "#d1242f", "#0b80c8"
CAST = ("#1a7f37", "#8250df", "#bc4c00", "#bf3989", "#1b7c83")
"""One colour an identity, in the order in which they appear on the page image."""

Xyxy = tuple[float, float, float, float]


def main(shards: str) -> None:
    """Writes the picture. Raises ValueError where the shards hold no such sample."""
    (sample,) = read_samples(Path(shards), {KEY})
    reduced = with_boxes(sample).quantize(palette=few_colours(), dither=Image.Dither.NONE)
    reduced.save(PICTURE, optimize=True)


def few_colours() -> Image.Image:
    """A picture whose palette is a ramp of greys and the colours of the boxes."""
    greys = [(round(255 * i / (GREYS - 1)),) * 3 for i in range(GREYS)]
    colours = [ImageColor.getrgb(colour)[:3] for colour in (PANEL, DIALOG, *CAST)]
    holder = Image.new("P", (1, 1))
    holder.putpalette([value for colour in (*greys, *colours) for value in colour])
    return holder


def with_boxes(sample: RawSample) -> Image.Image:
    """The page image, WIDTH_PX wide, with panels, characters and dialogs outlined."""
    scale = WIDTH_PX / sample.page.width
    picture = sample.decode().resize((WIDTH_PX, round(sample.page.height * scale)))
    pen = ImageDraw.Draw(picture)
    cast = dict.fromkeys(who.identity for panel in sample.page.panels for who in panel.characters)
    colours = dict(zip(cast, cycle(CAST), strict=False))

    def scaled(box: Xyxy) -> Xyxy:
        x1, y1, x2, y2 = (value * scale for value in box)
        return x1, y1, x2 - 1, y2 - 1

    for panel in sample.page.panels:
        for dialog in panel.dialogs:
            pen.rectangle(scaled(dialog.box), outline=DIALOG, width=2)
        for character in panel.characters:
            box, colour = scaled(character.box), colours[character.identity]
            pen.rectangle(box, outline=colour, width=2)
            tag(pen, (box[0], box[3] - 14), character.identity.rsplit("/", 1)[-1], colour)
        box = scaled(panel.box)
        pen.rectangle(box, outline=PANEL, width=3)
        tag(pen, (box[2] - 18, box[1] + 3), str(panel.order + 1), PANEL)
    return picture


def tag(pen: ImageDraw.ImageDraw, corner: tuple[float, float], text: str, colour: str) -> None:
    """White lettering on a filled box whose top left corner is given."""
    font = ImageFont.load_default(12)
    width = pen.textlength(text, font) + 6
    pen.rectangle((*corner, corner[0] + width, corner[1] + 14), fill=colour)
    pen.text((corner[0] + 3, corner[1]), text, fill="white", font=font)


if __name__ == "__main__":
    main(*sys.argv[1:])
