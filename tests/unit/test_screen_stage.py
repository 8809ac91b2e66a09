"""The screen over a whole series: boilerplate, chapters that are held back, and their order."""

from __future__ import annotations

import io
import random
from collections.abc import Mapping, Sequence
from pathlib import Path

import pytest
from PIL import Image

from pipeline.core.blobs import Blobs
from pipeline.core.engine import LocalEngine
from pipeline.core.runner import StageRun, run_stage
from pipeline.core.tables import not_kept_table, write_table
from pipeline.core.workspace import Workspace
from pipeline.manga.rights import Withheld
from pipeline.manga.screening import DropReason, boilerplate
from pipeline.ports.one_by_one import bring_each
from pipeline.ports.protocols import Delivered
from pipeline.stages.fetch import BlobShelf
from pipeline.stages.screen import ScreenDecision, screen
from pipeline.stages.tables import PAGES, SCREENED
from schemas.pages import PlannedPage, ScreenedPage
from schemas.profile import ScreenParams

LIMITS = ScreenParams(min_side_px=50)


def picture(seed: int, *, colour: bool = False) -> bytes:
    """Blocks of black and white by lot, 64 x 96 pixels: every seed another picture."""
    dice = random.Random(seed)
    small = Image.new("L", (16, 24))
    small.putdata([dice.choice((0, 255)) for _ in range(16 * 24)])
    whole = small.resize((64, 96), Image.Resampling.NEAREST).convert("RGB")
    if colour:
        whole.paste((220, 20, 30), (0, 0, 40, 60))
    stream = io.BytesIO()
    whole.save(stream, "PNG")
    return stream.getvalue()


Chapters = Mapping[str, Sequence[bytes]]


def stored(root: Path, chapters: Chapters) -> Workspace:
    """A workspace as fetch leaves it, with these pictures."""
    workspace = Workspace(root)
    shelf = BlobShelf(Blobs(workspace), LIMITS.max_pixels)
    planned, contents = [], {}
    for chapter, pictures in chapters.items():
        for number, content in enumerate(pictures, 1):
            page = PlannedPage(
                id=f"ink/{chapter}/p{number:03d}",
                series="ink",
                chapter=chapter,
                chapter_title=chapter,
                number=number,
                order=len(planned),
                locator=f"{chapter}/{number}",
                stamp="1",
            )
            planned.append(page)
            contents[page.id] = content
    answers = list(bring_each(lambda page: contents[page.id], planned, shelf))
    rows = [each.row.model_dump(mode="json") for each in answers if isinstance(each, Delivered)]
    write_table(workspace.table_path(PAGES, "ink"), PAGES, rows)
    return workspace


def run(
    workspace: Workspace,
    limits: ScreenParams = LIMITS,
    withheld: Mapping[str, Withheld] | None = None,
) -> StageRun:
    decision = ScreenDecision(limits=limits, colour="drop", withheld=dict(withheld or {}))
    stage = screen("ink", Blobs(workspace), decision)
    return run_stage(stage, workspace, LocalEngine(0))


def kept(workspace: Workspace) -> list[str]:
    return [row.id.removeprefix("ink/") for row in workspace.read(SCREENED, ["ink"])]


def lost(workspace: Workspace) -> dict[str, tuple[str, str]]:
    rows = workspace.read(not_kept_table("screen"), ["ink"])
    return {row.key.removeprefix("ink/"): (row.reason, row.detail) for row in rows}


CREDITS_PAGE = picture(999)


def series(n_with_credits: int) -> dict[str, list[bytes]]:
    """Four chapters of two pages of their own; the first so many end with the same page."""
    return {
        f"c{at:04d}": [picture(10 * at), picture(10 * at + 1)]
        + [CREDITS_PAGE] * (at <= n_with_credits)
        for at in range(1, 5)
    }


def test_a_picture_in_three_chapters_is_nobodys_page_in_any_of_them(tmp_path: Path) -> None:
    """E26: the translator's credits go, the first of them too."""
    workspace = stored(tmp_path, series(3))
    receipt = run(workspace).receipt
    assert receipt.dropped == {"repeated_in_chapters": 3}
    assert lost(workspace) == {
        f"c000{at}/p003": ("repeated_in_chapters", "the same picture is in 3 chapters")
        for at in (1, 2, 3)
    }
    assert len(kept(workspace)) == receipt.kept == 8


