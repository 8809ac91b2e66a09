"""`mangazero fetch` against the emulated MangaDex: the last word, its code, and what is kept."""

from __future__ import annotations

import json
import socket
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from pipeline.core.lock import workspace_lock
from pipeline.core.tables import not_kept_table
from pipeline.core.workspace import Workspace
from pipeline.stages.tables import CREDITS, PAGES
from tests.support.commands import Said
from tests.support.mangadex.corpus import uid
from tests.support.mangadex.faults import Fault
from tests.support.mangadex.rules import unlimited
from tests.support.mangadex.server import Emulator, emulator_thread
from tests.support.mangadex.shapes import regular, tiny
from tests.support.net import Desk, Listed, own_lines

CORPUS = tiny()
"""Two series with three chapters of five pages: nine double pages each."""
ONE, TWO = CORPUS.series
FIRST, SECOND = Listed("one", ONE.id), Listed("two", TWO.id)


@pytest.fixture(scope="module")
def shared() -> Iterator[Emulator]:
    with emulator_thread(CORPUS, rules=unlimited()) as emulator:
        yield emulator


@pytest.fixture
def emulator(shared: Emulator) -> Emulator:
    shared.reset()
    return shared


@pytest.fixture
def desk(emulator: Emulator, tmp_path: Path) -> Desk:
    return Desk(tmp_path, emulator.api_url, emulator.report_url).prepare(FIRST, SECOND)


def assert_ends(said: Said, word: str, code: int, *told: str) -> None:
    """The last line, the exit code, and one line of ours for all that was wrong."""
    assert said.code == code, said.err
    assert said.out.splitlines()[-1] == f"status: {word}"
    assert "Traceback" not in said.err
    lines = own_lines(said)
    assert len(lines) == (1 if told else 0), said.err
    for each in told:
        assert each in lines[0]


def pages(desk: Desk, *slugs: str) -> list[str]:
    return [page.id for page in Workspace(desk.work).read(PAGES, slugs or ("one", "two"))]


def journalled(desk: Desk) -> int:
    """How many pages have their outcome in the journal."""
    journals = (desk.work / "journal" / "fetch").rglob("*.jsonl")
    return sum(len(journal.read_bytes().splitlines()) for journal in journals)


def test_everything_is_fetched_credited_and_not_fetched_again(
    desk: Desk, emulator: Emulator
) -> None:
    assert_ends(desk.call("fetch"), "complete", 0)
    workspace = Workspace(desk.work)
    found = workspace.read(PAGES, ["one", "two"])
    assert len(found) == 30
    assert all(page.is_verified for page in found)
    assert {page.sha256 for page in found} == set(emulator.stats.served)
    assert (emulator.stats.duplicate_pages, dict(emulator.stats.violations)) == (0, {})
    text = workspace.credits_path.read_text("utf-8")
    assert len(workspace.read(CREDITS, ["one", "two"])) == 6
    assert text.count("https://mangadex.org/chapter/") == 6
    assert "translated by Reed Scans; uploaded by moth" in text

    emulator.stats.__init__()  # type: ignore[misc]
    again = desk.call("fetch", "--json")
    assert again.code == 0
    document = json.loads(again.out)
    assert document["status"] == "complete"
    assert (document["planned"], document["fetched"], document["problems"]) == (30, 30, [])
    assert [each["status"] for each in document["series"]] == ["complete", "complete"]
    assert not emulator.stats.requests, "nothing is asked where everything is here"


def test_a_language_that_is_absent_is_a_shortfall_and_the_others_are_taken(desk: Desk) -> None:
    """E32: 0 of N, told; never another language in its place."""
    desk.list(FIRST, Listed("two", TWO.id, language="fr", cap=7))
    said = desk.fetch()
    assert_ends_with_reports(said, "shortfall", 13, "two has 0 of 7 page images")
    assert len(pages(desk)) == 15
    document = json.loads(desk.fetch("--json").out)
    assert document["status"] == "shortfall"
    assert {each["series"]: each["status"] for each in document["series"]} == {
        "one": "complete",
        "two": "shortfall",
    }


