"""Proposed clusters to cluster sheets: the tasks that people answer. Pure.

A cluster that does not fit on one sheet is cut into several, and all of them begin with the same
crop, the anchor: so the answers to the single sheets join, and say something of the whole.
"""

from __future__ import annotations

import hashlib
import html
import json
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from annotation_ui.questions import CLUSTER_SHEET, SHEET, WRONG, SheetConfig
from annotation_ui.tasks import Crop, MarkedControl, Marks, Prediction, Sheet, SheetContent
from schemas.detections import Character
from schemas.identities import Identity

SHEET_CAP: Final = 18
"""Crops on a sheet: as many as have a key each and are seen without scrolling."""

CROP_HEIGHT_PX: Final = 130
_LARGEST: Final = 99_999

CropUrl = Callable[[Character], str]
"""Where the browser finds the crop of a character."""


@dataclass(frozen=True, slots=True)
class _Cluster:
    """The characters of one proposed identity, cut into sheets."""

    identity: str
    n_crops: int
    chunks: tuple[tuple[Character, ...], ...]


def cluster_sheets(
    identities: Iterable[Identity],
    characters: Iterable[Character],
    crop_url: CropUrl,
    config: SheetConfig = CLUSTER_SHEET,
    suspected: Collection[str] = (),
) -> list[Sheet]:
    """The sheets of all proposed clusters of two and more, larger clusters first.

    `suspected` are ids of characters that are checked as wrong beforehand. The same rows in any
    order give the same sheets. Raises ValueError if an identity has no character.
    """
    sheets = []
    for cluster in _clusters(identities, {each.id: each for each in characters}):
        for number, chunk in enumerate(cluster.chunks):
            content = _content(cluster, number, config, crop_url)
            sheets.append(Sheet(data=content, predictions=_predictions(chunk, suspected)))
    return sheets


def task_key(config: SheetConfig, characters: Iterable[Character]) -> str:
    """sha256 over the question and the boxes that are shown, hexadecimal.

    The boxes are part of it, for a detector that runs anew may give an id to another box.
    """
    boxes = sorted((character.id, *character.box) for character in characters)
    text = json.dumps([config.tag, boxes], separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()


def _clusters(
    identities: Iterable[Identity], characters: Mapping[str, Character]
) -> list[_Cluster]:
    """Proposed identities with two boxes and more: there is nothing to compare in one."""
    members: dict[str, list[Character]] = {}
    for row in identities:
        if row.id not in characters:
            raise ValueError(f"{row.id} has an identity, but is not among the characters")
        if row.status == "proposed":
            members.setdefault(row.identity, []).append(characters[row.id])
    clusters = [
        _Cluster(identity, len(found), _cut(sorted(found, key=lambda member: member.id)))
        for identity, found in members.items()
        if len(found) > 1
    ]
    return sorted(clusters, key=lambda cluster: (-cluster.n_crops, cluster.identity))


def _cut(members: Sequence[Character]) -> tuple[tuple[Character, ...], ...]:
    """At most SHEET_CAP characters each; where there are more sheets, all begin alike.

    The anchor is the surest face of the first crops: new chapters, which come last, leave it
    and all full sheets as they are.
    """
    if len(members) <= SHEET_CAP:
        return (tuple(members),)
    first = members[:SHEET_CAP]
    anchor = max(first, key=lambda member: (member.face is not None, member.confidence))
    others = [member for member in members if member is not anchor]
    step = SHEET_CAP - 1
    return tuple((anchor, *others[at : at + step]) for at in range(0, len(others), step))


def _content(
    cluster: _Cluster,
    number: int,
    config: SheetConfig,
    crop_url: CropUrl,
) -> SheetContent:
    chunk, n_sheets = cluster.chunks[number], len(cluster.chunks)
    shown = f"{len(chunk)} of {cluster.n_crops} crops"
    title = f"{cluster.identity}: {shown}, sheet {number + 1} of {n_sheets}"
    return SheetContent(
        task_key=task_key(config, chunk),
        config=config.tag,
        series=chunk[0].series,
        identity=cluster.identity,
        title=html.escape(title),
        priority=f"{max(0, _LARGEST - cluster.n_crops):05d}",
        anchor=chunk[0].id if n_sheets > 1 else "",
        boxes={character.id: character.box for character in chunk},
        crops=tuple(_crop(character, crop_url(character)) for character in chunk),
    )


def _crop(character: Character, url: str) -> Crop:
    """Label Studio renders `html` as it stands, so nothing may get out of the attributes."""
    src, alt = html.escape(url, quote=True), html.escape(character.id, quote=True)
    style = f"height:{CROP_HEIGHT_PX}px"
    return Crop(value=character.id, html=f'<img src="{src}" alt="{alt}" style="{style}">')


def _predictions(chunk: Sequence[Character], suspected: Collection[str]) -> tuple[Prediction, ...]:
    marked = tuple(character.id for character in chunk if character.id in suspected)
    if not marked:
        return ()
    control = MarkedControl(
        from_name=WRONG, to_name=SHEET, type="choices", value=Marks(choices=marked)
    )
    return (Prediction(model_version="suspected-outliers", result=(control,)),)
