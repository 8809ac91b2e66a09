"""The download benchmarks: how pages are judged, and each benchmark on a miniature."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from benchmarks import all as everything
from benchmarks import download_floor, download_kills, download_peers, download_race
from benchmarks.clients import PEERS, has_peers
from benchmarks.collected import Judged, judge, numbered_files
from pipeline.core.hashing import sha256_of_bytes

PAGES = [b"one", b"two", b"three"]
EXPECTED = [sha256_of_bytes(page) for page in PAGES]


def test_all_pages_under_their_numbers_are_perfect() -> None:
    judged = judge(list(enumerate(EXPECTED, 1)), EXPECTED)
    assert judged == Judged(good=3, missing=0, corrupt=0, shifted=0)
    assert judged.is_perfect
    assert str(judged) == "3/3"


def test_a_lost_page_a_corrupt_file_and_shifted_ones_are_told_apart() -> None:
    one, two, three = EXPECTED
    assert judge([(1, one), (3, three)], EXPECTED) == Judged(2, 1, 0, 0)
    assert judge([(1, one), (2, "f" * 64), (3, three)], EXPECTED) == Judged(2, 1, 1, 0)
    shifted = judge([(1, one), (2, one), (3, two), (4, three)], EXPECTED)
    assert shifted == Judged(1, 2, 0, 3)
    assert str(shifted) == "1/3, 3 shifted"


def test_a_page_that_also_lies_under_a_wrong_number_is_not_perfect() -> None:
    assert not judge([*enumerate(EXPECTED, 1), (4, EXPECTED[0])], EXPECTED).is_perfect


@pytest.mark.parametrize("first", [0, 1])
def test_files_are_numbered_as_the_downloader_counts(tmp_path: Path, first: int) -> None:
    (tmp_path / "Vol. 1 Ch. 1").mkdir()
    for number, page in enumerate(PAGES, first):
        (tmp_path / "Vol. 1 Ch. 1" / f"Title_c001_{number:03d}.png").write_bytes(page)
    (tmp_path / "download.db").write_bytes(b"no page")
    (tmp_path / "Vol. 1 Ch. 1" / "2.png.temp").write_bytes(b"half a page")
    assert judge(numbered_files(tmp_path, first), EXPECTED).is_perfect


def test_every_peer_has_a_script_and_a_pin() -> None:
    folder = Path(everything.__file__).parent
    pins = (folder / "peers-requirements.txt").read_text().split()
    assert [pin.split("==")[0] for pin in pins] == list(PEERS)
    assert all((folder / "peers" / script).is_file() for script in PEERS.values())
    assert not has_peers(None)
    assert not has_peers(folder / "no-such-python")


def test_a_run_of_all_leaves_out_what_is_long_or_needs_peers() -> None:
    chosen = everything.Chosen(20, 1, 2, 1, 2, keep=False)
    with_peers = replace(chosen, peers=Path("python"))
    assert "--only download_kills" in everything.left_out("download_kills", "", with_peers)
    assert everything.left_out("download_peers", "", chosen) == download_peers.NO_PEERS
    assert everything.left_out("download_peers", "", with_peers) == ""
    assert everything.left_out("download_floor", "", chosen) == ""
    names = {*everything.ONLY_BY_NAME, *everything.WITH_PEERS}
    assert names < set(everything.benchmarks(chosen))
    assert not any(everything.left_out(name, name, chosen) for name in names)


@pytest.mark.slow
def test_download_floor_knows_time_cpu_and_memory(tmp_path: Path) -> None:
    size = download_floor.Size(series=2, chapters=2, pages=3, page_bytes=20_000, factor=10)
    figures = download_floor.measure(size, tmp_path).figures
    assert figures["pages"] == 12
    assert figures["times_the_floor"] > 0
    assert figures["client_cpu_ms_a_page"] > figures["decode_alone_cpu_ms_a_page"] > 0
    assert figures["memory"]["most_mb"] > 10
    assert figures["emulator_saw"]["limited"] == 0
    assert not list(tmp_path.iterdir()), "the workspace is removed"


@pytest.mark.slow
def test_download_peers_without_peers_measures_ours_and_says_so(tmp_path: Path) -> None:
    size = download_peers.Size(1, 3, 20_000, latencies=(0.01,), rounds=(1,))
    found = download_peers.measure(size, tmp_path)
    assert set(found.figures["latency_10_ms"]) == {"mangazero"}
    assert found.figures["latency_10_ms"]["mangazero"]["good_pages_at_least"] == 3
    assert all(aim.is_met for aim in found.aims), found.table()
    assert ("peers", download_peers.NO_PEERS) in list(found.lines)


@pytest.mark.slow
def test_the_race_is_won_in_all_eight_faults(tmp_path: Path) -> None:
    found = download_race.measure(download_race.Size(), tmp_path)
    assert len(found.figures) == 8
    assert all(aim.is_met for aim in found.aims), found.table()


@pytest.mark.slow
def test_kills_send_no_verified_page_again(tmp_path: Path) -> None:
    size = download_kills.Size(
        kills=3, series=1, chapters=2, pages=6, page_bytes=20_000, undisturbed=1
    )
    found = download_kills.measure(size, tmp_path)
    assert len(found.figures["kills"]) == 3
    assert all(aim.is_met for aim in found.aims), found.table()
