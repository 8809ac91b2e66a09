"""The request limits: how requests are spaced and held."""

from __future__ import annotations

import asyncio
import random
from collections.abc import Awaitable, Callable

from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline.ports.mangadex.limits import AT_HOME_LANE, Lane, Lanes, MemorySlots, Pace
from schemas.profile import MangaDexParams
from tests.support.virtual_time import loop_wall, run_virtual

PARAMS = MangaDexParams()
Departures = list[tuple[float, bool]]


def most_in_any(window_s: float, times: list[float]) -> int:
    ordered = sorted(times)
    # A microsecond is what epoch seconds lose in a float.
    return max(
        (sum(start <= at < start + window_s - 1e-6 for at in ordered) for start in ordered),
        default=0,
    )


async def send(
    lanes: Lanes, sent: Departures, is_lease: bool, after_s: float, give_up_s: float | None
) -> None:
    await asyncio.sleep(after_s)
    try:
        async with asyncio.timeout(give_up_s):
            await lanes.go(is_lease=is_lease)
    except TimeoutError:
        return
    sent.append((asyncio.get_running_loop().time(), is_lease))


caller = st.tuples(
    st.booleans() | st.just(True),
    st.floats(0, 90),
    st.one_of(st.none(), st.none(), st.floats(0.1, 30)),
)


@settings(max_examples=15, deadline=None)
@given(
    callers=st.lists(caller, min_size=50, max_size=90),
    processes=st.integers(1, 3),
    latest_s=st.sampled_from([0.0, 0.1, 0.6]),
    seed=st.integers(),
)
def test_never_more_than_40_leases_a_minute_and_5_requests_a_second(
    callers: list[tuple[bool, float, float | None]], processes: int, latest_s: float, seed: int
) -> None:
    """Whatever the interleaving, whoever gives up, and however late a busy machine wakes us."""
    rng = random.Random(seed)

    async def pause(seconds: float) -> None:
        await asyncio.sleep(seconds + rng.uniform(0, latest_s))

    async def run() -> Departures:
        wall = loop_wall()
        slots = MemorySlots(wall)
        lanes = [Lanes(PARAMS, slots, wall, pause) for _ in range(processes)]
        sent: Departures = []
        await asyncio.gather(*(send(rng.choice(lanes), sent, *each) for each in callers))
        return sent

    sent = run_virtual(run())
    assert len(sent) >= sum(give_up is None for _, _, give_up in callers)
    assert most_in_any(60, [at for at, is_lease in sent if is_lease]) <= 40
    assert most_in_any(1, [at for at, _ in sent]) <= 5


def leases_in(seconds: float, pause: Callable[[float], Awaitable[None]]) -> int:
    async def run() -> int:
        wall = loop_wall()
        lanes = Lanes(PARAMS, MemorySlots(wall), wall, pause)
        began = asyncio.get_running_loop().time()
        n = 0
        while asyncio.get_running_loop().time() < began + seconds:
            await lanes.go(is_lease=True)
            n += 1
        return n

    return run_virtual(run())


def test_a_machine_that_wakes_late_keeps_the_pace() -> None:
    async def late(seconds: float) -> None:
        await asyncio.sleep(seconds + 0.03)

    on_time = leases_in(300, asyncio.sleep)
    assert on_time == 1 + int(300 / PARAMS.at_home_interval_s) + 1
    assert leases_in(300, late) >= on_time - 1


def test_a_request_that_leaves_far_too_late_puts_off_what_follows() -> None:
    lateness = [1.0, 0.0, 0.3]

    async def late(seconds: float) -> None:
        await asyncio.sleep(max(seconds, 0) + (lateness.pop(0) if lateness else 0.0))

    async def run() -> list[float]:
        lane = Lane(Pace("at-home", 1.52, 40, 60), MemorySlots(loop_wall()), loop_wall(), late)
        began = asyncio.get_running_loop().time()
        times = []
        for _ in range(4):
            await lane.go()
            times.append(round(asyncio.get_running_loop().time() - began, 3))
        return times

    # The slack is 0.4 s: 1.0 late moves the rest by 0.6, 0.3 late moves nothing.
    assert run_virtual(run()) == [1.0, 2.12, 3.94, 5.16]


def test_two_processes_keep_the_limit_where_one_has_a_long_queue() -> None:
    async def run() -> Departures:
        wall = loop_wall()
        slots = MemorySlots(wall)
        busy, idle = (Lanes(PARAMS, slots, wall, asyncio.sleep) for _ in range(2))
        sent: Departures = []
        others = [send(busy, sent, False, 0.0, None) for _ in range(12)]
        leases = [send(lanes, sent, True, 0.0, None) for lanes in [busy, idle] * 30]
        await asyncio.gather(*others, *leases)
        return sent

    sent = run_virtual(run())
    assert len(sent) == 72
    assert most_in_any(60, [at for at, is_lease in sent if is_lease]) <= 40
    assert most_in_any(1, [at for at, _ in sent]) <= 5


def test_a_lease_does_not_queue_behind_other_requests() -> None:
    async def run() -> float:
        wall = loop_wall()
        lanes = Lanes(PARAMS, MemorySlots(wall), wall, asyncio.sleep)
        began = asyncio.get_running_loop().time()
        sent: Departures = []
        others = [send(lanes, sent, False, 0.0, None) for _ in range(30)]
        await asyncio.gather(*others, send(lanes, sent, True, 1.1, None))
        return next(at for at, is_lease in sent if is_lease) - began

    assert run_virtual(run()) <= 1.1 + 2 * PARAMS.api_interval_s


def test_a_hold_stops_also_those_who_wait_already() -> None:
    async def run() -> list[float]:
        wall = loop_wall()
        slots = MemorySlots(wall)
        lanes = Lanes(PARAMS, slots, wall, asyncio.sleep)
        began = asyncio.get_running_loop().time()
        sent: Departures = []
        waiting = [asyncio.create_task(send(lanes, sent, True, 0.0, None)) for _ in range(4)]
        await asyncio.sleep(2)
        slots.hold(AT_HOME_LANE, wall() + 100)
        slots.hold(AT_HOME_LANE, wall() + 5)
        await asyncio.gather(*waiting)
        return [round(at - began, 3) for at, _ in sent]

    assert run_virtual(run()) == [0.0, 1.52, 102.0, 103.52]


def test_what_pauses_a_lane_may_send_everybody_home() -> None:
    class SentHome(Exception):
        pass

    async def pause(seconds: float) -> None:
        raise SentHome

    async def run() -> None:
        lanes = Lanes(PARAMS, MemorySlots(loop_wall()), loop_wall(), pause)
        found = await asyncio.gather(
            *(lanes.go(is_lease=n % 2 == 0) for n in range(6)), return_exceptions=True
        )
        assert [type(each) for each in found] == [SentHome] * 6

    run_virtual(run())
