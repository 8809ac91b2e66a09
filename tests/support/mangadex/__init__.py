"""A local stand-in for MangaDex: API, image nodes and report host, each on a loopback port.

It keeps the documented limits, hands out leases that expire, bans who ignores it, breaks in
some seventy ways on request, and counts everything a client does. Nothing leaves the machine.

On a running loop, in virtual time if the loop's is (tests/support/virtual_time.py):

    async with emulated(tiny(), faults=[Fault("wrong_bytes", page=3)]) as emulator:
        ...                                # emulator.api_url, .report_url, .stats, .world
    assert emulator.stats.duplicate_pages == 0

From code without a loop, in a thread (`new_loop=lambda: ScaledLoop(60)` runs its clock faster):

    with emulator_thread(tiny(), rules=unlimited()) as emulator: ...

As a process, which prints one line of JSON with its URLs and serves until SIGTERM:

    python -m tests.support.mangadex --corpus medium [--scale 60] [--no-limits] [--help]

Where to look: `corpus` (records), `shapes` (tiny, medium, full, one's own files), `oddities`
(every special series), `pictures`, `rules` (limits, nodes, leases), `faults` (all kinds),
`stats` (all counts), `admin_routes` (the operator's port). Clients other than ours work with it
too. In base URLs of the fixed image host `uploads.mangadex.org` stands in the path: a client
must not report on those.
"""

from __future__ import annotations

from tests.support.mangadex.corpus import Chapter, Corpus, Series, uid
from tests.support.mangadex.faults import Fault
from tests.support.mangadex.rules import Rules, unlimited
from tests.support.mangadex.server import Emulator, emulated, emulator_thread
from tests.support.mangadex.shapes import from_files, full, medium, pages, regular, tiny

__all__ = [
    "Chapter",
    "Corpus",
    "Emulator",
    "Fault",
    "Rules",
    "Series",
    "emulated",
    "emulator_thread",
    "from_files",
    "full",
    "medium",
    "pages",
    "regular",
    "tiny",
    "uid",
    "unlimited",
]
