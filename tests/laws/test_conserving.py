"""Nothing is lost and nothing is invented: every item listed ends exactly once."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from typing import Any

import pytest

from pipeline.core.engine import LocalEngine
from pipeline.core.errors import BadItem, BrokenInvariant, Retryable
from pipeline.core.outcome import Dropped, Item, Kept, Outcome
from pipeline.core.runner import run_stage
from pipeline.core.stage import Act, Inputs, Stage
from pipeline.core.tables import not_kept_table, read_rows
from pipeline.wiring import Plan
from tests.support.built import STAGES, product, stage_of, undone
from tests.support.engines import CountingEngine

Copies = Callable[[], Plan]

ITEM_OF_ROW = {
    "detect": lambda row: row.page_image,
    "identify": lambda row: row.id.rsplit("/", 1)[0],
    "assemble": lambda row: row.page_image,
}
"""The item that a row answers, where it is not the row's own id."""

ALWAYS_A_ROW = set(STAGES) - {"detect"}
"""A page image on which nothing is found is kept with no row."""


@pytest.mark.parametrize("slug", ["ink", "reed"])
@pytest.mark.parametrize("name", STAGES)
def test_every_item_is_in_exactly_one_table(name: str, slug: str, clean: Plan) -> None:
    stage = stage_of(clean, name, slug)
    receipt = clean.workspace.read_receipt(name, stage.scope.name)
    assert receipt is not None
    assert receipt.kept + receipt.n_dropped + receipt.n_failed == receipt.items > 0

    listed = [item.key for item in stage.list_items(Inputs(clean.workspace, stage.scope))]
    lost = clean.workspace.read(not_kept_table(name), [stage.scope.name])
    item_of = ITEM_OF_ROW.get(name, lambda row: row.id)
    kept = {
        item_of(row)
        for table in stage.writes
        for row in clean.workspace.read(table, [stage.scope.name])
    }
    assert len(listed) == len(set(listed)) == receipt.items
    assert len({row.key for row in lost}) == len(lost) == receipt.items - receipt.kept
    assert kept.isdisjoint(row.key for row in lost)
    assert kept | {row.key for row in lost} <= set(listed)
    if name in ALWAYS_A_ROW:
        assert kept | {row.key for row in lost} == set(listed)
        assert len(kept) == receipt.kept


def test_the_small_series_lose_pages_for_many_reasons(clean: Plan) -> None:
    receipt = clean.workspace.read_receipt("screen", "ink")
    assert receipt is not None
    assert set(receipt.dropped) == {
        "colour",
        "exact_duplicate",
        "near_blank",
        "near_duplicate",
        "truncated",
    }


def losing(act: Act) -> Act:
    return lambda batch: list(act(batch))[1:]


def inventing(act: Act) -> Act:
    return lambda batch: [*act(batch), Dropped("nobody/asked/for-this", "invented")]


def answering_twice(act: Act) -> Act:
    return lambda batch: [outcome for each in act(batch) for outcome in (each, each)]


def renaming(act: Act) -> Act:
    return lambda batch: [Dropped(f"{each.key}x", "renamed") for each in act(batch)]


@pytest.mark.parametrize("fault", [losing, inventing, answering_twice, renaming])
@pytest.mark.parametrize("name", STAGES)
def test_a_faulty_stage_commits_nothing(
    name: str, fault: Callable[[Act], Act], fresh_copy: Copies
) -> None:
    plan = undone(fresh_copy(), name, "ink")
    before = product(plan.workspace)
    stage = stage_of(plan, name)
    with pytest.raises(BrokenInvariant, match="lost or invented"), LocalEngine(0) as engine:
        run_stage(replace(stage, act=fault(stage.act)), plan.workspace, engine)
    assert plan.workspace.read_receipt(name, stage.scope.name) is None
    tables = {path: sha for path, sha in product(plan.workspace).items() if "tables/" in path}
    assert tables == {path: sha for path, sha in before.items() if "tables/" in path}


class ForgetfulEngine:
    """Loses the last batch."""

    def map(self, act: Act, batches: Iterable[Any], *, in_processes: bool) -> Any:
        return iter([list(act(batch)) for batch in list(batches)[:-1]])


@pytest.mark.parametrize("name", STAGES)
def test_a_faulty_engine_commits_nothing(name: str, fresh_copy: Copies) -> None:
    plan = undone(fresh_copy(), name, "ink")
    with pytest.raises(BrokenInvariant, match="without an outcome"):
        run_stage(stage_of(plan, name), plan.workspace, ForgetfulEngine())
    assert plan.workspace.read_receipt(name, stage_of(plan, name).scope.name) is None


@pytest.mark.parametrize("name", ["screen", "identify"])
def test_a_faulty_settling_commits_nothing(name: str, fresh_copy: Copies) -> None:
    plan = undone(fresh_copy(), name, "ink")
    stage = replace(stage_of(plan, name), settle=lambda kept: kept[1:])
    with pytest.raises(BrokenInvariant, match="settling lost or invented"):
        run_stage(stage, plan.workspace, CountingEngine())


def test_the_same_item_twice_is_our_bug(fresh_copy: Copies) -> None:
    plan = undone(fresh_copy(), "pair", "ink")
    stage = stage_of(plan, "pair")
    with pytest.raises(BrokenInvariant, match="the same item twice"):
        run_stage(
            replace(stage, list_items=lambda inputs: [*stage.list_items(inputs)] * 2),
            plan.workspace,
            CountingEngine(),
        )


def test_rows_of_a_table_that_the_stage_does_not_write_are_our_bug(fresh_copy: Copies) -> None:
    plan = undone(fresh_copy(), "pair", "ink")
    stage = stage_of(plan, "pair")

    def misnamed(batch: Sequence[Item[Any]]) -> list[Outcome]:
        return [Kept(item.key, {"page_image": [item.payload]}) for item in batch]

    with pytest.raises(BrokenInvariant, match="page_image"):
        run_stage(replace(stage, act=misnamed), plan.workspace, CountingEngine())


@pytest.mark.parametrize("error", [BadItem, Retryable])
@pytest.mark.parametrize("name", STAGES)
def test_failed_items_are_tried_again_and_dropped_ones_are_not(
    name: str, error: type[Exception], fresh_copy: Copies, clean_product: dict[str, str]
) -> None:
    plan = undone(fresh_copy(), name, "ink")
    stage = stage_of(plan, name)
    broken = sorted(i.key for i in stage.list_items(Inputs(plan.workspace, stage.scope)))[::3]

    first = run_stage(_failing(stage, broken, error), plan.workspace, LocalEngine(0))
    assert first.receipt.failed == {error.__name__: len(broken)}
    table = plan.workspace.table_path(not_kept_table(name), stage.scope.name)
    failed = {r.key for r in read_rows(table, not_kept_table(name)) if r.status == "failed"}
    assert failed == set(broken)

    engine = CountingEngine()
    second = run_stage(stage, plan.workspace, engine)
    assert not second.was_done
    assert sorted(engine.asked) == broken
    assert product(plan.workspace) == clean_product


def _failing(stage: Stage, broken: Sequence[str], error: type[Exception]) -> Stage:
    def act(batch: Sequence[Item[Any]]) -> Iterable[Outcome]:
        for item in batch:
            if item.key in broken:
                raise error(f"{item.key} is broken by the test")
        return stage.act(batch)

    return replace(stage, act=act)
