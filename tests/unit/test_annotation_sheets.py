"""Cluster sheets: which crops, in what cut, under which key, and nothing unescaped."""

from __future__ import annotations

import json
from html.parser import HTMLParser
from pathlib import Path
from xml.etree import ElementTree

import pytest
from hypothesis import given
from hypothesis import strategies as st

from annotation_ui.questions import CLUSTER_SHEET, CONFIGS, NAMED_SHEET, SHEET, SheetConfig
from annotation_ui.questions import SheetVerdict as Answered
from annotation_ui.sheets import SHEET_CAP, cluster_sheets, task_key
from annotation_ui.tasks import Sheet
from schemas.detections import Character
from schemas.identities import Identity, Status
from tests.unit.test_annotation_results import FEW, GOLDEN, character


def identity(number: int, who: str = "haruko/who0000", status: Status = "proposed") -> Identity:
    one = character(number)
    return Identity(id=one.id, series="haruko", identity=who, status=status, cluster_size=1)


def url(one: Character) -> str:
    return f"/crops/{one.id}.jpg"


def sheets_of(n_crops: int) -> list[Sheet]:
    people = [character(number) for number in range(n_crops)]
    return cluster_sheets([identity(number) for number in range(n_crops)], people, url)


def exported() -> str:
    people = [character(number) for number in range(5)]
    whose = ["haruko/who0001", "haruko/who0000", "haruko/who0001", "haruko/who0002"]
    rows = [identity(number, who) for number, who in enumerate([*whose, "haruko/who0001"])]
    sheets = cluster_sheets(rows, people, url, suspected={people[2].id})
    return json.dumps([sheet.model_dump(mode="json") for sheet in sheets], indent=1) + "\n"


def test_a_small_series_gives_the_recorded_tasks() -> None:
    assert exported() == (GOLDEN / "tasks.json").read_text()


@FEW
@given(st.integers(2, 80))
def test_every_crop_is_on_a_sheet_and_no_sheet_is_too_large(n_crops: int) -> None:
    sheets = sheets_of(n_crops)
    shown = [crop for sheet in sheets for crop in sheet.data.boxes]
    assert all(2 <= len(sheet.data.boxes) <= SHEET_CAP for sheet in sheets)
    assert len(set(shown)) == n_crops
    assert len(shown) == n_crops + len(sheets) - 1


def test_sheets_of_one_cluster_share_their_first_crop_only() -> None:
    first, second, third = (sheet.data for sheet in sheets_of(40))
    anchor = first.crops[0].value
    assert {first.anchor, second.anchor, third.anchor} == {anchor}
    assert first.boxes.keys() & second.boxes.keys() == {anchor}
    assert second.crops[0] == third.crops[0] == first.crops[0]


def test_one_sheet_has_no_anchor() -> None:
    assert sheets_of(18)[0].data.anchor == ""


def test_the_anchor_is_the_surest_face() -> None:
    people = [character(number) for number in range(20)]
    face = {"face_x1": 1, "face_y1": 1, "face_x2": 5, "face_y2": 5}
    people[3] = character(3, confidence=0.9)
    people[7] = character(7, confidence=0.7, **face)
    people[19] = character(19, confidence=1.0, **face)
    sheets = cluster_sheets([identity(number) for number in range(20)], people, url)
    assert sheets[0].data.anchor == people[7].id


def test_a_new_chapter_leaves_full_sheets_as_they_are() -> None:
    before, after = sheets_of(36), sheets_of(60)
    assert [s.data.task_key for s in before[:2]] == [s.data.task_key for s in after[:2]]


@FEW
@given(st.randoms(use_true_random=False))
def test_the_order_of_rows_does_not_matter(random: object) -> None:
    people = [character(number) for number in range(30)]
    rows = [identity(number, f"haruko/who000{number % 3}") for number in range(30)]
    straight = cluster_sheets(rows, people, url)
    random.shuffle(people)  # type: ignore[attr-defined]
    random.shuffle(rows)  # type: ignore[attr-defined]
    assert cluster_sheets(rows, people, url) == straight


