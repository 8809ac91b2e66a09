"""What a run tells while it works. The CLI and the flows decide how it looks."""

from __future__ import annotations

from typing import Protocol

from pipeline.core.outcome import Outcome
from schemas.receipts import Receipt


class Progress(Protocol):
    """Hears of every stage from several threads at once."""

    def started(self, stage: str, scope: str, items: int, already_done: int) -> None: ...

    def advanced(self, stage: str, scope: str, outcome: Outcome) -> None: ...

    def finished(self, receipt: Receipt, *, was_done: bool) -> None: ...


class Silent:
    """Says nothing."""

    def started(self, stage: str, scope: str, items: int, already_done: int) -> None:
        return

    def advanced(self, stage: str, scope: str, outcome: Outcome) -> None:
        return

    def finished(self, receipt: Receipt, *, was_done: bool) -> None:
        return
