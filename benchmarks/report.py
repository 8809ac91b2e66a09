"""One measured thing: its figures, the aims set for it, and the lines that tell of it."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any


@dataclass(frozen=True)
class Aim:
    """What was aimed at: the figure has to be under `below`. `value` is in the same unit."""

    what: str
    value: float
    below: float

    @property
    def is_met(self) -> bool:
        return self.value < self.below


@dataclass(frozen=True)
class Measured:
    """The answer of a benchmark. `lines` are (what, value) for people, in order."""

    name: str
    settings: dict[str, Any]
    figures: dict[str, Any]
    lines: Sequence[tuple[str, str]]
    aims: Sequence[Aim] = field(default=())

    def write(self, folder: Path, machine: dict[str, object]) -> Path:
        """benchmarks/results/<name>.json, written over."""
        folder.mkdir(parents=True, exist_ok=True)
        path = folder / f"{self.name}.json"
        aims = [
            {"what": a.what, "value": a.value, "below": a.below, "met": a.is_met} for a in self.aims
        ]
        document = {
            "benchmark": self.name,
            "machine": machine,
            "settings": self.settings,
            "figures": self.figures,
            "aims": aims,
        }
        path.write_text(json.dumps(document, indent=1, ensure_ascii=False) + "\n")
        return path

    def table(self) -> str:
        """The lines as text, aims last."""
        rows = [*self.lines, *((aim.what, _verdict(aim)) for aim in self.aims)]
        width = max(len(what) for what, _ in rows)
        return "\n".join([self.name, *(f"  {what:<{width}}  {value}" for what, value in rows)])


def _verdict(aim: Aim) -> str:
    return f"{aim.value:g} (aim: under {aim.below:g}, {'met' if aim.is_met else 'MISSED'})"
