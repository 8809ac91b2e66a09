"""A clean build of the two small series, made once and copied for each case."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from pipeline.wiring import Plan
from tests.support.built import copied, plan_for, product, run_all


@pytest.fixture(scope="session")
def clean(tmp_path_factory: pytest.TempPathFactory) -> Plan:
    """Built once; nobody changes it."""
    plan = plan_for(tmp_path_factory.mktemp("clean") / "work")
    run_all(plan)
    return plan


@pytest.fixture(scope="session")
def clean_product(clean: Plan) -> dict[str, str]:
    return product(clean.workspace)


@pytest.fixture
def fresh_copy(clean: Plan, tmp_path: Path) -> Callable[[], Plan]:
    """Copies of the clean build, each in a place of its own."""
    copies = iter(range(1000))
    return lambda: copied(clean, tmp_path / f"copy{next(copies)}")
