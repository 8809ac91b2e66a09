"""The session: one loop in a thread, for callers in several, against the emulated site."""

from __future__ import annotations

import asyncio
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from textwrap import dedent
from typing import Any

import pytest

from pipeline.core.errors import (
    BrokenInvariant,
    DiskFull,
    NotWritable,
    Retryable,
    SeriesGone,
    StopRun,
)
from pipeline.ports.mangadex.limits import MemorySlots
from pipeline.ports.mangadex.memory import ChapterMemory
from pipeline.ports.mangadex.outbox import Outbox
from pipeline.ports.mangadex.session import MangaDexSession
from pipeline.ports.mangadex.stats import Stats
from pipeline.ports.mangadex.work import Answer, SeriesWork
from pipeline.ports.protocols import Catalogue, Delivered, Wish
from tests.support.downloads import MemoryShelf, chapter_work, loopback_params, rigged
from tests.support.mangadex import (
    Corpus,
    Emulator,
    Fault,
    Rules,
    emulator_thread,
    regular,
    tiny,
    uid,
    unlimited,
)
from tests.support.virtual_time import ScaledLoop, run_virtual

CORPUS = tiny()
WISH = Wish("en", since=None, original_languages=("ja",), ratings=("safe",), refused_tags=())


@contextmanager
def session_with(
    *faults: Fault, corpus: Corpus = CORPUS, rules: Rules | None = None, **params: Any
) -> Iterator[tuple[MangaDexSession, Emulator]]:
    with emulator_thread(corpus, rules=rules or unlimited(), faults=faults) as emulator:
        settings = loopback_params(emulator, **params)
        with MangaDexSession(settings, slots=MemorySlots()) as session:
            yield session, emulator


def work(folder: Path, corpus: Corpus = CORPUS, series: int = 0) -> SeriesWork:
    chapters = corpus.series[series].chapters
    log = folder / f"{series}.jsonl"
    return SeriesWork(
        tuple(chapter_work(each, at) for at, each in enumerate(chapters)), ChapterMemory(log)
    )


def pages_of(answers: Iterator[Any]) -> list[str]:
    return [answer.page for answer in answers if isinstance(answer, Delivered)]


def test_it_is_a_catalogue() -> None:
    with session_with() as (session, _):
        catalogue: Catalogue = session
        first = CORPUS.series[0]
        assert catalogue.series(first.id).title == first.title
        assert [facts.id for facts in catalogue.search("Series 02")] == [CORPUS.series[1].id]
        found = [upload.id for upload in catalogue.chapters(first.id, "en")]
        assert sorted(found) == sorted(chapter.id for chapter in first.chapters)
        upload = catalogue.chapter(found[0])
        assert upload is not None
        assert upload.pages == 5
        assert catalogue.chapter(uid("nobody's")) is None
        assert [facts.id for facts in catalogue.discover(WISH)] == [s.id for s in CORPUS.series]
        with pytest.raises(SeriesGone):
            catalogue.series(uid("nobody's"))


def test_a_call_that_fails_for_good_may_be_tried_again_later() -> None:
    def hasty() -> asyncio.AbstractEventLoop:
        return ScaledLoop(200)

    with emulator_thread(CORPUS, rules=unlimited()) as emulator:
        emulator.faults.add(Fault("html_answer", route="series", times=None))
        params = loopback_params(emulator)
        with (
            MangaDexSession(params, slots=MemorySlots(), new_loop=hasty) as session,
            pytest.raises(Retryable) as caught,
        ):
            session.series(CORPUS.series[0].id)
        assert "\n" not in str(caught.value)


def test_every_page_comes_once(tmp_path: Path) -> None:
    with session_with() as (session, emulator):
        pages = pages_of(session.bring(work(tmp_path), MemoryShelf()))
        assert len(pages) == len(set(pages)) == 15
        assert emulator.stats.duplicate_pages == 0
        assert session.stats().verified == 15
        assert not emulator.stats.violations


def test_a_sign_of_life_comes_while_nothing_else_does(tmp_path: Path) -> None:
    with session_with(rules=unlimited(image_latency_s=0.7)) as (session, _):
        answers = session.bring(work(tmp_path), MemoryShelf())
        began = time.monotonic()
        assert next(answers) is None
        assert time.monotonic() - began < 0.5
        assert len(pages_of(answers)) == 15


def test_several_threads_bring_at_once(tmp_path: Path) -> None:
    corpus = regular(4, 3, 5)
    with session_with(corpus=corpus) as (session, emulator), ThreadPoolExecutor(4) as threads:
        shelf = MemoryShelf()
        brought = threads.map(
            lambda series: pages_of(session.bring(work(tmp_path, corpus, series), shelf)), range(4)
        )
        assert [len(pages) for pages in brought] == [15] * 4
        assert emulator.stats.duplicate_pages == 0


