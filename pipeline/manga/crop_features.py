"""A cheap feature of a character crop, from pixels alone.

Tones of a 4 x 4 grid plus oriented gradients (Dalal and Triggs 2005) of the face region. On real
pages such features hardly tell characters apart, so what is made of them stays a proposal.
"""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from schemas.boxes import Box
from schemas.pixels import Pixels

_SIDE = 64
_BINS = 8
_GRID = 4


def crop_feature(pixels: Pixels, box: Box, face: Box | None) -> NDArray[np.float64]:
    """L2-normalised vector of 256 values. Boxes in the frame of `pixels` (H x W x 3)."""
    seen = _around(face) if face is not None else box
    seen = seen.clip(pixels.shape[1], pixels.shape[0])
    if not seen.area:
        return np.full(2 * _GRID * _GRID * _BINS, (2 * _GRID * _GRID * _BINS) ** -0.5)
    crop = cv2.cvtColor(pixels[seen.y1 : seen.y2, seen.x1 : seen.x2], cv2.COLOR_RGB2GRAY)
    grey = np.asarray(cv2.resize(crop, (_SIDE, _SIDE), interpolation=cv2.INTER_AREA), np.float64)
    tones, edges = _unit(_tones(grey)), _unit(_edges(grey))
    return _unit(np.concatenate([tones, edges]))


def _around(face: Box) -> Box:
    """The face with its hair: hair tells more than the eyes that all share."""
    return face.grow(0.35 * face.width, 0.35 * face.height)


def _tones(grey: NDArray[np.float64]) -> NDArray[np.float64]:
    """Histogram of 8 tones in each cell of the grid."""
    return _cell_histograms(grey / 256 * _BINS, np.ones_like(grey))


def _edges(grey: NDArray[np.float64]) -> NDArray[np.float64]:
    """Histogram of 8 unsigned gradient directions in each cell, weighted by strength."""
    dy, dx = np.gradient(grey)
    direction = (np.arctan2(dy, dx) % np.pi) / np.pi * _BINS
    return _cell_histograms(direction, np.hypot(dx, dy))


def _cell_histograms(
    values: NDArray[np.float64], weights: NDArray[np.float64]
) -> NDArray[np.float64]:
    rows, columns = np.indices(values.shape) * _GRID // _SIDE
    bins = np.clip(values.astype(np.int64), 0, _BINS - 1)
    flat = (rows * _GRID + columns) * _BINS + bins
    size = _GRID * _GRID * _BINS
    return np.bincount(flat.ravel(), weights.ravel(), minlength=size).astype(np.float64)


def _unit(vector: NDArray[np.float64]) -> NDArray[np.float64]:
    length = float(np.linalg.norm(vector))
    return vector / length if length else vector
