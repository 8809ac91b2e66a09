"""resolve: the plan as the source gives it, and whom to credit, once a chapter."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import pytest

from pipeline.core.engine import LocalEngine
from pipeline.core.errors import NotPlanned
from pipeline.core.runner import StageRun, run_stage
from pipeline.core.workspace import Workspace
from pipeline.ports.protocols import Delivered, Missing, Shelf
from pipeline.stages.resolve import resolve
from pipeline.stages.tables import CREDITS, PLAN
from schemas.pages import ChapterCredit, PlannedPage

CHAPTERS = {"c0001": 3, "c0002": 1, "c0010": 2}


def page(chapter: str, number: int, order: int) -> PlannedPage:
    return PlannedPage(
        id=f"ink/{chapter}/p{number:03d}",
        series="ink",
        chapter=chapter,
        chapter_title=chapter.upper(),
        number=number,
        order=order,
        locator=f"{chapter}/{number}",
        stamp="1",
    )


def credit(chapter: str, **changes: object) -> ChapterCredit:
    values = {
        "id": f"ink/{chapter}",
        "series": "ink",
        "chapter": chapter,
        "provider": "MangaDex",
        "url": f"https://mangadex.org/chapter/{chapter}",
        "work_id": "work",
        "chapter_id": chapter,
        "title": f"Chapter {chapter}",
        "groups": ("Ink Readers",),
        "group_ids": ("g1",),
        "uploader": "aya",
        "uploader_id": "u1",
    }
    return ChapterCredit.model_validate({**values, **changes})


@dataclass(frozen=True)
class Listing:
    """A source that only lists."""

    pages: tuple[PlannedPage, ...]
    named: tuple[ChapterCredit, ...] = ()
    brings_many: bool = True

    def plan(self) -> Sequence[PlannedPage]:
        return self.pages

    def credits(self) -> Sequence[ChapterCredit]:
        return self.named

    def bring(
        self, pages: Sequence[PlannedPage], shelf: Shelf
    ) -> Iterator[Delivered | Missing | None]:
        raise AssertionError("resolve opens no picture")


def listing(**changes: object) -> Listing:
    keys = [(chapter, n) for chapter, pages in CHAPTERS.items() for n in range(1, pages + 1)]
    pages = tuple(page(chapter, n, order) for order, (chapter, n) in enumerate(keys))
    return replace(Listing(pages, tuple(map(credit, CHAPTERS))), **changes)  # type: ignore[arg-type]


def run(source: Listing, root: Path) -> StageRun:
    return run_stage(resolve("ink", source), Workspace(root), LocalEngine(0))


def test_every_page_once_and_every_credit_once(tmp_path: Path) -> None:
    source = listing()
    assert run(source, tmp_path).receipt.kept == 6
    assert tuple(Workspace(tmp_path).read(PLAN, ["ink"])) == source.pages
    assert tuple(Workspace(tmp_path).read(CREDITS, ["ink"])) == source.named


def test_a_chapter_without_a_page_in_the_plan_needs_no_credit(tmp_path: Path) -> None:
    source = listing()
    run(replace(source, pages=source.pages[:3]), tmp_path)
    assert Workspace(tmp_path).read(CREDITS, ["ink"]) == [credit("c0001")]


def test_a_source_whose_manifest_names_everybody_has_no_credits(tmp_path: Path) -> None:
    run(listing(named=()), tmp_path)
    assert Workspace(tmp_path).read(CREDITS, ["ink"]) == []
    assert len(Workspace(tmp_path).read(PLAN, ["ink"])) == 6


def test_another_credit_is_another_listing_and_costs_one_item(tmp_path: Path) -> None:
    source = listing()
    run(source, tmp_path)
    assert run(source, tmp_path).was_done
    named = (source.named[0], credit("c0002", groups=("Others",)), source.named[2])
    again = run(replace(source, named=named), tmp_path)
    assert not again.was_done
    assert again.receipt.fresh == 1
    assert Workspace(tmp_path).read(CREDITS, ["ink"])[1].groups == ("Others",)


def test_a_plan_that_shrank_leaves_no_row_behind(tmp_path: Path) -> None:
    source = listing()
    run(source, tmp_path)
    run(replace(source, pages=source.pages[:4]), tmp_path)
    assert len(Workspace(tmp_path).read(PLAN, ["ink"])) == 4
    assert [row.chapter for row in Workspace(tmp_path).read(CREDITS, ["ink"])] == ["c0001", "c0002"]


def test_a_series_with_nothing_to_take_has_an_empty_plan(tmp_path: Path) -> None:
    """E32: zero of N is a result, not a failure of the stage."""
    receipt = run(Listing(()), tmp_path).receipt
    assert (receipt.items, receipt.kept) == (0, 0)
    assert Workspace(tmp_path).read(PLAN, ["ink"]) == []


def test_what_the_source_refuses_passes() -> None:
    class Unplanned(Listing):
        def plan(self) -> Sequence[PlannedPage]:
            raise NotPlanned("ink: no pages are planned yet")

    with pytest.raises(NotPlanned):
        resolve("ink", Unplanned(()))


@pytest.mark.parametrize(
    ("changes", "line"),
    [
        (
            {"groups": ("Ink Readers", "Reed")},
            "MangaDex U: translated by Ink Readers, Reed; uploaded by aya",
        ),
        ({"groups": ()}, "MangaDex U: no group named; uploaded by aya"),
        ({"groups": (), "uploader": ""}, "MangaDex U: no group named; uploaded by u1"),
        (
            {"groups": (), "uploader": "", "uploader_id": ""},
            "MangaDex U: no group named; uploaded by unknown",
        ),
    ],
)
def test_the_line_of_a_credit(changes: dict[str, object], line: str) -> None:
    assert credit("c0001", url="U", **changes).line == line
