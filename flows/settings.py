"""Prefect's settings for this project, put into the environment before prefect is imported."""

from __future__ import annotations

import os
from collections.abc import MutableMapping
from pathlib import Path
from typing import Final

_QUIET: Final = {
    "DO_NOT_TRACK": "1",
    "PREFECT_SERVER_ANALYTICS_ENABLED": "false",
    "PREFECT_SERVER_UI_SHOW_PROMOTIONAL_CONTENT": "false",
    "PREFECT_TELEMETRY_ENABLE_RESOURCE_METRICS": "false",
    "PREFECT_CLI_PROMPT": "false",
    # Our errors reach the operator as one line of our own; Prefect would add its traceback.
    "PREFECT_LOGGING_LEVEL": "CRITICAL",
    "PREFECT_SERVER_LOGGING_LEVEL": "WARNING",
}


def settle_environment(home: Path, environment: MutableMapping[str, str] = os.environ) -> None:
    """Keeps Prefect's database under `home`, its tongue still and its telemetry off.

    Settings that the operator made are left as they are.
    """
    environment.setdefault("PREFECT_HOME", str(home))
    for name, value in _QUIET.items():
        environment.setdefault(name, value)
