"""Which lease is used: hosts that nobody agreed to (E30), and nodes that were distrusted (E14)."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

import pytest

from pipeline.core.errors import StopRun
from pipeline.ports.mangadex.answers import AtHome
from pipeline.ports.mangadex.exchange import new_http
from pipeline.ports.mangadex.leases import ChapterLeases, Lease
from pipeline.ports.mangadex.memory import ChapterMemory
from pipeline.ports.mangadex.misses import MissReason, PageLost
from pipeline.ports.mangadex.network import Network
from pipeline.ports.mangadex.nodes import Nodes
from pipeline.ports.mangadex.patience import Counts
from schemas.profile import MangaDexParams
from tests.support.brought import brought
from tests.support.downloads import InLoop, chapter_work
from tests.support.mangadex import Fault, regular, unlimited
from tests.support.virtual_time import run_virtual

CHAPTER = regular(1, 1, 3).chapters[0]
LOOPBACK = "http://127.0.0.1:9/token"
REAL = "https://n1.mangadex.network/s3cr3t"


@dataclass
class LeaseGiver:
    """Gives the same lease to everybody."""

    base_url: str
    halted: StopRun | None = None
    counts: Counts = field(default_factory=Counts)

    async def at_home(self, chapter: str) -> AtHome | None:
        return AtHome(self.base_url, "h", ("1.png", "2.png", "3.png"), ())


def leased(log: Path, base_url: str, *, consent: bool) -> Lease | PageLost:
    """The first lease on a chapter, or why it is not used. No page is asked for."""
    params = MangaDexParams(api_url="http://127.0.0.1:9", allow_loopback=True, consent=consent)

    async def run() -> Lease | PageLost:
        async with new_http(params) as http:
            network = Network(params, http, LeaseGiver(base_url), InLoop())
            memory = ChapterMemory(log, lambda: 1e9)
            memory.open()
            try:
                return await ChapterLeases(chapter_work(CHAPTER), network, memory).current()
            except PageLost as lost:
                return lost
            finally:
                memory.flush()

    return run_virtual(run())


def test_e30_without_consent_an_api_on_loopback_leads_to_loopback_only(tmp_path: Path) -> None:
    log = tmp_path / "log.jsonl"
    lost = leased(log, REAL, consent=False)
    assert isinstance(lost, PageLost)
    assert lost.reason is MissReason.LEASE_REFUSED
    for told in (lost.detail, log.read_text()):
        assert "https://n1.mangadex.network:443" in told
        assert "consent" in told
        assert "s3cr3t" not in told


@pytest.mark.parametrize(("base_url", "consent"), [(LOOPBACK, False), (REAL, True)])
def test_e30_what_needs_no_consent_or_has_it_is_leased(
    base_url: str, consent: bool, tmp_path: Path
) -> None:
    found = leased(tmp_path / "log.jsonl", base_url, consent=consent)
    assert isinstance(found, Lease)
    assert found.base_url == base_url


def test_e30_a_refusal_repeats_no_token_and_no_login(tmp_path: Path) -> None:
    log = tmp_path / "log.jsonl"
    lost = leased(log, "https://me:word@n1.mangadex.network/s3cr3t", consent=True)
    assert isinstance(lost, PageLost)
    assert "https://n1.mangadex.network" in lost.detail
    assert not any(secret in lost.detail + log.read_text() for secret in ("s3cr3t", "word"))


def test_e14_each_conviction_counts_until_a_later_lease() -> None:
    async def run() -> None:
        nodes = Nodes(MangaDexParams())
        node = nodes.of(LOOPBACK)
        first = nodes.next_lease()
        of_another_chapter = nodes.next_lease()
        nodes.distrust(node, first)
        assert node.distrusted_until_lease == of_another_chapter
        later = nodes.next_lease()
        nodes.distrust(node, of_another_chapter)
        assert node.distrusted_until_lease < later, "what is known already convicts nobody anew"
        nodes.distrust(node, later)
        assert node.distrusted_until_lease == later

    run_virtual(run())


def test_e14_a_node_that_is_convicted_twice_is_left_twice_by_every_chapter(tmp_path: Path) -> None:
    """There is one node only: each conviction costs each of the two chapters a new lease."""
    corpus = regular(1, 2, 5)
    rules = unlimited(nodes=("token",), uploads_serves=False)

    def leases(convictions: int) -> int:
        faults = [Fault("wrong_bytes", chapter=corpus.chapters[0].id, page=1, times=convictions)]
        folder = tmp_path / str(convictions)
        seen = brought(folder, faults, corpus=corpus, rules=rules, pages_in_flight=1)
        assert len(seen.answers.rows) == 10
        return int(seen.site.requests["at-home"])

    assert [leases(convictions) for convictions in (0, 1, 2)] == [2, 4, 6]
