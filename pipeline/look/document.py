"""The whole page: what there is, the legend, the filters, and the cards."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from html import escape
from pathlib import Path
from typing import Final

from pipeline.core.atomic import atomic_file
from pipeline.loader.raw import RawSample
from pipeline.look.card import card
from pipeline.look.choosing import chosen_samples, index_of
from pipeline.look.style import SCRIPT, STYLE
from schemas.samples import ShardIndex

_LEGEND: Final = (
    ("panels", '<i class="key panel">1</i>', "panels, in reading order"),
    ("characters", '<i class="key character"></i>', "characters, a colour an identity"),
    ("dialogs", '<i class="key dialog"></i>', "dialogs"),
)


def write_look(shards: Path, out: Path, limit: int) -> int:
    """Writes one self-contained HTML file and gives the number of page images in it.

    Raises MissingPart where there are no shards, BadItem for damaged ones.
    """
    index = index_of(shards)
    samples = chosen_samples(shards, index, limit)
    with atomic_file(out) as stream:
        for piece in document(index, samples):
            stream.write(piece.encode())
    return len(samples)


def document(index: ShardIndex, samples: Iterable[RawSample]) -> Iterator[str]:
    """The HTML in pieces; a picture is decoded when its card is asked for."""
    shown = list(samples)
    yield (
        '<!doctype html>\n<html lang="en"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        '<meta http-equiv="Content-Security-Policy" content="default-src \'none\'; '
        "img-src data:; style-src 'unsafe-inline'; script-src 'unsafe-inline'\">"
        f"<title>mangazero: {index.pages} page images</title><style>{STYLE}</style></head>\n<body>"
    )
    yield _top(index, shown)
    yield "<main>\n"
    for sample in shown:
        yield card(sample)
    yield f"</main>{_credits(index)}<script>{SCRIPT}</script></body></html>\n"


def _top(index: ShardIndex, shown: list[RawSample]) -> str:
    counts = (
        (index.pages, "page images"),
        (index.panels, "panels"),
        (index.characters, "characters"),
        (index.dialogs, "dialogs"),
        (len(index.shards), "shards"),
    )
    facts = "".join(f"<li><b>{count:,}</b> {noun}</li>" for count, noun in counts)
    part = f"{len(shown)} of {index.pages:,} page images, read back from the shards"
    return (
        f'<div class="top"><div><h1>mangazero</h1><p class="part">{part}</p></div>'
        f'<ul class="facts">{facts}</ul></div>'
        f'<nav><div class="series">{_series(shown)}</div>'
        f'<div class="legend">{_legend()}</div></nav>\n'
    )


def _series(shown: list[RawSample]) -> str:
    titles = {sample.page.series: sample.page.title for sample in shown}
    counts = {slug: sum(sample.page.series == slug for sample in shown) for slug in titles}
    every = f'<button data-show="" class="on">All <small>{len(shown)}</small></button>'
    return every + "".join(
        f'<button data-show="{escape(slug)}">{escape(title)} <small>{counts[slug]}</small></button>'
        for slug, title in titles.items()
    )


def _legend() -> str:
    layers = "".join(
        f'<label><input type="checkbox" checked data-layer="{layer}">{key}{words}</label>'
        for layer, key, words in _LEGEND
    )
    lines = '<span class="line proposed"></span>proposed<span class="line verified"></span>verified'
    return f'{layers}<span class="lines">{lines}</span>'


def _credits(index: ShardIndex) -> str:
    licences = escape(", ".join(index.licences))
    names = escape("; ".join(name for name in index.attributions if name)) or "nobody named"
    return f'<p class="credits">Licences in these shards: {licences}. To be named: {names}.</p>'
