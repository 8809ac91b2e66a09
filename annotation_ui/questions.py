"""What a sheet asks: the controls of the labelling configs and the answers that they allow.

A config's XML and this file say the same twice, because Label Studio checks nothing of what it
stores; a test holds the two together.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Final

SHEET: Final = "sheet"
"""The object that every control belongs to."""

WRONG: Final = "wrong"
VERDICT: Final = "verdict"
NAME: Final = "name"


class SheetVerdict(StrEnum):
    """The answer about a whole sheet; crops that are marked as wrong are exceptions to it."""

    ONE_CHARACTER = "one_character"
    MIXED = "mixed"
    NOT_A_CHARACTER = "not_a_character"
    UNSURE = "unsure"


@dataclass(frozen=True, slots=True)
class SheetConfig:
    """One labelling config. The version goes up when the question changes, not when its looks do:
    sheets of another version are other sheets, and people see them again."""

    name: str
    version: int
    types: tuple[tuple[str, str], ...]
    """Each control and the type of its results."""

    @property
    def tag(self) -> str:
        """What a task says of the config that it was made for."""
        return f"{self.name}-v{self.version}"

    @property
    def path(self) -> Path:
        """The XML, to be pasted into a project's labelling setup."""
        return Path(__file__).parent / "configs" / f"{self.name}.xml"


CLUSTER_SHEET: Final = SheetConfig("cluster_sheet", 1, ((WRONG, "choices"), (VERDICT, "choices")))
"""Is this one character? The sheet of every day."""

NAMED_SHEET: Final = SheetConfig("named_sheet", 1, (*CLUSTER_SHEET.types, (NAME, "textarea")))
"""The same with a field for the name: for a first pass over the main characters."""

CONFIGS: Final = {config.tag: config for config in (CLUSTER_SHEET, NAMED_SHEET)}
"""Every config whose results can still be read."""
