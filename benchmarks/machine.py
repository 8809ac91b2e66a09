"""What a figure has to be read with: the machine, the versions, and how busy it was."""

from __future__ import annotations

import os
import platform
import re
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path

PACKAGES = (
    "aiohttp",
    "numpy",
    "opencv-python-headless",
    "onnxruntime",
    "pyarrow",
    "pillow",
    "pydantic",
    "rapidocr",
    "webdataset",
)


def machine() -> dict[str, object]:
    """Facts without any name or path of this machine. Load averages are those of now."""
    return {
        "cores": os.cpu_count(),
        "cpu": _first(r"^model name\s*:\s*(.+)$", "/proc/cpuinfo") or platform.machine(),
        "memory_gb": round(int(_first(r"^MemTotal:\s*(\d+) kB$", "/proc/meminfo") or 0) / 1e6, 1),
        "system": platform.system(),
        "python": platform.python_version(),
        "versions": {name: version(name) for name in PACKAGES},
        "load_at_start": [round(load, 2) for load in os.getloadavg()],
        "day": datetime.now(UTC).date().isoformat(),
    }


def _first(pattern: str, path: str) -> str:
    try:
        found = re.search(pattern, Path(path).read_text(), re.MULTILINE)
    except OSError:
        return ""
    return found.group(1).strip() if found else ""
