"""fetch with a source that brings many pages at once: what arrives, what does not, and reruns."""

from __future__ import annotations

import io
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from PIL import Image

from pipeline.core.blobs import Blobs
from pipeline.core.engine import LocalEngine
from pipeline.core.errors import Banned, BrokenInvariant, Interrupted
from pipeline.core.hashing import sha256_of_bytes
from pipeline.core.runner import run_stage
from pipeline.core.tables import not_kept_table
from pipeline.core.workspace import Workspace
from pipeline.ports.protocols import Delivered, Missing, Shelf
from pipeline.stages.fetch import BlobShelf, FetchParams, fetch
from pipeline.stages.resolve import resolve
from pipeline.stages.tables import PAGES
from schemas.pages import ChapterCredit, Defect, Page, PlannedPage
from schemas.receipts import Receipt
from tests.support.pictures import png_that_declares

PARAMS = FetchParams(max_pixels=10**6, quality="data")


def picture(number: int) -> bytes:
    """A whole picture of its own for every page."""
    stream = io.BytesIO()
    Image.new("L", (30, 40), number * 10).save(stream, "PNG")
    return stream.getvalue()


def planned(number: int, stamp: str = "1") -> PlannedPage:
    return PlannedPage(
        id=f"ink/c0001/p{number:03d}",
        series="ink",
        chapter="c0001",
        chapter_title="One",
        number=number,
        order=number - 1,
        locator=f"chapter/{number}",
        stamp=stamp,
    )


@dataclass
class ManyAtOnce:
    """A source that answers in reverse and brings each page unless `missing` says otherwise."""

    plan_of: list[PlannedPage]
    missing: dict[int, Missing] = field(default_factory=dict)
    contents: dict[int, bytes] = field(default_factory=dict)
    ends: Exception | None = None
    brings_many: bool = True
    asked: list[list[int]] = field(default_factory=list)
    is_closed: bool = False

    def plan(self) -> Sequence[PlannedPage]:
        return self.plan_of

    def credits(self) -> Sequence[ChapterCredit]:
        return ()

    def bring(
        self, pages: Sequence[PlannedPage], shelf: Shelf
    ) -> Iterator[Delivered | Missing | None]:
        self.asked.append([page.number for page in pages])
        try:
            for page in reversed(pages):
                yield None
                if page.number in self.missing:
                    yield self.missing[page.number]
                else:
                    content = self.contents.get(page.number, picture(page.number))
                    locator = f"seen/{page.number}"
                    row = shelf.keep(page, content, locator=locator, is_verified=True)
                    yield Delivered(page.id, row)
            if self.ends:
                raise self.ends
        finally:
            self.is_closed = True


def source(n: int = 4, **changes: object) -> ManyAtOnce:
    return ManyAtOnce([planned(number) for number in range(1, n + 1)], **changes)  # type: ignore[arg-type]


def missing(number: int, reason: str, *, is_final: bool = False) -> Missing:
    return Missing(planned(number).id, reason, "why in words", is_final)


def run(
    source: ManyAtOnce, root: Path, params: FetchParams = PARAMS, engine: LocalEngine | None = None
) -> Receipt:
    workspace, engine = Workspace(root), engine or LocalEngine(0)
    run_stage(resolve("ink", source), workspace, engine)
    return run_stage(fetch("ink", source, Blobs(workspace), params), workspace, engine).receipt


def rows(root: Path) -> list[Page]:
    return Workspace(root).read(PAGES, ["ink"])


def test_what_arrives_is_in_the_store_and_in_the_table(tmp_path: Path) -> None:
    receipt = run(source(), tmp_path)
    assert (receipt.items, receipt.kept, receipt.dropped, receipt.failed) == (4, 4, {}, {})
    assert [row.number for row in rows(tmp_path)] == [1, 2, 3, 4]
    for row in rows(tmp_path):
        assert Blobs(Workspace(tmp_path)).get(row.sha256) == picture(row.number)
        assert (row.width, row.height, row.media_type) == (30, 40, "image/png")
        assert (row.is_verified, row.defect, row.locator) == (
            True,
            Defect.NONE,
            f"seen/{row.number}",
        )


