"""Ids are readable and sortable, and each names its parents:

    slug / chapter / page                      haruko/c0001/p003
    slug / chapter / page image                haruko/c0001/p003-004    (a double page)
    page image / panel, character, dialog      haruko/c0001/p003-004/panel02
    slug / identity                            haruko/who0007

A slug or a chapter is lower-case letters, digits and hyphens, so an id turned into a
shard key ('/' becomes '_') can be turned back.
"""

from __future__ import annotations

import re
from typing import Final, Literal

Kind = Literal["page", "page_image", "panel", "character", "dialog", "identity", "unknown"]

_WORD: Final = r"[a-z0-9]+(?:-[a-z0-9]+)*"
_IMAGE: Final = rf"{_WORD}/{_WORD}/p\d{{3,}}(?:-\d{{3,}})?"
_SHAPES: Final[tuple[tuple[Kind, str], ...]] = (
    ("page", rf"{_WORD}/{_WORD}/p\d{{3,}}"),
    ("page_image", _IMAGE),
    ("panel", rf"{_IMAGE}/panel\d+"),
    ("character", rf"{_IMAGE}/character\d+"),
    ("dialog", rf"{_IMAGE}/dialog\d+"),
    ("identity", rf"{_WORD}/who\d+"),
)


def page_id(series: str, chapter: str, number: int) -> str:
    """The id of a page by its number in the chapter, from 1."""
    return f"{series}/{chapter}/p{number:03d}"


def page_image_id(first_page: str, second_page: str | None = None) -> str:
    """The id of one page alone, or of two that are read one after the other."""
    if second_page is None:
        return first_page
    return f"{first_page}-{second_page.rsplit('/p', 1)[1]}"


def panel_id(page_image: str, number: int) -> str:
    """The id of a panel by its place in the reading order, from 0."""
    return f"{page_image}/panel{number:02d}"


def character_id(page_image: str, number: int) -> str:
    """The id of one appearance of a character, from 0."""
    return f"{page_image}/character{number:02d}"


def dialog_id(page_image: str, number: int) -> str:
    """The id of a dialog by its place in the reading order, from 0."""
    return f"{page_image}/dialog{number:02d}"


def identity_id(series: str, number: int) -> str:
    """The id of somebody who appears in a series."""
    return f"{series}/who{number:04d}"


def kind_of(some_id: str) -> Kind:
    """What an id names. A page and a page image of that page alone look alike: "page"."""
    return next(
        (kind for kind, shape in _SHAPES if re.fullmatch(shape, some_id)),
        "unknown",
    )


def series_of(some_id: str) -> str:
    """The slug that every id begins with."""
    return some_id.split("/", 1)[0]


def page_image_of(part_id: str) -> str:
    """The page image that a panel, character or dialog lies on."""
    return part_id.rsplit("/", 1)[0]


def shard_key(page_image: str) -> str:
    """The sample's key inside a tar: no dots, no capitals, no slashes."""
    return page_image.replace("/", "_")


def from_shard_key(key: str) -> str:
    """The page image that a sample's key names."""
    return key.replace("_", "/")
