"""Folding verdicts: whatever order they arrive in, and what each kind does."""

from __future__ import annotations

import json
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.core.errors import BadConfig
from pipeline.manga.verdicts import fold
from pipeline.ports.verdict_log import read_verdicts
from schemas.identities import Identity, Verdict

BOXES = [f"ink/c0001/p001/character{n:02d}" for n in range(8)]
A, B, C, D, E, *_ = BOXES


def proposals() -> list[Identity]:
    """Eight boxes; pairs of them are proposed to be one."""
    return [
        Identity(
            id=box, series="ink", identity=f"ink/who{n // 2:04d}", status="proposed", cluster_size=2
        )
        for n, box in enumerate(BOXES)
    ]


def verdict(number: int, kind: Any, *boxes: str, name: str = "", at: str = "") -> Verdict:
    return Verdict(
        id=f"v{number:03d}",
        series="ink",
        kind=kind,
        characters=boxes,
        name=name,
        annotator="ann",
        at=at or f"2026-01-01T00:{number:02d}:00+00:00",
    )


def who(*verdicts: Verdict) -> dict[str, str]:
    return {box: each.identity for box, each in fold(proposals(), verdicts).items()}


def test_without_verdicts_proposals_stand() -> None:
    folded = fold(proposals(), [])
    assert list(folded.values()) == proposals()


def test_junk_has_no_identity() -> None:
    assert set(BOXES) - set(who(verdict(1, "junk", A, "ink/c0001/p009/character00"))) == {A}


def test_same_joins_the_boxes_it_lists_and_verifies_them() -> None:
    folded = fold(proposals(), [verdict(1, "same", C, A)])
    assert folded[A].identity == folded[C].identity == "ink/who0000"
    assert (folded[A].status, folded[C].status) == ("verified", "verified")
    assert (folded[D].identity, folded[D].status) == ("ink/who0001", "proposed")


def test_same_holds_over_several_verdicts() -> None:
    """E joins C, then C joins A: E is A too."""
    found = who(verdict(1, "same", E, C), verdict(2, "same", C, A))
    assert found[A] == found[C] == found[E]


def test_different_parts_boxes_of_one_proposal() -> None:
    found = who(verdict(1, "different", A, B))
    assert found[A] == "ink/who0000"
    assert found[B] not in {each.identity for each in proposals()}


def test_later_verdicts_win() -> None:
    assert who(verdict(1, "different", A, B), verdict(2, "same", A, B))[B] == "ink/who0000"
    parted = who(verdict(1, "same", A, B), verdict(2, "different", A, B))
    assert parted[A] != parted[B]


def test_later_is_a_matter_of_time_not_of_text() -> None:
    early = verdict(1, "same", A, B, at="2026-01-01T10:00:00+09:00")
    late = verdict(2, "different", A, B, at="2026-01-01T02:00:00Z")
    found = who(late, early)
    assert found[A] != found[B]


def test_a_name_stands_for_one_identity_and_two_names_for_two() -> None:
    found = who(
        verdict(1, "name", A, C, name="Aoi"),
        verdict(2, "name", E, name="Aoi"),
        verdict(3, "name", B, name="Ben"),
    )
    assert found[A] == found[C] == found[E]
    assert found[B] != found[A]


def test_a_box_renamed_leaves_its_identity() -> None:
    found = who(verdict(1, "name", A, B, name="Aoi"), verdict(2, "name", B, name="Ben"))
    assert found[A] != found[B]


def test_a_name_follows_its_boxes_when_they_are_joined() -> None:
    found = who(
        verdict(1, "name", C, name="Aoi"),
        verdict(2, "same", A, C),
        verdict(3, "name", E, name="Aoi"),
    )
    assert found[A] == found[C] == found[E]


def test_a_verdict_on_boxes_that_are_gone_does_nothing() -> None:
    gone = "ink/c0001/p009/character00"
    kinds = ("same", "different", "name", "junk")
    assert who(*(verdict(n, kind, gone, name="X") for n, kind in enumerate(kinds))) == who()


verdicts = st.lists(
    st.builds(
        lambda number, minute, kind, boxes, name: verdict(
            number, kind, *boxes, name=name, at=f"2026-01-01T0{minute % 3}:00:00+0{minute % 2}:00"
        ),
        st.integers(0, 6),
        st.integers(0, 5),
        st.sampled_from(["same", "different", "name", "junk"]),
        st.lists(st.sampled_from([*BOXES, "ink/c0009/p001/character00"]), min_size=1, max_size=4),
        st.sampled_from(["Aoi", "Ben"]),
    ),
    max_size=8,
)


@given(verdicts, st.randoms(use_true_random=False))
def test_the_order_of_arrival_and_repeats_leave_no_trace(given_: list[Verdict], dice: Any) -> None:
    folded = fold(proposals(), given_)
    again = [*given_, *given_[:2]]
    dice.shuffle(again)
    assert fold(proposals(), again) == folded
    assert set(folded) <= set(BOXES)
    assert [each.id for each in proposals()] == BOXES


@given(st.lists(st.lists(st.sampled_from(BOXES), min_size=2, max_size=3), max_size=6))
def test_same_is_transitive(groups: list[list[str]]) -> None:
    found = who(*(verdict(n, "same", *boxes) for n, boxes in enumerate(groups)))
    for boxes in groups:
        for one, other in pairwise(boxes):
            assert found[one] == found[other]


def log(path: Path, *lines: str | bytes) -> Path:
    encoded = [line.encode() if isinstance(line, str) else line for line in lines]
    path.write_bytes(b"\n".join(encoded))
    return path


def test_the_log_is_read_whole(tmp_path: Path) -> None:
    odd = verdict(1, "name", A, name="line\u2028break\u0085\x0b")
    raw = json.dumps(odd.model_dump(), ensure_ascii=False)
    path = log(tmp_path / "v.jsonl", raw, "", verdict(2, "junk", B).model_dump_json() + "\r", "")
    assert read_verdicts(path) == (odd, verdict(2, "junk", B))
    assert read_verdicts(tmp_path / "none.jsonl") == ()


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ("{", "the line: Invalid JSON"),
        (b"\xff", "the line: Invalid JSON"),
        ('{"id": "v"}', "series: Field required"),
        (verdict(1, "junk", A).model_dump_json().replace("+00:00", ""), "at: .*no offset"),
        (verdict(1, "junk", A).model_dump_json().replace("2026-01", "2026-21"), "at: "),
        (verdict(1, "junk", A).model_dump_json().replace('"junk"', '"junky"'), "kind: "),
    ],
)
def test_a_line_that_is_no_verdict_is_never_skipped(
    tmp_path: Path, line: str | bytes, message: str
) -> None:
    path = log(tmp_path / "v.jsonl", verdict(1, "junk", A).model_dump_json(), line)
    with pytest.raises(BadConfig, match=f"v.jsonl: line 2: {message}"):
        read_verdicts(path)
