"""What goes wrong with one page, what is done about it, and that no other page notices."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from pipeline.ports.mangadex.misses import MissReason
from tests.support.brought import (
    CHAPTER,
    HASHES,
    ONE,
    brought,
    first_node,
    hidden_names,
    is_whole,
)
from tests.support.mangadex import Corpus, Fault, regular, unlimited
from tests.support.mangadex.pictures import Given


def test_e4_a_lease_of_two_seconds_is_enough_with_renewals(tmp_path: Path) -> None:
    corpus = regular(1, 1, 12)
    rules = unlimited(lease_s=2.0, image_latency_s=0.9, uploads_serves=False)
    seen = brought(tmp_path, corpus=corpus, rules=rules, pages_in_flight=2)
    assert len(seen.answers.rows) == 12
    assert seen.site.requests["at-home"] == 3


def test_e4_after_three_renewals_a_403_is_an_answer(tmp_path: Path) -> None:
    seen = brought(tmp_path, [Fault("forbidden", page=3, times=None)])
    assert seen.answers.reasons == {3: MissReason.LEASE_REFUSED}
    assert seen.site.requests["at-home"] == 4
    assert not seen.answers.missing["haruko/c0001/p003"].is_final
    assert len(seen.hashes) == 4


def test_e4_pages_that_saw_the_same_403_share_one_renewal(tmp_path: Path) -> None:
    rules = unlimited(image_latency_s=0.5)
    seen = brought(tmp_path, [Fault("dead_lease")], rules=rules)
    assert is_whole(seen)
    assert seen.site.requests["at-home"] <= 2


def test_e4_a_lease_of_ten_minutes_is_renewed_before_use(tmp_path: Path) -> None:
    rules = unlimited(image_latency_s=15.0)
    seen = brought(tmp_path, corpus=regular(1, 1, 60), rules=rules, pages_in_flight=1)
    assert len(seen.answers.rows) == 60
    assert seen.site.requests["at-home"] == 2
    assert seen.site.lease_age_max_s <= 600
    assert not seen.site.statuses["node-1 403"]


def test_e5_a_404_of_one_node_says_nothing_of_the_page(tmp_path: Path) -> None:
    node = first_node(tmp_path)
    seen = brought(tmp_path, [Fault("not_found", page=3, node=node, times=None)])
    assert is_whole(seen)
    assert seen.site.faults["not_found"] == 1
    assert seen.site.requests["at-home"] == 2


def test_e5_three_404s_are_gone(tmp_path: Path) -> None:
    seen = brought(tmp_path, [Fault("not_found", page=3, times=None)])
    assert seen.answers.reasons == {3: MissReason.GONE}
    assert seen.site.faults["not_found"] == 3
    assert [row.number for _, row in sorted(seen.answers.rows.items())] == [1, 2, 4, 5]


def test_e14_a_node_that_serves_wrong_bytes_is_left_by_all_pages(tmp_path: Path) -> None:
    node = first_node(tmp_path)
    faults = [Fault("wrong_bytes", node=node, times=None)]
    seen = brought(tmp_path, faults, pages_in_flight=1)
    assert is_whole(seen)
    assert seen.site.faults["wrong_bytes"] == 1
    assert seen.site.requests["at-home"] == 2


def test_e14_a_distrusted_node_serves_again_where_a_later_lease_names_it(tmp_path: Path) -> None:
    """There is one node only: both chapters ask for a new lease before they use it again."""
    corpus = regular(1, 2, 5)
    rules = unlimited(nodes=("token",), uploads_serves=False)
    faults = [Fault("wrong_bytes", chapter=corpus.chapters[0].id, page=1)]
    seen = brought(tmp_path, faults, corpus=corpus, rules=rules, pages_in_flight=1)
    assert len(seen.answers.rows) == 10
    assert seen.site.requests["at-home"] == 4


def test_e14_the_same_wrong_bytes_from_two_nodes_are_put_aside(tmp_path: Path) -> None:
    seen = brought(tmp_path, [Fault("other_page", page=3, times=None)])
    lost = seen.answers.missing["haruko/c0001/p003"]
    assert lost.reason == MissReason.HASH_MISMATCH_CONFIRMED
    assert lost.is_final
    assert list(seen.rig.shelf.quarantined) == [HASHES[3]]
    assert seen.site.faults["other_page"] == 2
    assert set(seen.hashes) == {1, 2, 4, 5}
    assert HASHES[2] not in seen.rig.shelf.blobs


def test_e14_one_node_alone_confirms_nothing(tmp_path: Path) -> None:
    rules = unlimited(nodes=("token",), uploads_serves=False)
    seen = brought(tmp_path, [Fault("wrong_bytes", page=3, times=None)], rules=rules)
    assert seen.answers.reasons == {3: MissReason.HASH_MISMATCH}
    assert seen.site.faults["wrong_bytes"] == 4
    assert not seen.rig.shelf.quarantined
    assert set(seen.hashes) == {1, 2, 4, 5}


@pytest.mark.parametrize("kind", ["html_200", "empty_200"])
def test_e14_error_pages_alike_are_no_confirmation(kind: str, tmp_path: Path) -> None:
    seen = brought(tmp_path, [Fault(kind, page=3, times=None)])
    assert seen.answers.reasons == {3: MissReason.HASH_MISMATCH}
    assert seen.site.faults[kind] == 4
    assert not seen.rig.shelf.quarantined


def test_e15_a_name_without_a_hash_is_kept_unverified(tmp_path: Path) -> None:
    seen = brought(tmp_path, corpus=hidden_names())
    assert is_whole(seen)
    assert not any(row.is_verified for row in seen.answers.rows.values())
    assert (seen.stats.verified, seen.stats.kept_unverified) == (0, 5)


@pytest.mark.parametrize("kind", ["short_body", "html_200", "empty_200", "wrong_bytes"])
def test_e15_without_a_hash_it_has_to_be_a_picture(kind: str, tmp_path: Path) -> None:
    seen = brought(tmp_path, [Fault(kind, page=3)], corpus=hidden_names())
    assert is_whole(seen)


def test_e15_what_never_decodes_is_undecodable(tmp_path: Path) -> None:
    seen = brought(tmp_path, [Fault("short_body", page=3, times=None)], corpus=hidden_names())
    assert seen.answers.reasons == {3: MissReason.UNDECODABLE}
    assert seen.site.faults["short_body"] == 4


def test_e16_e17_a_page_that_never_comes_is_unreachable(tmp_path: Path) -> None:
    seen = brought(tmp_path, [Fault("reset_mid_body", page=3, times=None)])
    assert seen.answers.reasons == {3: MissReason.UNREACHABLE}
    assert seen.site.faults["reset_mid_body"] == 4
    assert seen.site.requests["at-home"] == 2, "the first retry is at the same node"
    assert set(seen.hashes) == {1, 2, 4, 5}


def test_e17_a_node_where_nobody_listens_is_reported_with_no_bytes(tmp_path: Path) -> None:
    seen = brought(tmp_path, [Fault("refused", times=1)])
    assert is_whole(seen)
    assert seen.site.reports["failure"] >= 1
    assert seen.site.reports["invalid"] == 0
    assert "over_image_cap" not in seen.site.violations


def test_e29_a_body_without_end_is_too_large(tmp_path: Path) -> None:
    seen = brought(tmp_path, [Fault("endless", page=3, times=None)])
    assert seen.answers.reasons == {3: MissReason.TOO_LARGE}


def test_e29_names_that_climb_are_harmless(tmp_path: Path) -> None:
    seen = brought(tmp_path, [Fault("climbing_names", times=None)])
    assert len(seen.answers.by_page) == 5
    assert not list(tmp_path.rglob("*.png"))
    assert all(".." not in row.locator.split("/") for row in seen.answers.rows.values())


def test_a_429_is_waited_out_and_is_no_attempt(tmp_path: Path) -> None:
    seen = brought(tmp_path, [Fault("image_429", page=3, times=5, value=7)])
    assert is_whole(seen)
    assert seen.seconds == pytest.approx(35, abs=2)
    assert seen.stats.throttled == 5
    assert seen.stats.node_failures == 0
    assert seen.site.requests["at-home"] == 1


def test_a_429_without_end_is_a_failure(tmp_path: Path) -> None:
    seen = brought(tmp_path, [Fault("image_429", page=3, times=None, value=3000)])
    assert seen.answers.reasons == {3: MissReason.UNREACHABLE}
    assert seen.site.faults["image_429"] == 9
    assert seen.seconds < 5 * 61 + 20


@pytest.mark.parametrize(
    "base_url", ["http://uploads.mangadex.org", "https://mangadex.org.evil.example", "x"]
)
def test_e30_a_foreign_host_is_never_asked(base_url: str, tmp_path: Path) -> None:
    seen = brought(tmp_path, [Fault("foreign_host", text=base_url, times=None)])
    assert set(seen.answers.reasons.values()) == {MissReason.LEASE_REFUSED}
    host = base_url.partition("://")[2]
    assert host in seen.answers.missing["haruko/c0001/p001"].detail
    assert seen.site.requests["image"] == 0
    assert [line["event"] for line in seen.log][:1] == ["refused"]


def test_e30_loopback_is_refused_without_the_flag(tmp_path: Path) -> None:
    seen = brought(tmp_path, allow_loopback=False)
    assert set(seen.answers.reasons.values()) == {MissReason.LEASE_REFUSED}
    assert seen.site.requests["image"] == 0


@pytest.mark.parametrize("kind", ["report_522", "report_slow", "report_reset", "report_429"])
def test_e19_a_dead_report_endpoint_changes_nothing(kind: str, tmp_path: Path) -> None:
    corpus, rules = regular(1, 6, 5), unlimited(image_latency_s=0.5)
    well = brought(tmp_path / "well", corpus=corpus, rules=rules)
    dead = brought(
        tmp_path / "dead", [Fault(kind, times=None, value=100)], corpus=corpus, rules=rules
    )
    assert dead.seconds == pytest.approx(well.seconds, abs=0.1)
    assert dead.answers.rows == well.answers.rows
    assert dead.stats.reports_sent == 0
    assert dead.stats.reports_dropped > 0
    assert well.stats.reports_sent > 0


def test_verified_bytes_that_do_not_decode_are_kept_with_their_defect(tmp_path: Path) -> None:
    """A file that was broken before it was uploaded is what MangaDex has: the screen decides."""
    broken = Given(CHAPTER.pictures[2].content()[:5000], "png")
    chapter = replace(CHAPTER, pictures=(broken,))
    corpus = Corpus((replace(ONE.series[0], chapters=(chapter,)),))
    seen = brought(tmp_path, corpus=corpus)
    row = seen.answers.rows["haruko/c0001/p001"]
    assert row.is_verified
    assert row.defect != "none"
    assert seen.site.requests["image"] == 1