def test_the_pages_of_a_series_are_asked_for_in_one_call(tmp_path: Path) -> None:
    many = source()
    run(many, tmp_path)
    assert many.asked == [[1, 2, 3, 4]]
    one_by_one = source(brings_many=False)
    run(one_by_one, tmp_path / "other")
    assert one_by_one.asked == [[1], [2], [3], [4]]


def test_a_missing_page_is_counted_by_its_reason_and_no_index_moves(tmp_path: Path) -> None:
    """E5, E14: indices are kept; a final loss is dropped, another one has failed for now."""
    lost = {
        2: missing(2, "hash_mismatch_confirmed", is_final=True),
        3: missing(3, "unreachable"),
    }
    receipt = run(source(missing=lost), tmp_path)
    assert receipt.kept + receipt.n_dropped + receipt.n_failed == receipt.items == 4
    assert receipt.dropped == {"hash_mismatch_confirmed": 1}
    assert receipt.failed == {"unreachable": 1}
    assert [(row.id, row.order) for row in rows(tmp_path)] == [
        ("ink/c0001/p001", 0),
        ("ink/c0001/p004", 3),
    ]
    told = Workspace(tmp_path).read(not_kept_table("fetch"), ["ink"])
    assert [(row.key, row.status, row.reason, row.detail) for row in told] == [
        ("ink/c0001/p002", "dropped", "hash_mismatch_confirmed", "why in words"),
        ("ink/c0001/p003", "failed", "unreachable", "why in words"),
    ]


def test_a_rerun_asks_for_what_failed_and_for_nothing_else(tmp_path: Path) -> None:
    """E20: a verified page is never asked for again."""
    lost = {1: missing(1, "gone", is_final=True), 4: missing(4, "lease_refused")}
    run(source(missing=lost), tmp_path)
    again = source()
    receipt = run(again, tmp_path)
    assert again.asked == [[4]]
    assert (receipt.kept, receipt.dropped, receipt.failed, receipt.fresh) == (3, {"gone": 1}, {}, 1)
    third = source()
    assert run(third, tmp_path).fresh == 1, "the receipt stands"
    assert third.asked == []


def test_a_damaged_blob_is_asked_for_again_once_its_receipt_is_gone(tmp_path: Path) -> None:
    run(source(), tmp_path)
    workspace = Workspace(tmp_path)
    workspace.forget("fetch", "ink")
    damaged = workspace.blob_path(rows(tmp_path)[1].sha256)
    damaged.write_bytes(bytes(damaged.stat().st_size))
    run(source(), tmp_path)
    assert damaged.read_bytes() == picture(2)


def test_a_page_that_changed_at_the_source_is_asked_for_again(tmp_path: Path) -> None:
    """E25: the plan's stamp goes with what is behind the locator."""
    run(source(), tmp_path)
    changed = source()
    changed.plan_of[1] = planned(2, stamp="2")
    changed.contents[2] = picture(9)
    run(changed, tmp_path)
    assert changed.asked == [[2]]
    assert rows(tmp_path)[1].sha256 == sha256_of_bytes(picture(9))
    assert Workspace(tmp_path).blob_path(sha256_of_bytes(picture(2))).exists(), "kept until then"


def test_another_quality_is_another_question_and_the_old_answers_stay(tmp_path: Path) -> None:
    run(source(), tmp_path)
    saver = source()
    receipt = run(saver, tmp_path, PARAMS.model_copy(update={"quality": "data-saver"}))
    assert saver.asked == [[1, 2, 3, 4]]
    assert receipt.params["quality"] == "data-saver"
    back = source()
    assert run(back, tmp_path).fresh == 0
    assert back.asked == []


