"""Exported results: what becomes a verdict, what goes into quarantine, and that neither depends
on the order or the number of times that it is read."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from hypothesis import example, given, settings
from hypothesis import strategies as st

from annotation_ui.answers import Reason
from annotation_ui.results import Reading, read_results
from schemas.detections import Character
from schemas.identities import Verdict

GOLDEN = Path(__file__).parents[1] / "golden" / "annotation"


def tasks() -> list[Any]:
    found: list[Any] = json.loads((GOLDEN / "results.json").read_text())
    return found


def character(number: int, **changes: Any) -> Character:
    page = "haruko/c0001/p001"
    values: dict[str, Any] = {
        "id": f"{page}/character{number:02d}",
        "series": "haruko",
        "page_image": page,
        "panel": f"{page}/panel00",
        "placement": "inside",
        **{"x1": 10 * number, "y1": 0, "x2": 10 * number + 8, "y2": 8},
        **dict.fromkeys(("face_x1", "face_y1", "face_x2", "face_y2"), 0),
        "confidence": 0.5,
        "source": "drawn",
        "detector": "by-hand",
    }
    return Character.model_validate({**values, **changes})


def everyone() -> list[Character]:
    return [character(number) for number in range(6)]


def read(key: str) -> Reading:
    return read_results([t for t in tasks() if t["data"]["task_key"] == key], everyone())


def said(reading: Reading) -> list[tuple[str, list[int], str]]:
    """Kind, the numbers of the characters, name."""
    return [
        (each.kind, [int(one[-2:]) for one in each.characters], each.name)
        for each in reading.verdicts
    ]


def lines_of(reading: Reading) -> str:
    return "".join(f"{verdict.model_dump_json()}\n" for verdict in reading.verdicts)


def quarantine_lines(reading: Reading) -> str:
    return "".join(
        f"{each.task_key} {each.annotation}: {each.reason}: {each.detail}\n"
        for each in reading.quarantined
    )


def test_the_recorded_results_give_the_recorded_verdicts() -> None:
    reading = read_results(tasks(), everyone())
    assert lines_of(reading) == (GOLDEN / "verdicts.jsonl").read_text()
    assert quarantine_lines(reading) == (GOLDEN / "quarantine.txt").read_text()


def test_a_pure_sheet_says_that_all_are_the_same() -> None:
    assert said(read("pure")) == [("same", [0, 1, 2, 3], "")]


def test_each_outlier_differs_from_the_rest_and_nothing_is_said_among_them() -> None:
    assert said(read("outliers")) == [
        ("different", [0, 2], ""),
        ("different", [0, 3], ""),
        ("same", [0, 1], ""),
    ]


def test_junk_leaves_the_marked_one_alone() -> None:
    assert said(read("junk")) == [("junk", [4, 5], "")]
    assert said(read("junk-but-one")) == [("junk", [4], "")]


def test_a_name_is_one_clean_line() -> None:
    assert said(read("named")) == [("same", [0, 1], ""), ("name", [0, 1], "Haruko Amano")]


def test_a_marked_anchor_stays_and_the_kept_go() -> None:
    assert said(read("marked-anchor")) == [
        ("different", [2, 0], ""),
        ("different", [2, 1], ""),
        ("different", [0, 3], ""),
        ("same", [0, 1], ""),
    ]


def test_a_box_that_is_gone_is_left_out_and_told() -> None:
    reading = read("redetected")
    assert said(reading) == [("different", [0, 1], ""), ("same", [0], "")]
    assert [each.reason for each in reading.quarantined] == [Reason.CHANGED_BOX]


def test_a_box_that_moved_is_not_the_box_that_was_judged() -> None:
    moved = [character(0, x2=9), *everyone()[1:]]
    export = [task for task in tasks() if task["data"]["task_key"] == "pure"]
    assert said(read_results(export, moved)) == [("same", [1, 2, 3], "")]


def test_every_reason_but_the_doubtless_is_met() -> None:
    reasons = {each.reason for each in read_results(tasks(), everyone()).quarantined}
    assert reasons == set(Reason)


def test_the_annotator_is_a_number_in_both_forms() -> None:
    verdicts = (*read("pure").verdicts, *read("outliers").verdicts)
    assert {verdict.annotator for verdict in verdicts} == {"user-1", "user-2"}
    assert "example.com" not in lines_of(read("outliers"))


def test_times_are_utc_and_sort_as_text() -> None:
    export = [task for task in tasks() if task["data"]["task_key"] == "pure"]
    export[0]["annotations"][0]["updated_at"] = "2026-03-01T00:30:00+09:00"
    assert read_results(export, everyone()).verdicts[0].at == "2026-02-28T15:30:00.000000+00:00"


def test_a_correction_makes_a_verdict_of_its_own() -> None:
    export = [task for task in tasks() if task["data"]["task_key"] == "pure"]
    before = read_results(export, everyone()).verdicts
    export[0]["annotations"][0]["updated_at"] = "2026-03-02T10:00:00Z"
    after = read_results(export, everyone()).verdicts
    assert before[0].id != after[0].id
    assert before[0].at < after[0].at


FEW = settings(max_examples=20, deadline=None)
"""Each example reads whole exports; a busy machine may need its time."""


@FEW
@given(st.randoms(use_true_random=False))
def test_order_and_repetition_do_not_matter(random: Any) -> None:
    shuffled = tasks() + random.sample(tasks(), 3)
    random.shuffle(shuffled)
    for task in shuffled:
        random.shuffle(task["annotations"])
        for annotation in task["annotations"]:
            random.shuffle(annotation["result"])
            for region in annotation["result"]:
                if isinstance(region.get("value", {}).get("choices"), list):
                    random.shuffle(region["value"]["choices"])
    people = everyone()
    random.shuffle(people)
    shuffled_reading = read_results(shuffled, people)
    reading = read_results(tasks(), everyone())
    assert shuffled_reading.verdicts == reading.verdicts
    assert _misfits(shuffled_reading) == _misfits(reading)


def _misfits(reading: Reading) -> set[tuple[str, str, str]]:
    return {(each.task_key, each.annotation, each.reason) for each in reading.quarantined}


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text() | st.just("\ud800"),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
)
ANNOTATION_KEYS = st.sampled_from(["id", "updated_at", "result", "completed_by", "was_cancelled"])
REGION_KEYS = st.sampled_from(["from_name", "to_name", "type", "value"])


@FEW
@given(JSON)
def test_no_task_can_raise(task: Any) -> None:
    reading = read_results([task], everyone())
    assert reading.verdicts == ()
    assert [each.reason for each in reading.quarantined] == [Reason.ILL_FORMED]
    assert json.loads(reading.quarantined[0].line)["raw"] == task


@settings(max_examples=60, deadline=None)
@example("id", "value", "\ud800")
@given(ANNOTATION_KEYS, REGION_KEYS, JSON)
def test_no_annotation_can_raise(key: str, region_key: str, junk: Any) -> None:
    for damaged in (_with(key, junk), _with_region(region_key, junk)):
        reading = read_results(damaged, everyone())
        assert reading.verdicts or reading.quarantined
        for verdict in reading.verdicts:
            assert Verdict.model_validate_json(verdict.model_dump_json()) == verdict
        assert all(each.line.isascii() for each in reading.quarantined)


def _with(key: str, junk: Any) -> list[Any]:
    export = [task for task in tasks() if task["data"]["task_key"] == "named"]
    export[0]["annotations"][0][key] = junk
    return export


def _with_region(key: str, junk: Any) -> list[Any]:
    export = [task for task in tasks() if task["data"]["task_key"] == "named"]
    region = export[0]["annotations"][0]["result"][1]
    region[key] = {"text": [junk]} if key == "value" else junk
    return export


def test_the_year_ten_thousand_is_ill_formed() -> None:
    reading = read_results(_with("updated_at", "9999-12-31T23:59:59-10:00"), everyone())
    assert [each.reason for each in reading.quarantined] == [Reason.ILL_FORMED]
