"""Pages a second with all limits off: other downloaders and ours, side by side.

Each client is a process of its own and has its turn in every round, against the same emulator.
What is timed of each: the whole process, and the download alone, once everything is imported.
"""

from __future__ import annotations

import shutil
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from typing import Any

from benchmarks.catalogued import Place, Site
from benchmarks.clients import (
    OURS,
    PEERS,
    Ran,
    Task,
    has_peers,
    pages_of_peer,
    run_ours,
    run_ours_inside,
    run_peer,
)
from benchmarks.report import Aim, Measured
from tests.support.mangadex import emulator_thread, unlimited
from tests.support.mangadex.shapes import evenly_sized, regular

NAME = "download_peers"
NO_PEERS = (
    "not measured: --peers PYTHON names an interpreter with benchmarks/peers-requirements.txt"
)


@dataclass(frozen=True)
class Size:
    """One series. `peers`: an interpreter that has them.

    `latencies` and `rounds`: how long an image host thinks before it sends, and how many turns
    everybody has then. Without any, the machine alone decides; a real host is some way off.
    """

    chapters: int = 10
    pages: int = 20
    page_bytes: int = 200_000
    latencies: tuple[float, ...] = (0.0, 0.05)
    rounds: tuple[int, ...] = (5, 3)
    peers: Path | None = None

    @property
    def all_pages(self) -> int:
        return self.chapters * self.pages


@dataclass(frozen=True)
class Turn:
    """One run of one client, in seconds, and how many different whole pages it left."""

    whole: float
    inside: float
    pages: int


def measure(size: Size, scratch: Path) -> Measured:
    python = size.peers if has_peers(size.peers) else None
    figures = {
        f"latency_{latency * 1e3:g}_ms": _side_by_side(
            size, latency, rounds, python, scratch / NAME
        )
        for latency, rounds in zip(size.latencies, size.rounds, strict=True)
    }
    shutil.rmtree(scratch / NAME, ignore_errors=True)
    settings = {**vars(size), "peers": python is not None, "width": 800, "height": 1140}
    lines = [line for where, each in figures.items() for line in _lines(where, each, size)]
    if python is None:
        lines.append(("peers", NO_PEERS))
    aims = [aim for where, each in figures.items() for aim in _aims(where, each, size)]
    return Measured(NAME, settings, figures, lines, aims)


def _side_by_side(
    size: Size, latency: float, rounds: int, python: Path | None, folder: Path
) -> dict[str, dict[str, Any]]:
    """Client -> figures, all against one emulator, everybody once a round."""
    corpus = regular(1, size.chapters, size.pages, looks=evenly_sized(size.page_bytes))
    turns: dict[str, list[Turn]] = {}
    with emulator_thread(corpus, rules=unlimited(image_latency_s=latency)) as emulator:
        task = Task(Site(emulator.api_url, emulator.report_url), corpus, folder)
        for _ in range(rounds):
            for name, take in _clients(python).items():
                turns.setdefault(name, []).append(take(task))
    return {name: _figures(each, size) for name, each in turns.items()}


def _clients(python: Path | None) -> dict[str, Callable[[Task], Turn]]:
    clients: dict[str, Callable[[Task], Turn]] = {OURS: _our_turn}
    if python is not None:
        for name in PEERS:
            clients[name] = lambda task, name=name: _turn(  # type: ignore[misc]
                run_peer(name, python, task), len(pages_of_peer(task) & set(task.expected))
            )
    return clients


def _our_turn(task: Task) -> Turn:
    """Twice: the command as it is called, and the stages timed from inside."""
    whole = run_ours(task)
    pages = _our_pages(task)
    inside = run_ours_inside(task)
    return Turn(whole.wall, inside.inside, min(pages, _our_pages(task)))


def _our_pages(task: Task) -> int:
    return len({sha256 for _, _, sha256 in Place(task.folder).pages()} & set(task.expected))


def _turn(ran: Ran, pages: int) -> Turn:
    return Turn(ran.wall, ran.inside, pages)


def _figures(turns: list[Turn], size: Size) -> dict[str, Any]:
    whole, inside = median(t.whole for t in turns), median(t.inside for t in turns)
    return {
        "whole_process_s": round(whole, 3),
        "download_s": round(inside, 3),
        "pages_per_s_whole_process": round(size.all_pages / whole, 1),
        "pages_per_s_download": round(size.all_pages / inside, 1),
        "good_pages_at_least": min(t.pages for t in turns),
        "every_whole_process_s": [round(t.whole, 3) for t in turns],
        "every_download_s": [round(t.inside, 3) for t in turns],
    }


def _lines(where: str, clients: dict[str, dict[str, Any]], size: Size) -> list[tuple[str, str]]:
    return [
        (
            f"{where} {name}",
            f"download {each['download_s']} s ({each['pages_per_s_download']} pages/s), "
            f"whole process {each['whole_process_s']} s "
            f"({each['pages_per_s_whole_process']} pages/s), "
            f"{each['good_pages_at_least']}/{size.all_pages} good",
        )
        for name, each in clients.items()
    ]


def _aims(where: str, clients: dict[str, dict[str, Any]], size: Size) -> list[Aim]:
    """All pages of ours; and with peers there, half the time of the fastest, both ways."""
    ours, peers = clients[OURS], {name: each for name, each in clients.items() if name != OURS}
    aims = [Aim(f"{where} pages missing of ours", size.all_pages - ours["good_pages_at_least"], 1)]
    for what in ("download_s", "whole_process_s") if peers else ():
        fastest = min(peers, key=lambda name: peers[name][what])
        share = round(ours[what] / peers[fastest][what], 2)
        aims.append(Aim(f"{where} {what} as a share of {fastest}'s", share, 0.5))
    return aims
