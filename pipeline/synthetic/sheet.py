"""A page in the making."""

from __future__ import annotations

from dataclasses import dataclass

from PIL import Image

from pipeline.synthetic.pen import FINE
from pipeline.synthetic.scene import Setting
from pipeline.synthetic.truth import TruthDraft


@dataclass(frozen=True, slots=True)
class Sheet:
    """A page in the making: its canvas (None where only truth is asked for) and its truth."""

    canvas: Image.Image | None
    draft: TruthDraft
    setting: Setting
    number: int

    @property
    def hair(self) -> float:
        """The width of a line of weight 1, in canvas pixels."""
        return 1.7 * FINE * self.setting.unit