def test_e34_closing_lets_pages_in_flight_finish_and_a_later_run_adopts_them(
    tmp_path: Path,
) -> None:
    rules = unlimited(image_latency_s=0.1)
    with session_with(rules=rules, pages_in_flight=4) as (session, emulator):
        shelf = MemoryShelf()
        answers = session.bring(work(tmp_path), shelf)
        while next(answers) is None:
            pass
        answers.close()
        stored = len(shelf.blobs)
        assert 1 <= stored < 15
        time.sleep(0.3)
        assert len(shelf.blobs) == stored, "nothing goes on after the close"
        assert len(pages_of(session.bring(work(tmp_path), shelf))) == 15
        assert emulator.stats.duplicate_pages == 0
        assert session.stats().adopted == stored


def test_ctrl_c_in_the_reader_stops_the_work(tmp_path: Path) -> None:
    rules = unlimited(image_latency_s=0.1)
    with session_with(rules=rules, pages_in_flight=4) as (session, emulator):
        answers = session.bring(work(tmp_path), MemoryShelf())
        next(answers)
        with pytest.raises(KeyboardInterrupt):
            answers.throw(KeyboardInterrupt())
        asked = emulator.stats.requests["image"]
        time.sleep(0.3)
        assert emulator.stats.requests["image"] == asked


def test_errors_of_the_shelf_and_of_the_api_are_raised_by_the_iterator(tmp_path: Path) -> None:
    full = MemoryShelf(full_after=2, error=DiskFull("no room left"))
    with session_with() as (session, _), pytest.raises(DiskFull, match="no room left"):
        list(session.bring(work(tmp_path), full))
    captcha = Fault("captcha", route="at-home", times=None)
    with session_with(captcha) as (session, _), pytest.raises(StopRun, match="captcha"):
        list(session.bring(work(tmp_path), MemoryShelf()))


def test_a_log_that_cannot_be_written_is_told_before_anything_is_asked(tmp_path: Path) -> None:
    (tmp_path / "0.jsonl").mkdir()
    with session_with() as (session, emulator):
        with pytest.raises(NotWritable):
            next(session.bring(work(tmp_path), MemoryShelf()))
        assert not emulator.stats.requests


def test_closing_stops_what_runs(tmp_path: Path) -> None:
    with session_with(rules=unlimited(image_latency_s=0.1), pages_in_flight=4) as (session, _):
        answers = session.bring(work(tmp_path), MemoryShelf())
        next(answers)
        session.close()
        assert len(pages_of(answers)) < 15
        session.close()
        with pytest.raises(BrokenInvariant):
            session.series(CORPUS.series[0].id)


def test_nothing_is_started_before_it_is_needed() -> None:
    threads = threading.active_count()
    with emulator_thread(CORPUS) as emulator:
        session = MangaDexSession(loopback_params(emulator))
        assert session.stats() == Stats()
        session.close()
        assert not emulator.stats.requests
    assert threading.active_count() == threads


def test_a_slow_reader_slows_the_leases_and_never_a_leased_page(tmp_path: Path) -> None:
    """Backpressure: with nobody reading, no more chapters are leased than answers have room."""
    corpus = regular(1, 60, 12)
    chapters = tuple(chapter_work(each, at) for at, each in enumerate(corpus.chapters))

    async def run() -> None:
        async with rigged(corpus, tmp_path) as rig:
            outbox = Outbox(asyncio.get_running_loop())
            series = SeriesWork(chapters, rig.memory())
            task = asyncio.create_task(rig.downloader.bring(series, rig.shelf, outbox))
            await asyncio.sleep(1000)
            served = rig.emulator.stats.good_pages.total()
            assert 256 <= served <= 256 + 7 * 12
            assert rig.emulator.stats.leases_untouched_max <= 6
            read: list[Answer] = []
            while len(read) < 720:
                while answer := outbox.take(0.0):
                    assert isinstance(answer, Delivered)
                    read.append(answer)
                await asyncio.sleep(1)
            await task
            assert rig.emulator.stats.duplicate_pages == 0

    run_virtual(run())


def test_importing_it_imports_no_network() -> None:
    code = """
        import sys
        import pipeline.ports.mangadex.source
        assert not {"aiohttp", "yarl"} & set(sys.modules)
    """
    subprocess.run([sys.executable, "-c", dedent(code)], check=True, timeout=60)


def test_a_process_that_forgets_to_close_it_ends_quietly(tmp_path: Path) -> None:
    code = """
        import sys
        from pathlib import Path
        from tests.unit.test_mangadex_session import *
        folder = Path(sys.argv[1])
        params = MangaDexParams.model_validate({
            "api_url": sys.argv[2], "allow_loopback": True,
            "report": "off", "api_interval_s": 0, "at_home_interval_s": 0,
        })
        session = MangaDexSession(params, slots=MemorySlots())
        answers = session.bring(work(folder), MemoryShelf())
        next(answers)
    """
    code = dedent(code).replace(
        "folder =", "from schemas.profile import MangaDexParams\nfolder =", 1
    )
    with emulator_thread(CORPUS, rules=unlimited(image_latency_s=0.2)) as emulator:
        done = subprocess.run(
            [sys.executable, "-X", "dev", "-c", code, str(tmp_path), emulator.api_url],
            check=False,
            capture_output=True,
            text=True,
            timeout=60,
        )
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")