def test_the_key_knows_question_characters_and_boxes_only() -> None:
    people = [character(0), character(1)]
    key = task_key(CLUSTER_SHEET, people)
    assert key == task_key(CLUSTER_SHEET, people[::-1])
    assert key == task_key(CLUSTER_SHEET, [character(0, confidence=0.1), character(1)])
    others = [
        task_key(NAMED_SHEET, people),
        task_key(SheetConfig("cluster_sheet", 2, ()), people),
        task_key(CLUSTER_SHEET, [character(0), character(2)]),
        task_key(CLUSTER_SHEET, [character(0, x2=9), character(1)]),
    ]
    assert len({key, *others}) == 5


def test_larger_clusters_come_first_also_as_text() -> None:
    rows = [identity(number, f"haruko/who000{number > 1:d}") for number in range(14)]
    sheets = cluster_sheets(rows, [character(number) for number in range(14)], url)
    assert [len(sheet.data.boxes) for sheet in sheets] == [12, 2]
    assert sheets[0].data.priority < sheets[1].data.priority


def test_what_is_verified_or_alone_is_not_asked() -> None:
    rows = [identity(0), identity(1, "haruko/who0001", "verified")]
    rows += [identity(2, "haruko/who0001", "verified")]
    assert cluster_sheets(rows, [character(number) for number in range(3)], url) == []


def test_an_identity_without_a_character_is_refused() -> None:
    with pytest.raises(ValueError, match="character00"):
        cluster_sheets([identity(0)], [], url)


def test_suspects_are_checked_beforehand() -> None:
    people = [character(0), character(1)]
    marked = cluster_sheets(
        [identity(0), identity(1)], people, url, suspected={people[1].id, "haruko/elsewhere"}
    )
    result = marked[0].predictions[0].result[0]
    assert (result.from_name, result.to_name, result.type) == ("wrong", SHEET, "choices")
    assert result.value.choices == (people[1].id,)
    assert sheets_of(2)[0].predictions == ()


class _Tags(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))


@FEW
@given(st.text(st.characters(exclude_categories=["Cs", "Cc"])))
def test_no_url_gets_out_of_its_attribute(text: str) -> None:
    hostile = f"\"'><script>{text}</script>&lt;"
    sheets = cluster_sheets(
        [identity(0), identity(1)], [character(0), character(1)], lambda _: hostile
    )
    parser = _Tags()
    parser.feed(sheets[0].data.crops[0].html)
    assert [tag for tag, _ in parser.tags] == ["img"]
    assert parser.tags[0][1].keys() == {"src", "alt", "style"}
    assert parser.tags[0][1]["src"] == hostile


def test_the_title_is_escaped() -> None:
    who = '<script>alert("x")</script>'
    rows = [identity(0, who), identity(1, who)]
    sheets = cluster_sheets(rows, [character(0), character(1)], url)
    assert "<" not in sheets[0].data.title
    assert '"' not in sheets[0].data.title


@pytest.mark.parametrize("config", CONFIGS.values(), ids=lambda config: config.tag)
def test_config_and_code_name_the_same_controls_and_answers(config: SheetConfig) -> None:
    root = ElementTree.parse(Path(config.path)).getroot()
    controls = [node for node in root.iter() if node.get("toName")]
    assert {(node.get("name"), node.tag.lower()) for node in controls} == set(config.types)
    assert {node.get("toName") for node in controls} == {SHEET}
    verdict = next(node for node in controls if node.get("name") == "verdict")
    assert verdict.get("required") == "true"
    assert [choice.get("value") for choice in verdict] == [each.value for each in Answered]
    assert [choice.get("hotkey") for choice in verdict] == ["1", "2", "3", "4"]
    assert root.find("Text") is not None
