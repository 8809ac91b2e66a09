"""What a run says while it works."""

from __future__ import annotations

import io

from rich.console import Console

from pipeline.cli.narration import PlainLines, narrated
from pipeline.core.outcome import Dropped, Kept
from schemas.receipts import DATASET_SCOPE, Receipt


def receipt(scope: str = "ink", **changes: object) -> Receipt:
    values: dict[str, object] = {
        "stage": "screen",
        "scope": scope,
        "version": 1,
        "fingerprint": "f",
        "config": "c",
        "items": 3,
        "kept": 2,
        "dropped": {"tiny": 1},
        "failed": {},
        "params": {},
        "models": (),
        "reads": {},
        "inputs": {},
        "writes": {},
        "files": {},
        "fresh": 3,
        "started": "2026-01-01T00:00:00+00:00",
        "seconds": 1.25,
        "versions": {},
    }
    return Receipt.model_validate({**values, **changes})


def test_plain_lines_tell_the_end_and_now_and_then_the_way() -> None:
    said: list[str] = []
    now = [0.0]
    lines = PlainLines(said.append, clock=lambda: now[0])
    lines.started("screen", "ink", 3, 1)
    lines.advanced("screen", "ink", Dropped("a", "tiny"))
    now[0] = 11.0
    lines.advanced("screen", "ink", Kept("b", {}))
    lines.finished(receipt(), was_done=False)
    assert said == [
        "screen   ink                 3 of 3 ...",
        "screen   ink                 2 of 3 kept (1 tiny), 1.2 s",
    ]


def test_plain_lines_are_silent_about_what_stood() -> None:
    said: list[str] = []
    PlainLines(said.append).finished(receipt(), was_done=True)
    assert said == []


def test_no_terminal_gets_plain_lines() -> None:
    text = io.StringIO()
    with narrated(Console(file=text)) as progress:
        progress.started("shard", DATASET_SCOPE, 2, 0)
        progress.finished(receipt(DATASET_SCOPE, failed={"BadItem": 1}, kept=1), was_done=False)
    assert (
        text.getvalue()
        == "screen   all series          1 of 3 kept (1 tiny, 1 failed BadItem), 1.2 s\n"
    )


def test_a_terminal_gets_bars_that_vanish_and_lines_that_stay() -> None:
    text = io.StringIO()
    console = Console(file=text, force_terminal=True, width=100)
    with narrated(console) as progress:
        progress.started("screen", "ink", 3, 1)
        progress.advanced("screen", "ink", Kept("b", {}))
        progress.finished(receipt(), was_done=False)
        progress.finished(receipt("reed"), was_done=True)
    shown = text.getvalue()
    assert "2 of 3 kept (1 tiny), 1.2 s" in shown
    assert "reed" not in shown