def assert_ends_with_reports(said: Said, word: str, code: int, last: str) -> None:
    """As above; single series may have a line of their own before the last one."""
    assert said.code == code, said.err
    assert said.out.splitlines()[-1] == f"status: {word}"
    assert "Traceback" not in said.err
    assert last in own_lines(said)[-1]


def test_fewer_pages_than_the_cap_asks_for_are_a_shortfall(desk: Desk) -> None:
    desk.list(FIRST, Listed("two", TWO.id, cap=1000))
    assert_ends(desk.fetch(), "shortfall", 13, "two has 9 of 1000 page images;", "mangazero plan")
    assert len(pages(desk)) == 30


def test_a_series_that_is_not_there_is_a_shortfall(desk: Desk, emulator: Emulator) -> None:
    """E6: nothing of it, and nobody asks for it again within a day."""
    desk.list(FIRST, Listed("gone", uid("nobody")))
    said = desk.fetch()
    assert_ends_with_reports(said, "shortfall", 13, "gone has 0 of 9 page images")
    assert "the series is gone" in said.out
    asked = emulator.stats.requests["series"]
    document = json.loads(desk.fetch("--json").out)
    assert document["status"] == "shortfall"
    assert [each["is_gone"] for each in document["series"]] == [False, True]
    assert emulator.stats.requests["series"] == asked


def test_a_page_that_is_lost_for_now_makes_it_partial_and_comes_later(
    desk: Desk, emulator: Emulator
) -> None:
    """E5: three attempts, then gone; indices stay, and the next run asks for this page alone."""
    chapter = ONE.chapters[1]
    emulator.faults.add(Fault("not_found", chapter=chapter.id, page=2, times=None))
    told = "1 of 30 planned pages are missing (1 gone)"
    assert_ends(desk.fetch(), "partial", 14, told, "run again")
    lost = Workspace(desk.work).read(not_kept_table("fetch"), ["one"])
    assert [(row.key, row.status, row.reason) for row in lost] == [
        ("one/c0002/p002", "failed", "gone")
    ]
    kept = pages(desk, "one")
    assert len(kept) == 14
    assert kept[5:9] == [f"one/c0002/p00{n}" for n in (1, 3, 4, 5)]
    partial = desk.fetch("--json")
    assert (json.loads(partial.out)["status"], partial.code) == ("partial", 14)

    emulator.faults.clear()
    before = emulator.stats.good_pages.total()
    assert_ends(desk.fetch(), "complete", 0)
    assert emulator.stats.good_pages.total() == before + 1
    assert emulator.stats.duplicate_pages == 0


@pytest.mark.parametrize(
    ("fault", "code", "told"),
    [
        (Fault("ban", route="feed", value=1), 15, "has shut this address out (403)"),
        (Fault("captcha", route="at-home", nth=3), 16, "open https://mangadex.org in a browser"),
    ],
)
def test_what_shuts_us_out_stops_the_run_and_nothing_is_lost(
    fault: Fault, code: int, told: str, desk: Desk, emulator: Emulator
) -> None:
    """E3: no retry loop; once it is over, the same command goes on."""
    desk.list(FIRST)
    emulator.faults.add(fault)
    stopped = desk.fetch("--json")
    assert stopped.code == code, stopped.err
    document = json.loads(stopped.out)
    assert (document["status"], document["exit_code"]) == ("stopped", code)
    assert told in document["reason"]
    assert own_lines(stopped) == [f"mangazero: {document['reason']}"]
    assert emulator.stats.requests_in_ban == 0

    emulator.site.banned_until = 0.0
    assert_ends(desk.fetch(), "complete", 0)
    assert emulator.stats.duplicate_pages == 0
    assert len(pages(desk)) == 15


@pytest.mark.slow
def test_a_port_where_nobody_listens(tmp_path: Path) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        refusing = f"http://127.0.0.1:{taken.getsockname()[1]}"
        said = Desk(tmp_path, refusing).prepare(FIRST).fetch()
    assert_ends(said, "stopped", 17, "refuses connections", "then run again")


def test_a_host_that_does_not_resolve(tmp_path: Path) -> None:
    desk = Desk(tmp_path, "https://nowhere.invalid", extra=NO_PROXY).prepare(FIRST)
    agreed = desk.manifests / "profiles" / "polite.toml"
    agreed.write_text(agreed.read_text().replace("[mangadex]", "[mangadex]\nconsent = true"))
    said = desk.call("fetch", profile="polite")
    assert_ends(said, "stopped", 17, "no such host as nowhere.invalid", "then run again")


