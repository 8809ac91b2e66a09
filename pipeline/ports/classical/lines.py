"""Text lines as RapidOCR (PP-OCRv6 on onnxruntime, Apache-2.0) reads them.

A line is one row of horizontal lettering or one column of vertical lettering, not a balloon:
`pipeline.ports.classical.text` joins lines, `balloons` finds what is around them.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any, Final, Protocol

import cv2
import numpy as np

from pipeline.ports.classical.working_size import working_scale
from pipeline.ports.protocols import Pixels
from schemas.boxes import Box
from schemas.detections import Orientation

READING_HEIGHT: Final = 2000
"""Pages are brought to this height (pixels) first: small scans read far better enlarged."""

MAX_ENLARGEMENT: Final = 2.5
"""Past this factor there is nothing more to see, only more pixels to search."""

_VERTICAL_FROM: Final = 1.5
"""RapidOCR turns a crop this much taller than wide before it reads it: its idea of vertical."""

_LYING: Final[Mapping[str, str]] = {"一": "!"}
"""Signs that stand alone in a tall box and were read lying: a real "one" is wider than high."""

_MODEL_FILES: Final[Mapping[str, str]] = {
    "Det": "PP-OCRv6_det_small.onnx",
    "Rec": "PP-OCRv6_rec_small.onnx",
}


@dataclass(frozen=True, slots=True)
class TextLine:
    """One line of lettering. Box: pixels of the picture that was read; confidence 0 to 1."""

    box: Box
    text: str
    confidence: float
    orientation: Orientation


class LineReader(Protocol):
    """Reads the lines of lettering of a picture."""

    def read(self, pixels: Pixels) -> list[TextLine]:
        """All lines that were read, sure or not, in no order. Boxes in the picture's pixels."""
        ...


class RapidOcrReader:
    """RapidOCR with the model files that its package carries: nothing is ever downloaded.

    The models (31 MB) load at the first `read`. Not thread-safe; meant to live long.
    """

    def __init__(self, threads: int = 1, page_height: int = READING_HEIGHT) -> None:
        self._threads = threads
        self._page_height = page_height
        self._engine: Any = None

    def read(self, pixels: Pixels) -> list[TextLine]:
        """Lines of an RGB picture. Raises FileNotFoundError where a model file is gone."""
        if self._engine is None:
            self._engine = _build_engine(self._threads)
        height, width = pixels.shape[:2]
        scale = working_scale(height, width, self._page_height, at_most=MAX_ENLARGEMENT)
        answer = self._engine(cv2.cvtColor(_resize(pixels, scale), cv2.COLOR_RGB2BGR))
        if answer.boxes is None:
            return []
        lines = (
            _line(corners / scale, text, float(score), (width, height))
            for corners, text, score in zip(answer.boxes, answer.txts, answer.scores, strict=True)
        )
        return [line for line in lines if line.box.area > 0]


@cache
def model_hashes() -> dict[str, str]:
    """File name -> sha256 of the model files that are used, read once a process.

    Raises FileNotFoundError where one is gone.
    """
    return {
        name: hashlib.sha256((_model_folder() / name).read_bytes()).hexdigest()
        for name in sorted(_MODEL_FILES.values())
    }


def _resize(pixels: Pixels, scale: float) -> Pixels:
    if scale == 1.0:
        return pixels
    interpolation = cv2.INTER_CUBIC if scale > 1.0 else cv2.INTER_AREA
    resized = cv2.resize(pixels, None, fx=scale, fy=scale, interpolation=interpolation)
    return np.asarray(resized, dtype=np.uint8)


def _line(
    corners: np.ndarray[Any, Any], text: str, score: float, size: tuple[int, int]
) -> TextLine:
    x1, y1 = np.floor(corners.min(axis=0)).astype(int).tolist()
    x2, y2 = np.ceil(corners.max(axis=0)).astype(int).tolist()
    box = Box(x1, y1, x2, y2).clip(*size)
    is_tall = box.height >= _VERTICAL_FROM * box.width
    text = text.strip()
    if is_tall and text in _LYING:
        text = _LYING[text]
    return TextLine(box, text, score, "vertical" if is_tall else "horizontal")


def _build_engine(threads: int) -> Any:
    # Imported here: the import alone costs about a second, and --help must not pay it.
    from rapidocr import RapidOCR

    models = _model_folder()
    params: dict[str, Any] = {
        "Global.log_level": "error",
        "Global.text_score": 0.0,
        # The size is chosen here; RapidOCR's own enlargement of narrow strips takes minutes.
        "Global.max_side_len": 100_000,
        "Global.use_vertical_padding": False,
        "Det.limit_type": "max",
        "Det.limit_side_len": 100_000,
        # The upright/upside-down classifier is for photographs; pages lie the right way up.
        "Global.use_cls": False,
        # Lone "?" and drawn sounds score low as text; `text_dialogs` judges them by their balloon.
        "Det.box_thresh": 0.3,
        "EngineConfig.onnxruntime.intra_op_num_threads": threads,
        "EngineConfig.onnxruntime.inter_op_num_threads": 1,
    }
    for part, name in _MODEL_FILES.items():
        # A path of our own keeps RapidOCR from fetching a file that is missing.
        params[f"{part}.model_path"] = str(models / name)
    return RapidOCR(params=params)


def _model_folder() -> Path:
    import rapidocr

    return Path(rapidocr.__file__).parent / "models"
