"""kill -9 at random instants of `mangazero fetch`, each followed by a run to the end.

A page is verified at the kill if its whole blob lies on the disk under its sha256: such a page
must never be sent again. A page that was on its way may be. In the end the tables have to be those
of a run that nobody disturbed, byte for byte.
"""

from __future__ import annotations

import random
import shutil
import subprocess
import sys
import time
from collections import Counter
from dataclasses import asdict, dataclass
from pathlib import Path
from statistics import median
from typing import Any

from benchmarks.catalogued import PROFILE, Place, Site, settle
from benchmarks.report import Aim, Measured
from pipeline.cli.opening import CHECKOUT
from pipeline.core.hashing import sha256_of_file
from tests.support.mangadex import Corpus, Emulator, Rules, emulator_thread, unlimited
from tests.support.mangadex.shapes import evenly_sized, regular

NAME = "download_kills"
STAGES = ("resolve", "fetch")
SETTLE_S = 0.3
"""After a kill the emulator may still be sending into a closed line."""
TIMEOUT_S = 120


@dataclass(frozen=True)
class Size:
    """`latency_s`: how long an image takes to begin, so that a run lasts for seconds."""

    kills: int = 50
    series: int = 3
    chapters: int = 4
    pages: int = 20
    page_bytes: int = 50_000
    latency_s: float = 0.2
    seed: int = 20_260_723
    undisturbed: int = 3

    @property
    def all_pages(self) -> int:
        return self.series * self.chapters * self.pages


@dataclass(frozen=True)
class Kill:
    """What one kill did. Pages counted at the kill, and what was sent again after it."""

    at_s: float
    had_ended: bool
    verified: int
    sent: int
    verified_sent_again: int
    in_flight_sent_again: int
    exit_code: int
    same_tables: bool
    halves_left: int

    @property
    def is_right(self) -> bool:
        return self.exit_code == 0 and self.same_tables and not self.verified_sent_again


def measure(size: Size, scratch: Path) -> Measured:
    corpus = regular(
        size.series, size.chapters, size.pages, looks=evenly_sized(size.page_bytes, 400, 570)
    )
    rules = unlimited(image_latency_s=size.latency_s)
    runs = [_undisturbed(corpus, rules, scratch / NAME) for _ in range(size.undisturbed)]
    length = median(seconds for seconds, _ in runs)
    tables = runs[0][1]
    if any(other != tables for _, other in runs):
        raise RuntimeError("two undisturbed runs have different tables: nothing can be compared")
    dice = random.Random(size.seed)
    kills = []
    for _ in range(size.kills):
        kills.append(_killed(corpus, rules, scratch / NAME, dice.uniform(0, length), tables))
        print("." if kills[-1].is_right else "!", end="", flush=True)
    print(flush=True)
    shutil.rmtree(scratch / NAME, ignore_errors=True)
    return _told(size, length, kills)


def _undisturbed(corpus: Corpus, rules: Rules, root: Path) -> tuple[float, dict[str, str]]:
    """Seconds of the whole command, and its tables."""
    with emulator_thread(corpus, rules=rules) as emulator:
        place = _settled(root, corpus, emulator)
        began = time.perf_counter()
        code = _start(place).wait(TIMEOUT_S)
        seconds = time.perf_counter() - began
    if code:
        raise RuntimeError(f"the undisturbed run ended with {code}")
    return seconds, _tables(place)


def _killed(corpus: Corpus, rules: Rules, root: Path, at_s: float, tables: dict[str, str]) -> Kill:
    with emulator_thread(corpus, rules=rules) as emulator:
        place = _settled(root, corpus, emulator)
        running = _start(place)
        time.sleep(at_s)
        had_ended = running.poll() is not None
        running.kill()
        running.wait(TIMEOUT_S)
        time.sleep(SETTLE_S)
        verified, sent = _verified(place, corpus), Counter(emulator.stats.served)
        code = _start(place).wait(TIMEOUT_S)
        again = Counter(emulator.stats.served) - sent
    return Kill(
        at_s=round(at_s, 3),
        had_ended=had_ended,
        verified=len(verified),
        sent=sent.total(),
        verified_sent_again=sum(again[sha256] for sha256 in verified),
        in_flight_sent_again=sum(again[sha256] for sha256 in sent if sha256 not in verified),
        exit_code=code,
        same_tables=_tables(place) == tables,
        halves_left=len(list(place.workspace.root.glob("blobs/??/.*"))),
    )


def _settled(root: Path, corpus: Corpus, emulator: Emulator) -> Place:
    return settle(root, corpus, Site(emulator.api_url, emulator.report_url))


def _start(place: Place) -> subprocess.Popen[bytes]:
    work = ["--profile", PROFILE, "--work", str(place.workspace.root)]
    return subprocess.Popen(
        [sys.executable, "-m", "pipeline.cli.main", "fetch", *work],
        env=place.environment,
        cwd=CHECKOUT,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )


def _verified(place: Place, corpus: Corpus) -> set[str]:
    """The sha256 of the pages whose whole bytes lie on the disk."""
    return {
        picture.sha256
        for chapter in corpus.chapters
        for picture in chapter.pictures
        if (path := place.workspace.blob_path(picture.sha256)).is_file()
        and sha256_of_file(path) == picture.sha256
    }


def _tables(place: Place) -> dict[str, str]:
    """Path -> sha256 of every table of the two stages."""
    return {
        place.workspace.relative(path): sha256_of_file(path)
        for stage in STAGES
        for path in sorted((place.workspace.root / "tables" / stage).rglob("*.parquet"))
    }


def _told(size: Size, length: float, kills: list[Kill]) -> Measured:
    again = sum(kill.in_flight_sent_again for kill in kills)
    in_flight = sum(kill.sent - kill.verified for kill in kills)
    before, after = (
        sum(kill.verified == 0 for kill in kills),
        sum(kill.verified == size.all_pages for kill in kills),
    )
    figures: dict[str, Any] = {
        "undisturbed_s": round(length, 2),
        "verified_pages_sent_again": sum(kill.verified_sent_again for kill in kills),
        "pages_on_their_way_sent_again": again,
        "pages_on_their_way_at_a_kill": in_flight,
        "verified_at_a_kill_mean": round(sum(k.verified for k in kills) / max(1, len(kills)), 1),
        "kills_before_the_first_page": before,
        "kills_after_the_last_page": after,
        "kills_after_the_end": sum(kill.had_ended for kill in kills),
        "kills": [asdict(kill) for kill in kills],
    }
    return Measured(
        NAME,
        asdict(size),
        figures,
        [
            ("undisturbed", f"{length:.2f} s for {size.all_pages} pages"),
            (
                "kills",
                f"{len(kills)}: {before} before the first page, {after} after the last, "
                f"{figures['kills_after_the_end']} after the end",
            ),
            ("verified at a kill", f"{figures['verified_at_a_kill_mean']} pages on average"),
            ("sent again that were on their way", f"{again} of {in_flight}"),
        ],
        [
            Aim("verified pages sent again", figures["verified_pages_sent_again"], 1),
            Aim("runs with other tables", sum(not kill.same_tables for kill in kills), 1),
            Aim("runs that did not complete", sum(kill.exit_code != 0 for kill in kills), 1),
            Aim("halves of files left", sum(kill.halves_left for kill in kills), 1),
        ],
    )
