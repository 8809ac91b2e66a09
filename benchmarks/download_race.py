"""Eight faults, one after another: page 3 of 5 goes wrong the first time that it is asked for.

Every client has the same chapter and the same fault; its pages are judged by their sha256.
"""

from __future__ import annotations

import shutil
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from benchmarks.catalogued import Place, Site
from benchmarks.clients import OURS, PEERS, Task, has_peers, judged_peer, run_ours, run_peer
from benchmarks.collected import Judged, judge
from benchmarks.download_peers import NO_PEERS
from benchmarks.report import Aim, Measured
from tests.support.mangadex import Fault, emulator_thread, regular, unlimited

NAME = "download_race"
FAULTS = {
    "wrong bytes, right length": "wrong_bytes",
    "short body, matching length": "short_body",
    "truncated": "truncated",
    "connection reset": "reset_before_headers",
    "404 once": "not_found",
    "403 once": "forbidden",
    "500 once": "http_500",
    "HTML with 200": "html_200",
}
PAGES = 5
FAULTY_PAGE = 3


@dataclass(frozen=True)
class Size:
    """`peers`: an interpreter that has them."""

    peers: Path | None = None


@dataclass(frozen=True)
class Result:
    """What a client left, how long its process took, and with what it ended (None: timed out)."""

    judged: Judged
    seconds: float
    code: int | None
    fault_happened: bool

    def told(self) -> dict[str, Any]:
        facts = {"seconds": round(self.seconds, 2), "exit_code": self.code}
        return {**vars(self.judged), **facts, "fault_happened": self.fault_happened}


def measure(size: Size, scratch: Path) -> Measured:
    python = size.peers if has_peers(size.peers) else None
    names = (OURS, *PEERS) if python else (OURS,)
    results = {
        what: {name: _result(kind, name, python, scratch / NAME) for name in names}
        for what, kind in FAULTS.items()
    }
    shutil.rmtree(scratch / NAME, ignore_errors=True)
    lines = [
        (what, "; ".join(f"{name} {result.judged}" for name, result in by_name.items()))
        for what, by_name in results.items()
    ]
    if python is None:
        lines.append(("peers", NO_PEERS))
    ours = [by_name[OURS] for by_name in results.values()]
    figures = {
        what: {name: result.told() for name, result in by_name.items()}
        for what, by_name in results.items()
    }
    return Measured(
        NAME,
        {"pages": PAGES, "faulty_page": FAULTY_PAGE, "peers": python is not None},
        figures,
        lines,
        [
            Aim("races of ours with a page lost, corrupt or shifted", _imperfect(ours), 1),
            Aim("races of ours in which the fault did not happen", _unmet(ours), 1),
        ],
    )


def _result(kind: str, name: str, python: Path | None, folder: Path) -> Result:
    corpus = regular(1, 1, PAGES)
    fault = Fault(kind, chapter=corpus.chapters[0].id, page=FAULTY_PAGE)
    with emulator_thread(corpus, rules=unlimited(), faults=[fault]) as emulator:
        task = Task(Site(emulator.api_url, emulator.report_url), corpus, folder)
        if python is None or name == OURS:
            ran = run_ours(task)
            found = ((number, sha256) for _, number, sha256 in Place(folder).pages())
            judged = judge(found, task.expected)
        else:
            ran = run_peer(name, python, task)
            judged = judged_peer(name, task)
        happened = bool(emulator.stats.faults)
    return Result(judged, ran.wall, ran.code, happened)


def _imperfect(results: list[Result]) -> int:
    return sum(not result.judged.is_perfect for result in results)


def _unmet(results: list[Result]) -> int:
    return sum(not result.fault_happened for result in results)
