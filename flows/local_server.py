"""A Prefect server of our own on loopback, for the length of a block.

Prefect's built-in ephemeral server gives up on a cold machine before its database is made; this
one waits, says what it waits for, and ends with the process that started it.
"""

from __future__ import annotations

import ctypes
import os
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import Final

from pipeline.core.errors import MissingPart

START_TIMEOUT_S: Final = 300.0
_STOP_TIMEOUT_S: Final = 15.0
_TELL_EVERY_S: Final = 10.0

COMMAND: Final = (
    "-m",
    "uvicorn",
    "--factory",
    "prefect.server.api.server:create_app",
    "--host",
    "127.0.0.1",
    "--timeout-keep-alive",
    "5",
    "--log-level",
    "error",
)


@contextmanager
def local_server(
    home: Path,
    tell: Callable[[str], None],
    timeout_s: float = START_TIMEOUT_S,
    command: Sequence[str] = COMMAND,
) -> Iterator[str]:
    """Starts a server, waits until it answers, and gives its API address.

    `command` is what Python is given to run; `--port N` is added to it.
    Raises MissingPart if it ends or does not answer in time, naming its log.
    """
    home.mkdir(parents=True, exist_ok=True)
    log_path = home / "server.log"
    port = _free_port()
    with log_path.open("wb") as log:
        server = subprocess.Popen(
            [sys.executable, *command, "--port", str(port)],
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=subprocess.STDOUT,
            start_new_session=True,
            preexec_fn=partial(_die_with_parent, os.getpid()),
        )
    try:
        url = f"http://127.0.0.1:{port}/api"
        _await_health(server, url, tell, timeout_s, log_path)
        yield url
    finally:
        _end(server)


def _await_health(
    server: subprocess.Popen[bytes],
    url: str,
    tell: Callable[[str], None],
    timeout_s: float,
    log_path: Path,
) -> None:
    started = told = time.monotonic()
    tell("starting a local Prefect server (the first time it makes its database) ...")
    while time.monotonic() - started < timeout_s:
        if server.poll() is not None:
            raise MissingPart(f"the Prefect server ended at once: see {log_path}")
        if _is_healthy(url):
            tell(f"Prefect server ready after {time.monotonic() - started:.0f} s")
            return
        if time.monotonic() - told >= _TELL_EVERY_S:
            told = time.monotonic()
            tell(f"waiting for the Prefect server, {told - started:.0f} s ...")
        time.sleep(0.3)
    raise MissingPart(f"the Prefect server did not answer in {timeout_s:.0f} s: see {log_path}")


def _is_healthy(url: str) -> bool:
    # A proxy named in the environment must not come between us and loopback.
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    try:
        with opener.open(f"{url}/health", timeout=5) as answer:
            return bool(answer.status == 200)
    except (urllib.error.URLError, TimeoutError, ConnectionError):
        return False


def _end(server: subprocess.Popen[bytes]) -> None:
    server.terminate()
    try:
        server.wait(_STOP_TIMEOUT_S)
    except subprocess.TimeoutExpired:
        server.kill()
        server.wait(_STOP_TIMEOUT_S)


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _die_with_parent(parent: int) -> None:
    """A killed run leaves no server behind (Linux)."""
    if sys.platform == "linux":
        set_death_signal = 1
        ctypes.CDLL(None).prctl(set_death_signal, signal.SIGTERM)
        if os.getppid() != parent:
            os._exit(1)
