"""What is done, stale, missing or failed, and why. Reads only: no lock, nothing is run."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Literal

from pipeline.build import assembled
from pipeline.core.errors import NotPlanned, StopRun
from pipeline.core.runner import question_of, standing_receipt
from pipeline.core.stage import Stage
from pipeline.core.workspace import Workspace
from pipeline.staleness import reasons_to_run
from pipeline.wiring import SERIES_STAGES, Plan, series_stage, shard_stage
from schemas.receipts import DATASET_SCOPE, Receipt
from schemas.series import SeriesEntry

State = Literal["done", "stale", "missing", "failed"]


@dataclass(frozen=True)
class StageState:
    """One stage of one series (or of the dataset, scope "_dataset"), as things lie now.

    done     its receipt answers today's question and its files lie there
    stale    there is a receipt, but the next run would do it again
    missing  it never finished
    failed   items failed, its source cannot be read, or it left nothing to go on with

    The counts are those of the last receipt; `why` is empty only where it is done.
    """

    stage: str
    scope: str
    state: State
    kept: int = 0
    dropped: dict[str, int] = field(default_factory=dict)
    failed: dict[str, int] = field(default_factory=dict)
    why: tuple[str, ...] = ()

    @property
    def is_done(self) -> bool:
        return self.state == "done"


def plan_states(plan: Plan) -> list[StageState]:
    """Every stage of every series in the order of the manifest, the shards last."""
    states = [state for entry in plan.manifest.series for state in series_states(plan, entry)]
    return [*states, _shard_state(plan, states)]


def series_states(plan: Plan, entry: SeriesEntry) -> list[StageState]:
    """The stages of one series, in order."""
    states: list[StageState] = []
    for name in SERIES_STAGES:
        unfinished = [state.stage for state in states if not state.is_done]
        states.append(_series_stage_state(plan, entry, name, unfinished))
    return states


def _series_stage_state(
    plan: Plan, entry: SeriesEntry, name: str, unfinished: Sequence[str]
) -> StageState:
    receipt = plan.workspace.read_receipt(name, entry.slug)
    try:
        stage = series_stage(plan, entry, name)
    except NotPlanned as error:
        return _state(name, entry.slug, receipt, "missing", [str(error)])
    except StopRun as error:
        return _state(name, entry.slug, receipt, "failed", [str(error)])
    if name == "resolve" and receipt and not receipt.items:
        verdict = "nothing can be read of it: mangazero plan says why"
        return _state(name, entry.slug, receipt, "failed", [verdict])
    if name == "screen" and receipt and not receipt.kept and not receipt.n_failed:
        verdict = "no page is left after it: replace the pages, or change the limits or colour"
        return _state(name, entry.slug, receipt, "failed", [verdict])
    awaited = [each for each in unfinished if each in {table.stage for table in stage.reads}]
    return stage_state(stage, plan.workspace, [f"waits for {', '.join(awaited)}"] * bool(awaited))


def stage_state(stage: Stage, workspace: Workspace, waits: Sequence[str] = ()) -> StageState:
    """The state of one declared stage. `waits` names what has to be done before it."""
    scope = stage.scope.name
    receipt = workspace.read_receipt(stage.name, scope)
    if receipt is None:
        return _state(stage.name, scope, None, "missing", waits or ["never finished"])
    question = question_of(stage, workspace)
    if standing_receipt(stage, workspace, question) is None:
        reasons = reasons_to_run(stage, workspace, receipt, question)
        kind: State = "failed" if receipt.n_failed else "stale"
        return _state(stage.name, scope, receipt, kind, [*reasons, *waits])
    return _state(stage.name, scope, receipt, "stale" if waits else "done", waits)


def _shard_state(plan: Plan, states: Sequence[StageState]) -> StageState:
    """The shards wait for series that are on their way, not for those that cannot be read."""
    unread = {s.scope for s in states if s.state == "failed" and s.stage in ("resolve", "screen")}
    awaited = sorted({s.scope for s in states if not s.is_done} - unread)
    waits = [f"waits for {_some(awaited)}"] if awaited else []
    slugs = assembled(plan, ())
    if not slugs:
        why = waits or ["no series can be read"]
        return _state("shard", DATASET_SCOPE, None, "missing", why)
    return stage_state(shard_stage(plan, tuple(slugs)), plan.workspace, waits)


def _some(slugs: Sequence[str]) -> str:
    more = f" and {len(slugs) - 3} more series" if len(slugs) > 3 else ""
    return ", ".join(slugs[:3]) + more


def _state(
    stage: str, scope: str, receipt: Receipt | None, state: State, why: Sequence[str]
) -> StageState:
    if receipt is None:
        return StageState(stage, scope, state, why=tuple(why))
    return StageState(
        stage, scope, state, receipt.kept, receipt.dropped, receipt.failed, tuple(why)
    )
