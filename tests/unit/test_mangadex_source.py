"""One series on MangaDex as a source: a frozen plan, its pages, and what was taken down."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from pipeline.manga.chapters import Choice, Chosen
from pipeline.manga.page_plan import frozen_plan, planned_pages
from pipeline.ports.mangadex.limits import MemorySlots
from pipeline.ports.mangadex.session import MangaDexSession
from pipeline.ports.mangadex.source import MangaDexSource
from pipeline.ports.mangadex.work import SeriesWork
from pipeline.ports.protocols import Delivered, Missing, Shelf, Source
from schemas.mangadex import FrozenPlan, Group, ListedChapter, PlanTerms
from schemas.profile import MangaDexParams
from tests.support.downloads import MemoryShelf, loopback_params
from tests.support.mangadex import emulator_thread, tiny, uid, unlimited

CORPUS = tiny()
SERIES = CORPUS.series[0]
GROUP = Group(id=uid("group", "x"), name="X")


def plan(cap: int = 100) -> FrozenPlan:
    terms = PlanTerms(manga=SERIES.id, language="en", cap=cap, cap_unit="single", cover="paired")
    chosen = tuple(
        Chosen(
            f"c{at:04d}",
            ListedChapter(
                id=chapter.id,
                number=str(at),
                language="en",
                pages=chapter.pages,
                groups=(GROUP,) if at == 3 else (),
            ),
            (),
        )
        for at, chapter in enumerate(SERIES.chapters, 1)
    )
    return frozen_plan("haruko", "Haruko", terms, Choice(chosen, ()), "2026-01-01T00:00:00Z")


class Recorded(MangaDexSession):
    """A session that keeps what it is asked to bring and brings nothing."""

    def __init__(self) -> None:
        super().__init__(MangaDexParams())
        self.works: list[SeriesWork] = []

    def bring(self, work: SeriesWork, shelf: Shelf) -> Iterator[Delivered | Missing | None]:
        self.works.append(work)
        return iter(())


def source(session: MangaDexSession, folder: Path, *taken_down: str, cap: int = 100) -> Source:
    return MangaDexSource("haruko", plan(cap), session, folder / "log.jsonl", frozenset(taken_down))


def test_plan_and_credits_are_those_of_the_frozen_plan(tmp_path: Path) -> None:
    frozen = source(Recorded(), tmp_path)
    assert list(frozen.plan()) == planned_pages(plan())
    assert [credit.chapter_id for credit in frozen.credits()] == [c.id for c in SERIES.chapters]
    assert frozen.brings_many


def test_open_pages_become_chapters_in_the_order_of_the_plan(tmp_path: Path) -> None:
    session = Recorded()
    one = source(session, tmp_path)
    pages = planned_pages(plan())
    list(one.bring([pages[12], pages[1], pages[0]], MemoryShelf()))
    (work,) = session.works
    assert [(chapter.upload, [page.number for page in chapter.pages]) for chapter in work.chapters]
    assert [chapter.upload for chapter in work.chapters] == [
        SERIES.chapters[0].id,
        SERIES.chapters[2].id,
    ]
    assert [page.number for page in work.chapters[0].pages] == [2, 1]


def test_a_chapter_that_the_cap_cuts_still_has_all_its_pages(tmp_path: Path) -> None:
    """The number that is compared with the lease is that of the upload, not of what is taken."""
    session = Recorded()
    one = source(session, tmp_path, cap=8)
    list(one.bring(one.plan(), MemoryShelf()))
    assert [chapter.n_pages for chapter in session.works[0].chapters] == [5, 5]
    assert [len(chapter.pages) for chapter in session.works[0].chapters] == [5, 2]


def test_what_was_taken_down_is_marked_by_any_of_its_ids(tmp_path: Path) -> None:
    def marked(*ids: str) -> list[bool]:
        session = Recorded()
        one = source(session, tmp_path, *ids)
        list(one.bring(one.plan(), MemoryShelf()))
        return [chapter.is_taken_down for chapter in session.works[0].chapters]

    assert marked() == [False, False, False]
    assert marked(SERIES.chapters[1].id) == [False, True, False]
    assert marked(GROUP.id) == [False, False, True]
    assert marked(SERIES.id) == [True, True, True]


def test_pages_come_with_what_the_plan_says_of_them(tmp_path: Path) -> None:
    with emulator_thread(CORPUS, rules=unlimited()) as emulator:
        params = loopback_params(emulator)
        with MangaDexSession(params, slots=MemorySlots()) as session:
            one = source(session, tmp_path, cap=7)
            answers = [each for each in one.bring(one.plan(), MemoryShelf()) if each]
    rows = {answer.page: answer.row for answer in answers if isinstance(answer, Delivered)}
    assert len(rows) == len(answers) == 7
    for page in one.plan():
        row = rows[page.id]
        assert (row.order, row.number, row.chapter) == (page.order, page.number, page.chapter)
        at = int(page.chapter[1:]) - 1
        assert row.sha256 == SERIES.chapters[at].pictures[page.number - 1].sha256
