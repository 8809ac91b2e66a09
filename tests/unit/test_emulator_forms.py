"""The emulator's three forms, its operator's door, and that nothing is left to chance."""

from __future__ import annotations

import asyncio
import json
import signal
import subprocess
import sys
import urllib.request
from pathlib import Path
from typing import Any

import pytest

from tests.support.mangadex import Fault, Rules, emulated, emulator_thread, tiny, unlimited
from tests.support.mangadex.pictures import Drawn, Look
from tests.support.mangadex.shapes import from_folder
from tests.support.mangadex.visitor import visitor
from tests.support.virtual_time import ScaledLoop, run_virtual

ROOT = Path(__file__).resolve().parents[2]


def fetched(url: str, body: object = None) -> Any:
    told = None if body is None else json.dumps(body).encode()
    request = urllib.request.Request(url, told, {"Content-Type": "application/json"})
    with urllib.request.urlopen(request, timeout=10) as answer:
        return json.load(answer)


async def wander(rules: Rules) -> list[tuple[float, str, str, int]]:
    """A visit with everything that might depend on chance or on the real clock."""
    faults = [Fault("http_503", times=None, probability=0.3), Fault("slow_answer", nth=4)]
    async with emulated(tiny(), rules=rules, faults=faults) as emulator:
        async with visitor(emulator) as guest:
            for chapter in tiny().chapters:
                lease = await guest.lease(chapter.id)
                await asyncio.gather(*(guest.get(lease.url(n)) for n in (1, 2, 3)))
                await asyncio.sleep(1.52)
        return list(emulator.stats.trace)


def test_the_same_seed_and_visit_give_the_same_trace_in_virtual_time() -> None:
    rules = Rules(seed=3, image_latency_s=0.2)
    traces = [run_virtual(wander(rules)) for _ in range(3)]
    ordered = [sorted(trace) for trace in traces]
    assert ordered[0] == ordered[1] == ordered[2]
    assert len(traces[0]) == 24
    assert {status for *_, status in traces[0]} == {200, 503}
    assert sorted(run_virtual(wander(Rules(seed=4, image_latency_s=0.2)))) != ordered[0]


def test_reset_puts_everything_back() -> None:
    async def visit() -> None:
        corpus = tiny()
        async with emulated(corpus, faults=[Fault("api_503", times=None)]) as emulator:
            async with visitor(emulator) as guest:
                assert (await guest.get("/ping")).status == 503
                emulator.world.remove(corpus.chapters[0].id)
                emulator.ban(60)
                emulator.reset()
                lease = await guest.lease(corpus.chapters[0].id)
                assert (await guest.get(lease.url(1))).status == 200
            assert emulator.stats.snapshot()["requests"] == {"at-home": 1, "image": 1}
            assert emulator.stats.faults == {}

    run_virtual(visit())


def test_a_thread_serves_synchronous_callers_and_ends() -> None:
    with emulator_thread(tiny(), rules=unlimited()) as emulator:
        assert fetched(emulator.api_url + "/manga")["total"] == 2
        assert fetched(emulator.admin_url + "/_emu/stats")["requests"] == {"search": 1}
        url = emulator.api_url
    with pytest.raises(OSError, match="refused"):
        fetched(url + "/manga")


def test_a_threads_clock_may_run_faster() -> None:
    with emulator_thread(
        tiny(), rules=Rules(api_latency_s=30), new_loop=lambda: ScaledLoop(300)
    ) as emulator:
        fetched(emulator.api_url + "/manga")
        assert fetched(emulator.admin_url + "/_emu/state")["time_s"] >= 30


def test_the_operators_door_adds_faults_bans_and_removes() -> None:
    with emulator_thread(tiny()) as emulator:
        door = emulator.admin_url + "/_emu/"
        assert fetched(door + "faults", [{"kind": "api_500", "nth": 1}])[0]["fired"] == 0
        with pytest.raises(OSError, match="500"):
            fetched(emulator.api_url + "/manga")
        assert fetched(door + "faults")[0]["fired"] == 1
        fetched(door + "remove", {"id": tiny().series[0].id})
        assert fetched(door + "state")["series"] == 1
        fetched(door + "ban", {"seconds": 50})
        with pytest.raises(OSError, match="403"):
            fetched(emulator.api_url + "/manga")
        fetched(door + "reset", {})
        assert fetched(emulator.api_url + "/manga")["total"] == 2
        assert fetched(door + "trace")[-1][1:] == ["api", "/manga", 200]
        with pytest.raises(OSError, match="400"):
            fetched(door + "faults", [{"kind": "gremlin"}])


def test_the_process_says_where_it_is_and_ends_when_told(tmp_path: Path) -> None:
    (tmp_path / "faults.json").write_text('[{"kind": "api_503", "route": "search"}]')
    page = tmp_path / "pages" / "Mine" / "1" / "01.png"
    page.parent.mkdir(parents=True)
    page.write_bytes(Drawn(Look(), "mine").content())
    command = ["-m", "tests.support.mangadex", "--faults", str(tmp_path / "faults.json")]
    with subprocess.Popen(
        [sys.executable, *command, "--pages", str(tmp_path / "pages"), "--scale", "10"],
        stdout=subprocess.PIPE,
        cwd=ROOT,
        text=True,
    ) as process:
        assert process.stdout is not None
        urls = json.loads(process.stdout.readline())
        assert set(urls) == {"api_url", "report_url", "admin_url"}
        with pytest.raises(OSError, match="503"):
            fetched(urls["api_url"] + "/manga?title=mine")
        found = fetched(urls["api_url"] + "/manga?title=mine")
        process.send_signal(signal.SIGTERM)
        assert process.wait(timeout=10) == 0
    assert found["data"][0]["id"] == from_folder(tmp_path / "pages").series[0].id
