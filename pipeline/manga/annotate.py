"""From what a detector found to rows: clipped, ordered, placed in panels, and with ids. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import TypeVar

from pipeline.manga.placement import place
from pipeline.manga.reading_order import page_image_order, reading_order
from schemas.boxes import Box
from schemas.detections import (
    Character,
    Detection,
    Dialog,
    FoundCharacter,
    FoundDialog,
    FoundPanel,
    Panel,
    Placement,
)
from schemas.ids import character_id, dialog_id, panel_id
from schemas.pages import PageImage

Part = TypeVar("Part", FoundCharacter, FoundDialog)

_NO_FACE = Box(0, 0, 0, 0)
_AFTER_ALL_PANELS = 10_000


@dataclass(frozen=True, slots=True)
class Annotations:
    """The rows of one page image; panels and dialogs in reading order."""

    panels: tuple[Panel, ...]
    characters: tuple[Character, ...]
    dialogs: tuple[Dialog, ...]


def annotate(
    detection: Detection, image: PageImage, detector: str, uncertain_below: float = 0.0
) -> Annotations:
    """Numbers follow the reading order, so the same findings in any order give the same rows."""
    panels = _panels(detection.panels, image, detector)
    boxes = [panel.box for panel in panels]
    return Annotations(
        tuple(mark_uncertain(panels, uncertain_below)),
        _characters(detection.characters, image, detector, boxes),
        _dialogs(detection.dialogs, image, detector, boxes),
    )


def mark_uncertain(panels: Iterable[Panel], below: float) -> list[Panel]:
    """The panels with those marked whose confidence is under the limit."""
    return [panel.model_copy(update={"is_uncertain": panel.confidence < below}) for panel in panels]


def _panels(found: Sequence[FoundPanel], image: PageImage, detector: str) -> tuple[Panel, ...]:
    clipped = sorted(
        (box, panel.confidence)
        for panel in found
        if (box := panel.box.clip(image.width, image.height)).area
    )
    split_x = image.x_offset if image.is_double else None
    order = page_image_order([box for box, _ in clipped], image.direction, split_x)
    return tuple(
        Panel(
            id=panel_id(image.id, number),
            series=image.series,
            page_image=image.id,
            order=number,
            confidence=round(clipped[index][1], 4),
            is_uncertain=False,
            detector=detector,
            **clipped[index][0]._asdict(),
        )
        for number, index in enumerate(order)
    )


def _characters(
    found: Sequence[FoundCharacter], image: PageImage, detector: str, panels: Sequence[Box]
) -> tuple[Character, ...]:
    rows = []
    for number, (each, spot) in enumerate(_placed(found, image, panels)):
        face = _face(each, image)
        row = Character(
            id=character_id(image.id, number),
            series=image.series,
            page_image=image.id,
            panel=spot.panel,
            placement=spot.placement,
            face_x1=face.x1,
            face_y1=face.y1,
            face_x2=face.x2,
            face_y2=face.y2,
            confidence=round(each.confidence, 4),
            source=each.source,
            detector=detector,
            **spot.box._asdict(),
        )
        rows.append(row)
    return tuple(rows)


def _dialogs(
    found: Sequence[FoundDialog], image: PageImage, detector: str, panels: Sequence[Box]
) -> tuple[Dialog, ...]:
    rows = []
    for number, (each, spot) in enumerate(_placed(found, image, panels)):
        lettering = each.text_box.clip(image.width, image.height)
        text_box = lettering if lettering.area else spot.box
        row = Dialog(
            id=dialog_id(image.id, number),
            series=image.series,
            page_image=image.id,
            panel=spot.panel,
            placement=spot.placement,
            order=number,
            text_x1=text_box.x1,
            text_y1=text_box.y1,
            text_x2=text_box.x2,
            text_y2=text_box.y2,
            text=each.text,
            orientation=each.orientation,
            confidence=round(each.confidence, 4),
            detector=detector,
            **spot.box._asdict(),
        )
        rows.append(row)
    return tuple(rows)


@dataclass(frozen=True, slots=True)
class _Spot:
    """Where a finding lies: its box on the page image, and its panel's id, empty if outside."""

    box: Box
    panel: str
    placement: Placement


def _placed(
    found: Sequence[Part], image: PageImage, panels: Sequence[Box]
) -> Iterator[tuple[Part, _Spot]]:
    """The findings that lie on the page image, panel by panel in reading order."""
    clipped = _clipped(found, image)
    for index in _order_in_panels([box for box, _ in clipped], panels, image):
        box, each = clipped[index]
        panel, placement = place(box, panels)
        yield each, _Spot(box, "" if panel is None else panel_id(image.id, panel), placement)


def _clipped(found: Sequence[Part], image: PageImage) -> list[tuple[Box, Part]]:
    """The findings with what lies on the page image of their boxes; those beside it are left out.

    Sorted by everything that they say, so that two with the same box keep one order too.
    """
    clipped = [(each.box.clip(image.width, image.height), each) for each in found]
    seen = [(box, each) for box, each in clipped if box.area]
    return sorted(seen, key=lambda pair: (pair[0], repr(pair[1])))


def _face(found: FoundCharacter, image: PageImage) -> Box:
    face = _NO_FACE if found.face is None else found.face.clip(image.width, image.height)
    return face if face.area else _NO_FACE


def _order_in_panels(boxes: Sequence[Box], panels: Sequence[Box], image: PageImage) -> list[int]:
    """Panel after panel, and within each in reading order; what lies outside comes last."""
    by_panel: dict[int, list[int]] = {}
    for index in sorted(range(len(boxes)), key=lambda i: boxes[i]):
        panel, _ = place(boxes[index], panels)
        by_panel.setdefault(_AFTER_ALL_PANELS if panel is None else panel, []).append(index)
    order: list[int] = []
    for panel in sorted(by_panel):
        inside = by_panel[panel]
        order += [inside[i] for i in reading_order([boxes[i] for i in inside], image.direction)]
    return order
