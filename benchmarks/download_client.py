"""Resolve and fetch of one place, timed from inside: a process of its own for the benchmarks.

`python -m benchmarks.download_client --root DIR --factor 4` ends with one line of JSON. With a
factor its event loop's time and its wall clock run so many times as fast as they do.
"""

from __future__ import annotations

import argparse
import importlib
import json
import threading
import time
from dataclasses import replace
from pathlib import Path
from statistics import mean

from benchmarks.catalogued import Place
from pipeline.core.engine import LocalEngine
from pipeline.core.outcome import Outcome
from pipeline.core.progress import Silent
from pipeline.downloading import download
from pipeline.manga.pictures import probe
from pipeline.ports.mangadex.session import MangaDexSession
from pipeline.ports.mangadex.slots import MemorySlots
from pipeline.wiring import Plan
from tests.support.virtual_time import ScaledLoop

SAMPLE_EVERY_S = 0.25
DECODED = 60
"""So many pages are decoded once more, alone, to know what that costs."""


class Counting(Silent):
    """Knows how many pages have come."""

    def __init__(self) -> None:
        self.pages = 0
        self._lock = threading.Lock()

    def advanced(self, stage: str, scope: str, outcome: Outcome) -> None:
        if stage == "fetch":
            with self._lock:
                self.pages += 1


class Memory(threading.Thread):
    """Samples (seconds, pages so far, resident MB) until it is stopped."""

    def __init__(self, counting: Counting) -> None:
        super().__init__(daemon=True)
        self.samples: list[tuple[float, int, float]] = []
        self._counting = counting
        self._over = threading.Event()

    def run(self) -> None:
        began = time.perf_counter()
        while not self._over.wait(SAMPLE_EVERY_S):
            at = round(time.perf_counter() - began, 2)
            self.samples.append((at, self._counting.pages, resident_mb()))

    def stop(self) -> None:
        self._over.set()
        self.join()


def resident_mb() -> float:
    pages = int(Path("/proc/self/statm").read_text().split()[1])
    return round(pages * 4096 / 1e6, 1)


def scaled_session(plan: Plan, factor: float) -> MangaDexSession:
    """The real client on a clock that runs faster, its wall clock too."""
    epoch0, began = time.time(), time.monotonic()

    def wall() -> float:
        return epoch0 + (time.monotonic() - began) * factor

    return MangaDexSession(
        plan.profile.mangadex,
        slots=MemorySlots(wall),
        new_loop=lambda: ScaledLoop(factor),
        wall=wall,
    )


def measured(place: Place, factor: float) -> dict[str, object]:
    plan = place.plan()
    if factor != 1:
        plan = replace(plan, session=scaled_session(plan, factor))
    counting = Counting()
    memory = Memory(counting)
    ready, cpu = time.perf_counter(), time.process_time()
    memory.start()
    with LocalEngine(0) as engine:
        done = download(plan, engine, counting)
    ended = time.perf_counter()
    cpu = time.process_time() - cpu
    memory.stop()
    plan.mangadex.close()
    return {
        "download_s": ended - ready,
        "cpu_s": cpu,
        "pages": counting.pages,
        "problems": [str(problem) for problem in done.problems],
        "memory": memory.samples,
        "decode_ms": decode_ms(plan),
        "code": 0,
    }


def decode_ms(plan: Plan) -> float:
    """CPU milliseconds to decode a page, alone, over a sample of those that came."""
    found = sorted(plan.workspace.root.glob("blobs/??/*"))
    sample = found[:: max(1, len(found) // DECODED)][:DECODED]
    costs = []
    for path in sample:
        content = path.read_bytes()
        began = time.process_time()
        probe(content, plan.profile.screen.max_pixels)
        costs.append(time.process_time() - began)
    return mean(costs) * 1e3 if costs else 0.0


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--root", type=Path, required=True)
    parser.add_argument("--factor", type=float, default=1.0)
    asked = parser.parse_args()
    importlib.import_module("aiohttp")  # the client does so at its first request: no part of ours
    print(json.dumps(measured(Place(asked.root), asked.factor)))


if __name__ == "__main__":
    main()
