"""The download against the emulated site: the race of faults, the slots, the log, the end."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from pathlib import Path

import pytest

from pipeline.core.errors import Banned, DiskFull
from tests.support.brought import (
    CHAPTER,
    HASHES,
    brought,
    is_whole,
)
from tests.support.downloads import Collected, MemoryShelf, Rig, chapter_work, rigged
from tests.support.mangadex import Corpus, Fault, regular, uid, unlimited
from tests.support.mangadex import pages as drawn_pages
from tests.support.mangadex.corpus import Series
from tests.support.virtual_time import run_virtual

RACE = (
    *("wrong_bytes", "short_body", "truncated", "reset_before_headers", "not_found"),
    *("forbidden", "http_500", "html_200"),
)


@pytest.mark.parametrize("kind", RACE)
def test_the_eight_faults_of_the_race_cost_no_page(kind: str, tmp_path: Path) -> None:
    """Page 3 is faulty on the first request only: 5 of 5, none corrupt, none shifted."""
    seen = brought(tmp_path, [Fault(kind, page=3)])
    assert is_whole(seen)
    assert seen.site.faults == {kind: 1}
    assert seen.site.duplicate_pages == 0
    assert all(row.is_verified for row in seen.answers.rows.values())


@pytest.mark.parametrize(
    "kind",
    [
        *("reset_after_headers", "reset_mid_body", "stall", "drip", "slow_first_byte"),
        *("empty_200", "other_page", "redirect", "image_429", "endless"),
        *("http_502", "http_503", "http_504", "http_520", "http_522"),
    ],
)
def test_every_other_fault_costs_no_page_either(kind: str, tmp_path: Path) -> None:
    seen = brought(tmp_path, [Fault(kind, page=3)])
    assert is_whole(seen)
    assert seen.site.faults[kind] == 1


@pytest.mark.parametrize("kind", ["refused", "bad_tls", "dead_lease", "short_lease"])
def test_a_lease_that_leads_nowhere_is_replaced(kind: str, tmp_path: Path) -> None:
    seen = brought(tmp_path, [Fault(kind)])
    assert is_whole(seen)


def test_the_locator_names_no_host_no_token_and_no_time(tmp_path: Path) -> None:
    seen = brought(tmp_path, [Fault("http_500", page=3, times=2)])
    chapter_hash = seen.rig.emulator.world.listing(CHAPTER).hash
    names = seen.rig.emulator.world.listing(CHAPTER).names
    assert [row.locator for _, row in sorted(seen.answers.rows.items())] == [
        f"data/{chapter_hash}/{name}" for name in names
    ]


def test_data_saver_is_another_file_of_the_same_page(tmp_path: Path) -> None:
    seen = brought(tmp_path, quality="data-saver")
    assert len(seen.hashes) == 5
    assert not set(seen.hashes.values()) & set(HASHES)
    assert all(row.locator.startswith("data-saver/") for row in seen.answers.rows.values())


def test_nothing_impolite_is_done(tmp_path: Path) -> None:
    seen = brought(tmp_path, corpus=regular(1, 8, 12))
    assert not seen.site.violations
    assert seen.site.peak_running["images"] <= 24
    assert max(seen.site.peak_running[f"node-{n}"] for n in (1, 2)) <= 6
    assert seen.site.requests["at-home"] == 8


def test_pages_in_flight_are_bounded_over_all_and_per_node(tmp_path: Path) -> None:
    rules = unlimited(image_latency_s=1.0)
    seen = brought(
        tmp_path, corpus=regular(1, 4, 12), rules=rules, pages_in_flight=5, pages_per_node=3
    )
    assert len(seen.answers.rows) == 48
    assert seen.site.peak_running["images"] == 5
    assert max(seen.site.peak_running[node] for node in ("node-1", "node-2", "uploads")) == 3


def test_at_most_six_chapters_hold_a_lease(tmp_path: Path) -> None:
    rules = unlimited(image_latency_s=5.0)
    seen = brought(tmp_path, corpus=regular(1, 20, 3), rules=rules)
    assert len(seen.answers.rows) == 60
    assert seen.site.leases_untouched_max <= 6


def test_chapters_are_leased_in_the_order_of_the_plan(tmp_path: Path) -> None:
    corpus = regular(1, 9, 2)
    seen = brought(tmp_path, corpus=corpus)
    leased = [line["chapter"] for line in seen.log if line["event"] == "leased"]
    assert leased == [chapter.id for chapter in corpus.chapters]


def test_e20_credits_pages_are_downloaded_once(tmp_path: Path) -> None:
    """The same picture in every chapter: one request, many rows."""
    credit = drawn_pages(1, "credits")[0]
    chapters = tuple(
        replace(each, pictures=(*each.pictures, credit)) for each in regular(1, 5, 3).chapters
    )
    corpus = Corpus((Series(uid("series", "credits"), "Credits", chapters),))
    seen = brought(tmp_path, corpus=corpus)
    assert len(seen.answers.rows) == 20
    assert seen.site.served[credit.sha256] == 1
    assert seen.stats.adopted == 4


def test_e20_bytes_that_are_here_are_not_asked_for(tmp_path: Path) -> None:
    shelf = MemoryShelf({HASHES[1]: CHAPTER.pictures[1].content()})
    seen = brought(tmp_path, shelf=shelf)
    assert is_whole(seen)
    assert seen.site.requests["image"] == 4
    assert (seen.stats.adopted, seen.stats.verified) == (1, 4)
    assert seen.answers.rows["haruko/c0001/p002"].locator.startswith("data/")


def test_e35_the_log_tells_every_change_and_no_token(tmp_path: Path) -> None:
    seen = brought(
        tmp_path, [Fault("http_500", page=3, times=2), Fault("not_found", page=4, times=None)]
    )
    events = [line["event"] for line in seen.log]
    assert events.count("verified") == 4
    assert events.count("missing") == 1
    assert events.count("failed") == 5
    assert "leased" in events
    nodes = {line["node"] for line in seen.log if "node" in line}
    assert all(node.count("/") == 2 for node in nodes)
    assert all("T" in line["time"] and line["time"].endswith("+00:00") for line in seen.log)


def test_e35_the_counts_add_up(tmp_path: Path) -> None:
    seen = brought(tmp_path, [Fault("not_found", page=3, times=None)])
    stats = seen.stats
    assert stats.planned == 5
    assert stats.verified + stats.adopted + sum(stats.missing.values()) == 5
    assert stats.missing == {"gone": 1}
    assert stats.image_requests == 4 + 3
    assert stats.requests == 7 + seen.site.requests["at-home"]
    assert stats.n_bytes == sum(row.n_bytes for row in seen.answers.rows.values())
    assert stats.node_failures == 3
    assert stats.leases == seen.site.requests["at-home"]
    assert stats.pages_per_s > 0


def test_a_full_disk_ends_the_work_and_nothing_else_is_leased(tmp_path: Path) -> None:
    shelf = MemoryShelf(full_after=3, error=DiskFull("no room left"))

    async def run() -> tuple[Rig, Collected]:
        corpus = regular(1, 30, 4)
        async with rigged(corpus, tmp_path, rules=unlimited(image_latency_s=1.0)) as rig:
            rig.shelf = shelf
            answers = Collected()
            with pytest.raises(DiskFull, match="no room left"):
                await rig.bring(
                    [chapter_work(c, n) for n, c in enumerate(corpus.chapters)], answers
                )
            return rig, answers

    rig, answers = run_virtual(run())
    assert len(answers.rows) == 3
    assert not answers.missing
    assert rig.emulator.stats.requests["at-home"] <= 7


def test_e3_a_ban_lets_the_leased_chapters_finish(tmp_path: Path) -> None:
    async def run() -> tuple[Rig, Collected]:
        corpus = regular(1, 20, 6)
        async with rigged(corpus, tmp_path, rules=unlimited(image_latency_s=1.0)) as rig:
            answers = Collected()
            asyncio.get_running_loop().call_later(2.5, rig.emulator.ban, 900.0)
            with pytest.raises(Banned):
                await rig.bring(
                    [chapter_work(c, n) for n, c in enumerate(corpus.chapters)], answers
                )
            return rig, answers

    rig, answers = run_virtual(run())
    leased = rig.emulator.stats.statuses["api 200"]
    assert len(answers.rows) == leased * 6
    assert not answers.missing
    assert 6 <= leased < 20


def test_several_series_share_the_slots(tmp_path: Path) -> None:
    async def run() -> tuple[Rig, list[Collected]]:
        corpus = regular(4, 6, 5)
        async with rigged(corpus, tmp_path, rules=unlimited(image_latency_s=1.0)) as rig:
            each = [
                rig.bring([chapter_work(c, n) for n, c in enumerate(series.chapters)])
                for series in corpus.series
            ]
            return rig, list(await asyncio.gather(*each))

    rig, all_answers = run_virtual(run())
    assert [len(answers.rows) for answers in all_answers] == [30] * 4
    assert rig.emulator.stats.peak_running["images"] <= 24
    first = [min(answers.seconds.values()) for answers in all_answers]
    assert max(first) - min(first) < 5, "no series waits for another to end"
