"""Engines map batches over workers: the one thing that changes with scale."""

from __future__ import annotations

import math
import multiprocessing
import os
import signal
import threading
import time
from collections.abc import Generator, Iterable, Iterator, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ProcessPoolExecutor, wait
from concurrent.futures.process import BrokenProcessPool
from contextlib import closing, contextmanager
from itertools import islice
from multiprocessing import resource_tracker
from types import TracebackType
from typing import Any, Protocol, Self

from pipeline.core.errors import BadItem, BrokenInvariant, Interrupted, Retryable, WorkerDied
from pipeline.core.outcome import Failed, Item, Outcome
from pipeline.core.stage import Act, Stream

Batch = Sequence[Item[Any]]


class Engine(Protocol):
    """Answers batches in any order. Used from several threads at once."""

    def map(
        self, act: Act, batches: Iterable[Batch], *, in_processes: bool
    ) -> Iterator[list[Outcome]]: ...

    def stream(self, stream: Stream, items: Batch) -> Iterator[Outcome]: ...


def answer(act: Act, batch: Batch) -> list[Outcome]:
    """One outcome an item, whatever `act` raises for a single item.

    Raises StopRun errors as they are, and BrokenInvariant for anything unforeseen.
    """
    try:
        outcomes = list(act(batch))
    except (BadItem, Retryable) as error:
        if len(batch) > 1:
            return [each for item in batch for each in answer(act, [item])]
        return [Failed(batch[0].key, type(error).__name__, str(error))]
    if sorted(each.key for each in outcomes) != sorted(item.key for item in batch):
        raise BrokenInvariant(f"a stage lost or invented items: asked {[i.key for i in batch]}")
    return outcomes


class LocalEngine:
    """This machine: in-process, or a pool of worker processes that keep their models loaded.

    With no workers everything is in-process: then only stages whose work needs no process of its
    own may run side by side.
    `stop` ends every map after the batches in work; their answers are kept.
    """

    def __init__(self, workers: int = 2, grace_s: float = 12.0) -> None:
        """`grace_s`: how long a stream may go on after `stop`."""
        self.workers = workers
        self.grace_s = grace_s
        self.stop = threading.Event()
        self._pool: ProcessPoolExecutor | None = None
        self._guard = threading.Lock()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if self._pool is not None:
            self._pool.shutdown(wait=True, cancel_futures=True)

    def map(
        self, act: Act, batches: Iterable[Batch], *, in_processes: bool
    ) -> Iterator[list[Outcome]]:
        """Outcomes a batch. Raises Interrupted after `stop`, WorkerDied if a process is lost."""
        if in_processes and self.workers:
            return self._over_processes(act, batches)
        return self._inline(act, batches)

    def stream(self, stream: Stream, items: Batch) -> Iterator[Outcome]:
        """Outcomes as they come, in this thread. Raises Interrupted after `stop`, but takes for
        some seconds what still comes: whoever answers has been told to begin nothing new."""
        self._check()
        last = math.inf
        with closing(_as_generator(stream(items))) as answers:
            for outcome in answers:
                if outcome is not None:
                    yield outcome
                if self.stop.is_set():
                    last = min(last, time.monotonic() + self.grace_s)
                if time.monotonic() >= last:
                    self._check()

    def _inline(self, act: Act, batches: Iterable[Batch]) -> Iterator[list[Outcome]]:
        for batch in batches:
            self._check()
            yield answer(act, batch)

    def _over_processes(self, act: Act, batches: Iterable[Batch]) -> Iterator[list[Outcome]]:
        waiting = iter(batches)
        flying: set[Future[list[Outcome]]] = set()
        try:
            while True:
                if self.stop.is_set():
                    # What a worker has begun is waited for and kept; the rest is left undone.
                    flying = {each for each in flying if not each.cancel()}
                    waiting = iter(())
                    if not flying:
                        self._check()
                room = 2 * self.workers - len(flying)
                with _children_ignore_ctrl_c():
                    flying |= {
                        self._open_pool().submit(answer, act, batch)
                        for batch in islice(waiting, room)
                    }
                if not flying:
                    return
                done, flying = wait(flying, timeout=0.5, return_when=FIRST_COMPLETED)
                for each in done:
                    yield each.result()
        except BrokenProcessPool as error:
            self._check()  # a Ctrl-C also reaches workers that are still starting
            raise WorkerDied(
                "a worker process was killed, for want of memory most of the time: "
                "run again with WORKERS=1; what is finished stays finished"
            ) from error
        finally:
            for each in flying:
                each.cancel()

    def _open_pool(self) -> ProcessPoolExecutor:
        with self._guard:
            if self._pool is None:
                self._pool = ProcessPoolExecutor(
                    self.workers,
                    mp_context=multiprocessing.get_context("spawn"),
                    initializer=_become_worker,
                )
            return self._pool

    def _check(self) -> None:
        if self.stop.is_set():
            raise Interrupted("stopped: run the same command again to go on where it stopped")


def _as_generator(answers: Iterator[Outcome | None]) -> Generator[Outcome | None]:
    """What can be closed: the end of the block is the end of the work."""
    yield from answers


@contextmanager
def _children_ignore_ctrl_c() -> Iterator[None]:
    """Processes that are started in the block never see a Ctrl-C, not even while they import.

    They inherit the mask of the thread that starts them; the thread has its own back afterwards.
    """
    resource_tracker.ensure_running()  # its first start would take the mask back
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


def _become_worker() -> None:
    """Leaves Ctrl-C to the parent, keeps to one thread a process, and dies with the parent."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    os.environ.update(OMP_NUM_THREADS="1", OPENBLAS_NUM_THREADS="1", MKL_NUM_THREADS="1")
    threading.Thread(target=_die_with_parent, daemon=True).start()


def _die_with_parent() -> None:
    """Linux's parent-death signal would not do: it comes when the thread that started the
    worker ends, and stages of several series come from threads that end one by one."""
    parent = multiprocessing.parent_process()
    if parent is not None:
        parent.join()
        os._exit(1)
