"""Resolve and fetch alone, over all series side by side, through one client."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from contextlib import contextmanager
from itertools import islice
from typing import Final

from pipeline.build import OF_ONE_SERIES, Built, refuse_if_nothing_left, run_named
from pipeline.core.engine import LocalEngine
from pipeline.core.errors import Interrupted, MangaZeroError, StopRun
from pipeline.core.progress import Progress
from pipeline.core.runner import StageRun
from pipeline.wiring import Plan

_STAGES: Final = ("resolve", "fetch")
_SERIES_AT_ONCE: Final = 8
"""While one series waits for its last pages, others already hold leases: so the lease limit,
the only one that binds, is never idle."""
_LOOK_EVERY_S: Final = 0.25


def download(
    plan: Plan,
    engine: LocalEngine,
    progress: Progress,
    slugs: Sequence[str] = (),
    tick: Callable[[], None] = lambda: None,
) -> Built:
    """Plans what is not planned and fetches what is missing; calls `tick` a few times a second.

    What is wrong with one series leaves the others alone. Raises the first StopRun that is about
    all of them, after the pages on their way have arrived; whatever is verified stays.
    """
    runs: list[StageRun] = []
    problems: list[StopRun] = []
    grave: list[MangaZeroError] = []

    def one_series(slug: str) -> None:
        try:
            for name in _STAGES:
                run = run_named(plan, slug, name, engine, progress)
                runs.append(run)
                refuse_if_nothing_left(run.receipt)
        except OF_ONE_SERIES as problem:
            problems.append(problem)
        except MangaZeroError as error:
            grave.append(error)
            engine.stop.set()

    waiting = iter(slugs or plan.slugs)
    with _pool(plan, engine) as pool:
        flying = {pool.submit(one_series, slug) for slug in islice(waiting, _SERIES_AT_ONCE)}
        while flying:
            done, flying = wait(flying, timeout=_LOOK_EVERY_S, return_when=FIRST_COMPLETED)
            _raise_bugs(done)
            tick()
            if engine.stop.is_set():
                plan.mangadex.stop()
            else:
                flying |= {pool.submit(one_series, slug) for slug in islice(waiting, len(done))}
    for error in sorted(grave, key=lambda each: isinstance(each, Interrupted)):
        raise error
    if engine.stop.is_set():
        raise Interrupted("stopped: run the same command again to go on where it stopped")
    return Built(tuple(runs), tuple(problems))


@contextmanager
def _pool(plan: Plan, engine: LocalEngine) -> Iterator[ThreadPoolExecutor]:
    """Threads that are told to stop before they are waited for."""
    pool = ThreadPoolExecutor(_SERIES_AT_ONCE, thread_name_prefix="series")
    try:
        yield pool
    except BaseException:
        engine.stop.set()
        plan.mangadex.stop()
        raise
    finally:
        pool.shutdown(wait=True)


def _raise_bugs(done: set[Future[None]]) -> None:
    for each in done:
        each.result()