def test_a_picture_in_two_chapters_is_a_duplicate_whose_first_stays(tmp_path: Path) -> None:
    workspace = stored(tmp_path, series(2))
    run(workspace)
    assert lost(workspace) == {"c0002/p003": ("exact_duplicate", "repeats ink/c0001/p003")}
    assert "c0001/p003" in kept(workspace)


def test_a_picture_three_times_in_one_chapter_is_no_boilerplate(tmp_path: Path) -> None:
    """E26: one blob, many references; the first stays."""
    chapters = {"c0001": [picture(1), CREDITS_PAGE, CREDITS_PAGE, CREDITS_PAGE]}
    workspace = stored(tmp_path, chapters)
    run(workspace)
    assert lost(workspace) == {
        "c0001/p003": ("exact_duplicate", "repeats ink/c0001/p002"),
        "c0001/p004": ("exact_duplicate", "repeats ink/c0001/p002"),
    }


@pytest.mark.parametrize(("limit", "dropped"), [(2, 4), (4, 4), (5, 3)])
def test_the_limit_in_chapters_is_a_parameter(limit: int, dropped: int, tmp_path: Path) -> None:
    """Above the limit the rule of duplicates holds: all but the first go."""
    workspace = stored(tmp_path, series(4))
    receipt = run(workspace, LIMITS.model_copy(update={"boilerplate_chapters": limit})).receipt
    reason = "exact_duplicate" if limit == 5 else "repeated_in_chapters"
    assert receipt.dropped == {reason: dropped}


def test_boilerplate_is_told_before_its_own_looks(tmp_path: Path) -> None:
    """In how many chapters it stands says more than that it is in colour."""
    coloured = picture(5, colour=True)
    chapters = {name: [*pages, coloured] for name, pages in series(0).items()}
    workspace = stored(tmp_path, chapters)
    assert run(workspace).receipt.dropped == {"repeated_in_chapters": 4}
    alone = stored(tmp_path / "alone", {"c0001": [picture(1), coloured]})
    assert run(alone).receipt.dropped == {"colour": 1}


def test_a_withheld_chapter_goes_whatever_its_pages_look_like(tmp_path: Path) -> None:
    chapters = series(0) | {"c0002": [picture(20, colour=True), picture(21)]}
    workspace = stored(tmp_path, chapters)
    withheld = {"c0002": Withheld.TAKEN_DOWN, "c0004": Withheld.GONE, "c0099": Withheld.GONE}
    receipt = run(workspace, withheld=withheld).receipt
    assert receipt.dropped == {"gone_at_source": 2, "taken_down": 2}
    assert lost(workspace)["c0002/p001"] == ("taken_down", "chapter c0002")
    assert lost(workspace)["c0004/p002"] == ("gone_at_source", "chapter c0004")
    assert kept(workspace) == ["c0001/p001", "c0001/p002", "c0003/p001", "c0003/p002"]


def test_a_withheld_original_leaves_its_copy_in_place(tmp_path: Path) -> None:
    """What must not be used cannot be what another page repeats."""
    workspace = stored(tmp_path, series(2))
    run(workspace, withheld={"c0001": Withheld.TAKEN_DOWN})
    assert "c0002/p003" in kept(workspace)


def test_a_tombstone_applies_at_once_and_opens_no_picture(tmp_path: Path) -> None:
    workspace = stored(tmp_path, series(0))
    assert run(workspace).receipt.fresh == 8
    later = run(workspace, withheld={"c0003": Withheld.TAKEN_DOWN})
    assert not later.was_done
    assert (later.receipt.fresh, later.receipt.kept) == (0, 6)
    assert later.receipt.params["withheld"] == {"c0003": "taken_down"}
    lifted = run(workspace)
    assert (lifted.receipt.fresh, lifted.receipt.kept) == (0, 8)


def screened(chapter: str, number: int, sha256: str) -> ScreenedPage:
    return ScreenedPage(
        id=f"ink/{chapter}/p{number:03d}",
        series="ink",
        chapter=chapter,
        number=number,
        order=number,
        sha256=sha256 * 64,
        width=700,
        height=1000,
        chroma=0,
        ink=0.2,
        dhash="0" * 64,
    )


def test_boilerplate_counts_chapters_not_pages() -> None:
    pages = [
        screened("c0001", 1, "a"),
        screened("c0001", 2, "a"),
        screened("c0002", 1, "a"),
        screened("c0002", 2, "b"),
    ]
    assert boilerplate(pages, 3) == {}
    told = (DropReason.BOILERPLATE, "the same picture is in 2 chapters")
    assert boilerplate(pages, 2) == {page.id: told for page in pages[:3]}
    assert boilerplate([], 2) == {}
