"""The type of pictures in memory."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Pixels = NDArray[np.uint8]
"""RGB picture: height x width x 3, 0 to 255; a grey one is height x width."""
