"""The tree of errors: each reaction has its exit code, and the docstring lists them truly."""

from __future__ import annotations

import re

from pipeline.core import errors
from pipeline.core.errors import BrokenInvariant, MangaZeroError, StopRun


def subclasses(kind: type) -> set[type]:
    return {each for direct in kind.__subclasses__() for each in (direct, *subclasses(direct))}


def own(kind: type[MangaZeroError]) -> list[type[MangaZeroError]]:
    return [each for each in subclasses(kind) if each.__module__ == errors.__name__]


def test_every_reason_to_stop_has_an_exit_code_of_its_own() -> None:
    codes = [each.exit_code for each in own(StopRun) if StopRun in each.__bases__]
    assert len(set(codes)) == len(codes) >= 12
    assert {0, 1, BrokenInvariant.exit_code}.isdisjoint(codes)
    assert all(0 < code < 256 for code in codes)


def test_the_docstring_lists_the_tree() -> None:
    assert errors.__doc__ is not None
    listed = dict(re.findall(r"[├└]── (\w+) +(\d+) ", errors.__doc__))
    direct = [each for each in own(StopRun) if StopRun in each.__bases__]
    stops = {each.__name__: str(each.exit_code) for each in direct}
    assert listed == {**stops, "BrokenInvariant": "70"}
    for each in set(own(StopRun)) - set(direct):
        assert f"└── {each.__name__} " in errors.__doc__
        assert "exit_code" not in vars(each), "it is a case of its parent's"
