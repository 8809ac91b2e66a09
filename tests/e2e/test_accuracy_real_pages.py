"""The classical detector on real, human-labelled pages: what we promise, kept.

The pages are licensed but never part of this repository: MANGAZERO_REAL_PAGES names them.
"""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from pipeline.cli.evaluate import app
from pipeline.cli.opening import faces_python

pytestmark = [pytest.mark.slow, pytest.mark.real_pages, pytest.mark.timeout(900)]


@pytest.fixture(scope="module")
def told() -> dict[str, Any]:
    """The totals of `mangazero evaluate detector --json` on haruko."""
    named = os.environ.get("MANGAZERO_REAL_PAGES", "")
    folder = Path(named) / "haruko"
    if not named or not folder.is_dir():
        pytest.skip("MANGAZERO_REAL_PAGES names no folder with haruko in it: no real pages to read")
    truth = str(folder / "ground_truth.json")
    result = CliRunner().invoke(
        app, ["detector", "--pages", str(folder), "--truth", truth, "--json"]
    )
    assert result.exit_code == 0, result.output
    total: dict[str, Any] = json.loads(result.stdout)["total"]
    return total


def test_every_page_is_read(told: dict[str, Any]) -> None:
    assert told["not_read"] == 0


def test_panels(told: dict[str, Any]) -> None:
    assert told["panels_iou50"]["f1"] >= 0.65


def test_reading_order_is_exact_where_the_panels_are_right(told: dict[str, Any]) -> None:
    assert told["order"]["pages_right"] > 0
    assert told["order"]["pages_exact"] == told["order"]["pages_right"]


def test_text_regions_are_found(told: dict[str, Any]) -> None:
    assert told["text_regions"]["share"] >= 0.80


def test_text_is_read(told: dict[str, Any]) -> None:
    assert told["characters_read"]["share"] >= 0.90


def test_found_faces_are_faces(told: dict[str, Any]) -> None:
    if not faces_python():
        pytest.skip("no face environment: make setup makes it")
    assert told["faces"]["precision"]["share"] >= 0.80
