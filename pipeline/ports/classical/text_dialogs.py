"""Dialogs of one page: which lines to believe, what they say together, the balloon around them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from pipeline.ports.classical.balloons import BalloonFinder, Grey
from pipeline.ports.classical.lines import TextLine
from pipeline.ports.classical.text import TextGroup, group_lines
from schemas.boxes import Box
from schemas.detections import FoundDialog

SURE_FROM: Final = 0.7
"""Lines read with less confidence are mostly drawn signs and strokes of sound effects."""


def find_dialogs(
    grey: Grey, lines: Sequence[TextLine], sure_from: float = SURE_FROM
) -> tuple[FoundDialog, ...]:
    """Dialogs on a grey picture, in no order. Boxes in the picture's pixels, as the lines'.

    A line below `sure_from` is believed only where it sits in a clear balloon of its own: a
    lone "?" or made-up signs are read badly but are dialog; strokes of a drawn sound are not.
    """
    finder = BalloonFinder(grey)
    read = [line for line in lines if line.text]
    dialogs = [
        _dialog(group, finder)
        for group in group_lines([line for line in read if line.confidence >= sure_from])
    ]
    taken = [dialog.box for dialog in dialogs]
    for group in group_lines([line for line in read if line.confidence < sure_from]):
        balloon = finder.find(group.box)
        if balloon is not None and balloon.is_clear and not _meets(balloon.box, taken):
            dialogs.append(_dialog(group, finder))
    return tuple(dialogs)


def _dialog(group: TextGroup, finder: BalloonFinder) -> FoundDialog:
    balloon = finder.find(group.box)
    return FoundDialog(
        box=balloon.box if balloon is not None else group.box,
        text_box=group.box,
        text=group.text,
        confidence=group.confidence,
        orientation=group.orientation,
    )


def _meets(box: Box, others: Sequence[Box]) -> bool:
    return any(box.intersection(other).area > 0 for other in others)
