"""The environment that Prefect finds."""

from __future__ import annotations

from pathlib import Path

from flows.settings import settle_environment


def test_telemetry_is_off_and_the_database_is_ours() -> None:
    environment: dict[str, str] = {}
    settle_environment(Path("/somewhere/.prefect"), environment)
    assert environment["PREFECT_HOME"] == "/somewhere/.prefect"
    assert environment["DO_NOT_TRACK"] == "1"
    assert environment["PREFECT_SERVER_ANALYTICS_ENABLED"] == "false"


def test_what_the_operator_set_is_left_alone() -> None:
    environment = {"PREFECT_HOME": "/mine", "PREFECT_LOGGING_LEVEL": "DEBUG"}
    settle_environment(Path("/somewhere/.prefect"), environment)
    assert environment["PREFECT_HOME"] == "/mine"
    assert environment["PREFECT_LOGGING_LEVEL"] == "DEBUG"