@pytest.mark.parametrize(
    ("content", "defect"),
    [
        (picture(7)[:-30], Defect.TRUNCATED),
        (b"<html>no picture</html>", Defect.UNDECODABLE),
        (png_that_declares(50_000, 50_000), Defect.BOMB),
    ],
)
def test_a_broken_picture_is_kept_with_its_defect(
    content: bytes, defect: Defect, tmp_path: Path
) -> None:
    """E28: whether it goes on is the screen's decision."""
    receipt = run(source(1, contents={1: content}), tmp_path)
    assert receipt.kept == 1
    assert rows(tmp_path)[0].defect is defect


def test_what_came_before_the_source_stopped_is_not_asked_for_again(tmp_path: Path) -> None:
    stopped = source(missing={1: missing(1, "unreachable")}, ends=Banned("shut out"))
    with pytest.raises(Banned, match="shut out"):
        run(stopped, tmp_path)
    assert Workspace(tmp_path).read_receipt("fetch", "ink") is None
    again = source()
    assert run(again, tmp_path).kept == 4
    assert again.asked == [[1]]


def test_an_interruption_closes_the_source(tmp_path: Path) -> None:
    engine = LocalEngine(0, grace_s=0)

    class Stopping(ManyAtOnce):
        def bring(
            self, pages: Sequence[PlannedPage], shelf: Shelf
        ) -> Iterator[Delivered | Missing | None]:
            for answer in super().bring(pages, shelf):
                if isinstance(answer, Delivered):
                    engine.stop.set()
                yield answer

    stopping = Stopping([planned(number) for number in range(1, 5)])
    with engine, pytest.raises(Interrupted):
        run(stopping, tmp_path, engine=engine)
    assert stopping.asked == [[1, 2, 3, 4]]
    assert stopping.is_closed
    again = source()
    run(again, tmp_path)
    assert again.asked == [[1, 2, 3]], "page 4 came before the stop"


def test_a_source_that_forgets_a_page_commits_nothing(tmp_path: Path) -> None:
    class Forgetful(ManyAtOnce):
        def bring(
            self, pages: Sequence[PlannedPage], shelf: Shelf
        ) -> Iterator[Delivered | Missing | None]:
            return super().bring(pages[1:], shelf)

    with pytest.raises(BrokenInvariant, match=r"1 items without an outcome, first ink/c0001/p001"):
        run(Forgetful([planned(1), planned(2)]), tmp_path)
    assert Workspace(tmp_path).read_receipt("fetch", "ink") is None


def test_bytes_that_lie_there_already_are_adopted_if_they_are_whole(tmp_path: Path) -> None:
    """E20: orphans of a crash are taken by their sha256, checked, without a download."""
    blobs = Blobs(Workspace(tmp_path))
    shelf = BlobShelf(blobs, PARAMS.max_pixels)
    sha256 = blobs.put(picture(3))
    row = shelf.adopt(planned(3), sha256, locator="seen/3")
    assert row is not None
    assert row == shelf.keep(planned(3), picture(3), locator="seen/3", is_verified=True)
    assert shelf.adopt(planned(3), "0" * 64) is None
    path = blobs.workspace.blob_path(sha256)
    path.write_bytes(bytes(path.stat().st_size))
    assert shelf.adopt(planned(3), sha256) is None, "a damaged one is fetched"


def test_the_locator_of_the_plan_stands_where_none_is_given(tmp_path: Path) -> None:
    shelf = BlobShelf(Blobs(Workspace(tmp_path)), PARAMS.max_pixels)
    row = shelf.keep(planned(5), picture(5))
    assert (row.locator, row.is_verified) == ("chapter/5", False)


def test_quarantined_bytes_are_no_page(tmp_path: Path) -> None:
    shelf = BlobShelf(Blobs(Workspace(tmp_path)), PARAMS.max_pixels)
    sha256 = shelf.quarantine(picture(6))
    assert Workspace(tmp_path).quarantine_path(sha256).read_bytes() == picture(6)
    assert shelf.adopt(planned(6), sha256) is None
