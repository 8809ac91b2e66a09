"""Detectors that know the truth, or nothing: the two ends between which real ones lie.

Frame of what they find: the page image, so the right page's boxes move by `x_offset`.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator, Sequence

from pipeline.ports.protocols import PagePicture
from schemas.boxes import Box
from schemas.detections import Detection, FoundCharacter, FoundDialog, FoundPanel
from schemas.truth import TruthDialog, TruthPage

TruthOf = Callable[[str], TruthPage]
"""The truth of a page id ("slug/c0001/p003"), in that page's own pixels."""


class OracleDetector:
    """Reads the truth instead of the pixels; signs are no dialogue, so it leaves them out."""

    name = "oracle"

    def __init__(self, truth_of: TruthOf) -> None:
        self._truth_of = truth_of

    def detect(self, picture: PagePicture) -> Detection:
        panels: list[FoundPanel] = []
        characters: list[FoundCharacter] = []
        dialogs: list[FoundDialog] = []
        for page, dx in _halves(picture):
            truth = self._truth_of(page)
            panels += [FoundPanel(panel.box.shift(dx), 1.0) for panel in truth.panels]
            characters += [
                FoundCharacter(
                    character.box.shift(dx),
                    None if character.face is None else Box(*character.face).shift(dx),
                    1.0,
                    self.name,
                )
                for character in truth.characters
            ]
            dialogs += [_found(dialog, dx) for dialog in truth.dialogs if dialog.kind != "sign"]
        return Detection(tuple(panels), tuple(characters), tuple(dialogs))


def _halves(picture: PagePicture) -> Iterator[tuple[str, int]]:
    """The page ids of a page image, each with where its left edge lies."""
    yield picture.page_image.left_page, 0
    if picture.page_image.is_double:
        yield picture.page_image.right_page, picture.page_image.x_offset


def _found(dialog: TruthDialog, dx: int) -> FoundDialog:
    text_box = dialog.box if dialog.text_box is None else Box(*dialog.text_box)
    return FoundDialog(
        dialog.box.shift(dx),
        text_box.shift(dx),
        dialog.text,
        1.0,
        "vertical" if dialog.orientation == "vertical" else "horizontal",
    )


class RandomDetector:
    """Boxes of plausible sizes anywhere; the same ones each time for the same page image."""

    name = "random"

    def __init__(self, seed: int = 0) -> None:
        self._seed = seed

    def detect(self, picture: PagePicture) -> Detection:
        image = picture.page_image
        dice = random.Random(f"{self._seed}|{image.id}")
        size = (image.width, image.height)
        panels = [FoundPanel(_anywhere(dice, size, 0.5), dice.random()) for _ in range(5)]
        characters = [
            FoundCharacter(_anywhere(dice, size, 0.25), None, dice.random(), self.name)
            for _ in range(6)
        ]
        dialogs = [
            FoundDialog(box, box, "", dice.random(), "vertical")
            for box in (_anywhere(dice, size, 0.15) for _ in range(6))
        ]
        return Detection(tuple(panels), tuple(characters), tuple(dialogs))


def _anywhere(dice: random.Random, size: tuple[int, int], share: float) -> Box:
    """A box whose sides are about `share` of the page's, somewhere on the page."""
    wide = max(1, round(size[0] * share * dice.uniform(0.5, 1.5)))
    high = max(1, round(size[1] * share * dice.uniform(0.5, 1.5)))
    x, y = dice.randint(0, size[0] - wide), dice.randint(0, size[1] - high)
    return Box(x, y, x + wide, y + high)


class ShuffledIdentities:
    """The truth with each character's identity drawn by lot: boxes stay right, names do not."""

    def __init__(self, truth_of: TruthOf, identities: Sequence[str], seed: int = 0) -> None:
        self._truth_of = truth_of
        self._identities = tuple(identities)
        self._seed = seed

    def __call__(self, page: str) -> TruthPage:
        truth = self._truth_of(page)
        dice = random.Random(f"{self._seed}|{page}")
        renamed = tuple(
            character.model_copy(update={"identity": dice.choice(self._identities)})
            for character in truth.characters
        )
        return truth.model_copy(update={"characters": renamed})
