"""One sample as a card: the picture with its boxes, and beside it what is said of every panel."""

from __future__ import annotations

import io
from base64 import b64encode
from collections.abc import Iterator
from html import escape
from typing import Final

from PIL import Image

from pipeline.loader.raw import RawSample
from pipeline.look.overlay import marks, overlay, short
from schemas.samples import Sample, SampleDialog, ShardPage

_LONGEST_SIDE: Final = 1100
_WIDEST: Final = 900
_QUALITY: Final = 78

_READS: Final = {"rtl": "reads right to left", "ltr": "reads left to right"}


def card(sample: RawSample) -> str:
    """The HTML of one sample. Everything that comes from a file is escaped."""
    page = sample.page
    shape = "wide" if page.width > page.height else "tall"
    panels = "".join(_panel(panel, page) for panel in page.panels)
    return (
        f'<article class="card {shape}" data-series="{escape(page.series)}" '
        f'id="{escape(page.key)}">{_head(page)}'
        f'<div class="body"><figure style="--ratio:{page.width}/{page.height}">'
        f'<div class="sheet"><img loading="lazy" alt="" src="{_data_url(sample.decode())}">'
        f'{overlay(page)}</div></figure><ol class="panels">{panels}</ol></div>'
        f"<footer>{' · '.join(_foot(sample))}</footer></article>\n"
    )


def _head(page: ShardPage) -> str:
    return (
        f'<header><h2 lang="{escape(page.language)}">{escape(page.title)}</h2>'
        f"<code>{escape(page.page_image)}</code>"
        f'<span class="split">{escape(page.split)}</span></header>'
    )


def _panel(panel: Sample, page: ShardPage) -> str:
    doubt = '<span class="doubt">uncertain</span>' if panel.is_uncertain else ""
    people = "".join(
        f'<span class="who {escape(status)}" style="--hue:{hue}">{escape(name)}</span>'
        for name, hue, status in marks(panel)
    )
    lines = "".join(_line(dialog, page.language) for dialog in panel.dialogs)
    return (
        f'<li data-part="{escape(short(panel.id))}"><b class="n">{panel.order + 1}</b>'
        f'<div><p class="caption">{escape(panel.caption)}{doubt}</p>'
        + (f"<ul>{lines}</ul>" if lines else "")
        + (f'<p class="cast">{people}</p>' if people else "")
        + "</div></li>"
    )


def _line(dialog: SampleDialog, language: str) -> str:
    said = " ".join(dialog.text.split())
    words = escape(said) if said else '<i class="silent">no text was read</i>'
    part = escape(short(dialog.id))
    return f'<li data-part="{part}" lang="{escape(language)}">{words}</li>'


def _foot(sample: RawSample) -> Iterator[str]:
    page = sample.page
    yield f"<b>{escape(page.licence)}</b>"
    yield escape(page.attribution) or "nobody named"
    yield _READS[page.direction]
    yield "two pages, joined" if page.is_double else "one file, original bytes"
    yield f"{page.width} × {page.height} px"
    yield f"detector {escape(', '.join(sorted({p.detector for p in page.panels})))}"
    yield f"captions {escape(', '.join(sorted({p.caption_source for p in page.panels})))}"
    yield f"<code>{escape(sample.shard.name)}</code>"


def _data_url(picture: Image.Image) -> str:
    """The picture, shrunk to at most 900 x 1,100 pixels, as a JPEG in the page itself."""
    picture.thumbnail((_WIDEST, _LONGEST_SIDE), Image.Resampling.LANCZOS)
    stream = io.BytesIO()
    picture.save(stream, "JPEG", quality=_QUALITY, optimize=True)
    return f"data:image/jpeg;base64,{b64encode(stream.getvalue()).decode()}"
