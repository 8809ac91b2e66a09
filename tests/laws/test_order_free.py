"""The order in which items are listed, answered or arrive leaves no trace in the product."""

from __future__ import annotations

import tarfile
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from pathlib import Path

import pytest

from pipeline.core.engine import LocalEngine
from pipeline.core.outcome import Item, Kept
from pipeline.core.runner import run_stage
from pipeline.manga.annotate import annotate
from pipeline.wiring import Plan
from schemas.boxes import Box
from schemas.detections import Detection, FoundDialog, FoundPanel
from schemas.pages import PageImage
from schemas.samples import ShardPage
from tests.support.built import (
    STAGES,
    drawn_entry,
    plain_entry,
    plan_for,
    product,
    run_all,
    stage_of,
    undone,
)
from tests.support.engines import CountingEngine, ShufflingEngine, listed_in_disorder

Copies = Callable[[], Plan]


@pytest.mark.parametrize("name", STAGES)
def test_answers_in_any_order(name: str, fresh_copy: Copies, clean_product: dict[str, str]) -> None:
    plan = fresh_copy()
    for seed in range(3):
        undone(plan, name, "ink")
        run_stage(stage_of(plan, name), plan.workspace, ShufflingEngine(seed))
        assert product(plan.workspace) == clean_product


@pytest.mark.parametrize("name", STAGES)
def test_items_listed_in_any_order(
    name: str, fresh_copy: Copies, clean_product: dict[str, str]
) -> None:
    plan = fresh_copy()
    for seed in range(3):
        undone(plan, name, "ink")
        shuffled = listed_in_disorder(stage_of(plan, name), seed)
        run_stage(shuffled, plan.workspace, CountingEngine())
        assert product(plan.workspace) == clean_product


def crowded(batch: Sequence[Item[PageImage]]) -> Iterator[Kept]:
    """One column of 120 panels a page image, each with a dialog that says its number."""
    for item in batch:
        found = [Box(0, 3 * n, 90, 3 * n + 3) for n in range(120)]
        rows = annotate(
            Detection(
                panels=tuple(FoundPanel(box, 1) for box in found),
                dialogs=tuple(
                    FoundDialog(box, box, f"{n}", 1, "vertical") for n, box in enumerate(found)
                ),
            ),
            item.payload,
            "crowded",
            0,
        )
        parts = {"panels": rows.panels, "dialogs": rows.dialogs}
        yield Kept(item.key, parts)


def test_more_than_a_hundred_panels_stay_in_reading_order(tmp_path: Path) -> None:
    """Ids sort as text, panel100 before panel11; what is read in order goes by `order`."""
    plan = plan_for(tmp_path / "work", [plain_entry(cap=1)])
    run_all(plan, alter=lambda s: replace(s, act=crowded) if s.name == "detect" else s)
    (shard,) = plan.workspace.shards_folder.glob("*.tar")
    with tarfile.open(shard) as tar:
        (name,) = [name for name in tar.getnames() if name.endswith(".json")]
        page = ShardPage.model_validate_json(tar.extractfile(name).read())  # type: ignore[union-attr]
    assert [panel.order for panel in page.panels] == list(range(120))
    assert [panel.dialogs[0].text for panel in page.panels] == [str(n) for n in range(120)]


def test_series_in_any_order(tmp_path: Path, clean_product: dict[str, str]) -> None:
    plan = plan_for(tmp_path / "work", [plain_entry(), drawn_entry()])
    run_all(plan)
    assert product(plan.workspace) == clean_product


@pytest.mark.slow
def test_worker_processes_give_the_same_bytes(
    tmp_path: Path, clean_product: dict[str, str]
) -> None:
    plan = plan_for(tmp_path / "work")
    with LocalEngine(2) as engine:
        run_all(plan, engine)
    assert product(plan.workspace) == clean_product
