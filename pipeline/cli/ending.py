"""How a run ends: the last line says in one word how it went, also where it stopped early."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import NoReturn

from pipeline.build import Built
from pipeline.cli.main import report
from pipeline.core.errors import Interrupted, MangaZeroError, StopRun
from pipeline.shortfall import Status, conclusion
from pipeline.wiring import Plan


def status_line(word: Status) -> str:
    """The last line of a run."""
    return f"status: {word.value}"


def end_at_once(*, as_json: bool) -> NoReturn:
    """Ends the process here and now, from within a signal handler. Whatever is finished is in the
    journals, which need no goodbye; bars may have hidden the cursor of a terminal."""
    document = json.dumps({"status": "stopped", "reason": "stopped by hand", "exit_code": 130})
    last = document if as_json else status_line(Status.STOPPED)
    for stream in (1, 2):
        if os.isatty(stream):
            os.write(stream, b"\x1b[?25h\n")
            break
    os.write(2, b"mangazero: stopped at once: run the same command again to go on\n")
    os.write(1, f"{last}\n".encode())
    os._exit(Interrupted.exit_code)


@contextmanager
def told_if_stopped(*, as_json: bool) -> Iterator[None]:
    """Says why the block ended early, then the last line; ends the process with its code."""
    try:
        yield
    except StopRun as error:
        report(error)
        if as_json:
            document = {"status": "stopped", "reason": str(error), "exit_code": error.exit_code}
            sys.stdout.write(json.dumps(document, indent=1, ensure_ascii=False) + "\n")
        else:
            sys.stdout.write(status_line(Status.STOPPED) + "\n")
        sys.exit(error.exit_code)


def conclude(plan: Plan, built: Built, slugs: Sequence[str] = (), *, as_json: bool) -> None:
    """Says what was wrong, then the last line; ends the process unless all is well."""
    word, verdict = conclusion(plan, built, slugs)
    for problem in built.problems:
        if problem is not verdict:
            report(problem)
    end(word, verdict, as_json=as_json)


def end(word: Status, verdict: MangaZeroError | None, *, as_json: bool) -> None:
    """The verdict in a line of its own, the last line, and the exit code of the verdict."""
    if verdict is not None:
        report(verdict)
    if not as_json:
        sys.stderr.flush()
        sys.stdout.write(status_line(word) + "\n")
        sys.stdout.flush()
    if verdict is not None:
        sys.exit(verdict.exit_code)
