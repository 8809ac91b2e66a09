"""The classical detector: contour panels, RapidOCR text grown to balloons, animeface faces."""

from __future__ import annotations

import cv2
import numpy as np

from pipeline.ports.classical.faces import FaceFinder
from pipeline.ports.classical.figures import SOURCE, grow_to_figure, panel_around
from pipeline.ports.classical.lines import LineReader
from pipeline.ports.classical.panels import find_panels
from pipeline.ports.classical.text_dialogs import SURE_FROM, find_dialogs
from pipeline.ports.protocols import PagePicture, Pixels
from schemas.detections import Detection, FoundCharacter, FoundDialog, FoundPanel


class ClassicalDetector:
    """Satisfies `pipeline.ports.protocols.Detector`. Single pages are looked at one by one."""

    name = "classical"

    def __init__(
        self,
        reader: LineReader,
        faces: FaceFinder | None,
        *,
        sure_from: float = SURE_FROM,
    ) -> None:
        """Without `faces` no character is found, and every detection notes it."""
        self._reader = reader
        self._faces = faces
        self._sure_from = sure_from

    def detect(self, picture: PagePicture) -> Detection:
        """Everything on the page image, in its pixels; halves of a joined one are apart."""
        halves = [self._detect_page(picture.left)]
        if picture.right is not None:
            right = self._detect_page(picture.right)
            halves.append(_shift(right, picture.page_image.x_offset))
        return Detection(
            panels=tuple(panel for half in halves for panel in half.panels),
            characters=tuple(character for half in halves for character in half.characters),
            dialogs=tuple(dialog for half in halves for dialog in half.dialogs),
            notes=() if self._faces is not None else ("faces_unavailable",),
        )

    def _detect_page(self, pixels: Pixels) -> Detection:
        lines = self._reader.read(pixels)
        grey = np.asarray(cv2.cvtColor(pixels, cv2.COLOR_RGB2GRAY), dtype=np.uint8)
        dialogs = find_dialogs(grey, lines, self._sure_from)
        # Lines, not balloons: a balloon's box also covers the gutters that it bridges.
        lettering = [line.box for line in lines if line.confidence >= self._sure_from]
        panels = find_panels(pixels, lettering)
        return Detection(panels, self._find_characters(pixels, panels), dialogs)

    def _find_characters(
        self, pixels: Pixels, panels: tuple[FoundPanel, ...]
    ) -> tuple[FoundCharacter, ...]:
        if self._faces is None:
            return ()
        page_size = (pixels.shape[1], pixels.shape[0])
        panel_boxes = [panel.box for panel in panels]
        return tuple(
            FoundCharacter(
                box=grow_to_figure(face, panel_around(face, panel_boxes), page_size),
                face=face,
                confidence=likelihood,
                source=SOURCE,
            )
            for face, likelihood in self._faces.find(pixels)
        )


def _shift(half: Detection, dx: int) -> Detection:
    """The same detection seen from a page image in which the half begins at x = dx."""
    return Detection(
        panels=tuple(FoundPanel(p.box.shift(dx), p.confidence) for p in half.panels),
        characters=tuple(
            FoundCharacter(
                c.box.shift(dx), c.face.shift(dx) if c.face else None, c.confidence, c.source
            )
            for c in half.characters
        ),
        dialogs=tuple(
            FoundDialog(d.box.shift(dx), d.text_box.shift(dx), d.text, d.confidence, d.orientation)
            for d in half.dialogs
        ),
    )