NO_PROXY = {"no_proxy": "*", "http_proxy": "", "https_proxy": "", "all_proxy": ""}


def test_without_consent_nothing_real_is_fetched(desk: Desk, tmp_path: Path) -> None:
    """The plan stands, so the first thing to ask for would be a picture."""
    assert desk.plan(profile="polite").code == 0
    real = Desk(tmp_path, "https://nowhere.invalid", extra=NO_PROXY)
    said = real.fetch(profile="polite")
    assert_ends(said, "stopped", 18, "nothing was downloaded", "rights.md", "consent = true")
    assert not (desk.work / "blobs").exists()


def until(happens: Callable[[], bool]) -> threading.Event:
    """An event that is set soon after it happens, for at most 30 s."""
    event = threading.Event()

    def look() -> None:
        deadline = time.monotonic() + 30
        while time.monotonic() < deadline:
            if happens():
                event.set()
                return
            time.sleep(0.01)

    threading.Thread(target=look, daemon=True).start()
    return event


def test_sigterm_in_the_middle_and_then_on(tmp_path: Path) -> None:
    """E34, E20: pages on their way arrive, and no verified page is asked for twice."""
    rules = unlimited(image_latency_s=0.3)
    corpus = regular(2, 12, 5)
    one, two = (each.id for each in corpus.series)
    with emulator_thread(corpus, rules=rules) as emulator:
        desk = Desk(tmp_path, emulator.api_url)
        desk.prepare(Listed("one", one, cap=36), Listed("two", two, cap=36))
        stats = emulator.stats
        said = desk.fetch_until(until(lambda: len(stats.good_pages) >= 2))
        assert said.code == 130, said.err
        assert said.out.splitlines()[-1] == "status: stopped"
        assert "stopping after the items in work" in said.err
        assert "run the same command again" in own_lines(said)[-1]
        before = Counter(stats.good_pages)
        assert 2 <= before.total() < 120
        assert journalled(desk) == before.total(), "what came has its row already"
        assert_ends(desk.fetch(), "complete", 0)
        assert len(pages(desk)) == 120
        assert stats.duplicate_pages == 0
        assert stats.good_pages >= before


def test_a_series_that_is_asked_for_otherwise_than_planned_leaves_the_others_alone(
    desk: Desk, emulator: Emulator
) -> None:
    """Planning anew is for people to ask for; what needs no such word goes on."""
    desk.list(FIRST, SECOND)
    desk.plan()
    desk.list(replace(FIRST, cap=5), SECOND)
    said = desk.fetch()
    assert_ends(said, "partial", 2, "one: its pages were planned for cap 9 (now 5)")
    assert len(pages(desk, "two")) == 15
    assert not pages(desk, "one")


def test_a_workspace_that_another_run_holds(desk: Desk, emulator: Emulator) -> None:
    """E21: the second one is refused before it asks for anything."""
    with workspace_lock(Workspace(desk.work)):
        said = desk.fetch()
    assert_ends(said, "stopped", 6, "is held by process", "wait for it")
    assert not emulator.stats.requests


@pytest.mark.parametrize(
    ("manga", "told"),
    [
        ("not-a-uuid", "series[0].source.manga: 'not-a-uuid' is no MangaDex id"),
        ("", "one is still empty: fill with mangazero series add"),
    ],
)
def test_an_entry_that_names_no_series(
    manga: str, told: str, desk: Desk, emulator: Emulator
) -> None:
    desk.list(Listed("one", manga), SECOND)
    said = desk.fetch()
    assert said.code == 2
    (line,) = own_lines(said)
    assert told in line
    assert str(desk.manifests / "quick.toml") in line
    assert "Traceback" not in said.err
    assert not emulator.stats.requests


def test_an_entry_that_is_filled_may_be_fetched_beside_empty_ones(desk: Desk) -> None:
    desk.list(FIRST, Listed("two", ""))
    assert_ends(desk.fetch("--series", "one"), "complete", 0)
    assert len(pages(desk, "one")) == 15
