"""The whole download at the documented limits, against the floor that the limit on leases sets.

The emulator keeps the limits (5 requests a second, 40 leases a minute) on a clock that runs
`factor` times as fast as the wall's; so does the client, in a process of its own. What is run is
real: plans, stages, journals, and blobs that are synced to the disk.
"""

from __future__ import annotations

import shutil
import time
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from benchmarks.catalogued import Site
from benchmarks.clients import Ran, Task, run_ours_inside
from benchmarks.report import Aim, Measured
from tests.support.mangadex import Rules, emulator_thread
from tests.support.mangadex.shapes import evenly_sized, regular
from tests.support.virtual_time import ScaledLoop

NAME = "download_floor"
LEASES_A_MINUTE = 40

Sample = tuple[float, int, float]


@dataclass(frozen=True)
class Size:
    """`factor`: how many seconds of the site's pass in one. `page_bytes` as sent."""

    series: int = 4
    chapters: int = 10
    pages: int = 40
    page_bytes: int = 200_000
    factor: float = 4.0

    @property
    def name(self) -> str:
        """The full shape has a result of its own."""
        return f"{NAME}_full" if replace(self, factor=FULL.factor) == FULL else NAME

    @property
    def all_chapters(self) -> int:
        return self.series * self.chapters

    @property
    def all_pages(self) -> int:
        return self.all_chapters * self.pages

    @property
    def floor_s(self) -> float:
        """Seconds of the site's that the leases alone take."""
        return self.all_chapters / LEASES_A_MINUTE * 60


FULL = Size(series=48, chapters=25)


def measure(size: Size, scratch: Path) -> Measured:
    corpus = regular(size.series, size.chapters, size.pages, looks=evenly_sized(size.page_bytes))
    root = scratch / NAME

    def new_loop() -> ScaledLoop:
        return ScaledLoop(size.factor)

    with emulator_thread(corpus, rules=Rules(), new_loop=new_loop) as emulator:
        site = Site(emulator.api_url, emulator.report_url, has_limits=True)
        before = time.process_time()
        ran = run_ours_inside(Task(site, corpus, root), factor=size.factor)
        emulator_cpu = time.process_time() - before
        seen = emulator.stats.snapshot()
    shutil.rmtree(root, ignore_errors=True)
    if ran.code != 0 or ran.said.get("problems"):
        raise RuntimeError(f"the download ended with {ran.code}: {ran.said}")
    return _told(size, _figures(size, ran, emulator_cpu, seen), seen)


def _figures(size: Size, ran: Ran, emulator_cpu: float, seen: dict[str, Any]) -> dict[str, Any]:
    pages = ran.said["pages"]
    simulated = ran.inside * size.factor
    cpu = ran.said["cpu_s"] / pages * 1e3
    memory = _memory(ran.said["memory"], pages)
    return {
        "pages": pages,
        "floor_s": size.floor_s,
        "simulated_s": round(simulated, 1),
        "times_the_floor": round(simulated / size.floor_s, 4),
        "pages_per_simulated_s": round(pages / simulated, 2),
        "real_s": round(ran.inside, 1),
        "client_cpu_ms_a_page": round(cpu, 2),
        "decode_alone_cpu_ms_a_page": round(ran.said["decode_ms"], 2),
        "client_cpu_ms_a_page_less_decode": round(cpu - ran.said["decode_ms"], 2),
        "client_core_share": round(ran.said["cpu_s"] / ran.inside, 2),
        "emulator_core_share": round(emulator_cpu / ran.inside, 2),
        "emulator_cpu_ms_a_page": round(emulator_cpu / pages * 1e3, 2),
        "memory": memory,
        "emulator_saw": seen,
    }


def _memory(samples: Sequence[Sample], pages: int) -> dict[str, Any]:
    """Resident MB. Growth: from the moment when a quarter of the pages had come."""
    if not samples:
        return {"most_mb": 0.0, "growth_mb": 0.0, "samples": []}
    quarter = next((rss for _, done, rss in samples if done >= pages / 4), samples[-1][2])
    every = max(1, len(samples) // 60)
    return {
        "most_mb": max(rss for _, _, rss in samples),
        "at_a_quarter_mb": quarter,
        "at_the_end_mb": samples[-1][2],
        "growth_mb": round(samples[-1][2] - quarter, 1),
        "samples": [list(sample) for sample in samples[::every]],
    }


def _of_time(size: Size, figures: dict[str, Any]) -> list[Aim]:
    """Only of the full shape: a few seconds before the first lease are much of one minute."""
    aim = Aim("times the floor", figures["times_the_floor"], 1.02)
    return [aim] if size.floor_s >= FULL.floor_s else []


def _told(size: Size, figures: dict[str, Any], seen: dict[str, Any]) -> Measured:
    memory = figures["memory"]
    return Measured(
        size.name,
        {**vars(size), "width": 800, "height": 1140, "leases_a_minute": LEASES_A_MINUTE},
        figures,
        [
            ("pages", f"{figures['pages']} of {size.page_bytes / 1e3:g} kB"),
            ("time", f"{figures['simulated_s']} s of the site's ({figures['real_s']} s of ours)"),
            ("times the floor", f"{figures['times_the_floor']} of {size.floor_s:g} s"),
            ("pages/s", f"{figures['pages_per_simulated_s']} of the site's seconds"),
            ("most leases in a minute", str(seen["peak_at_home_per_minute"])),
            (
                "cores",
                f"client {figures['client_core_share']}, emulator {figures['emulator_core_share']}",
            ),
            (
                "CPU ms a page",
                f"{figures['client_cpu_ms_a_page']}, of which decoding alone "
                f"{figures['decode_alone_cpu_ms_a_page']}",
            ),
            (
                "memory",
                f"{memory['most_mb']} MB at most, {memory['growth_mb']:+} MB after a quarter",
            ),
        ],
        [
            *_of_time(size, figures),
            Aim("answers 429", seen["limited"], 1),
            Aim("requests before the announced time", seen["early_requests"], 1),
            Aim("requests inside a ban", seen["requests_in_ban"], 1),
            Aim("pages sent twice", seen["duplicate_pages"], 1),
            Aim("pages missing", size.all_pages - figures["pages"], 1),
            Aim("CPU ms a page", figures["client_cpu_ms_a_page"], 5.0),
            Aim("MB of memory", memory["most_mb"], 250.0),
        ],
    )
