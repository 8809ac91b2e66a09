"""The server's life around a block, with a small stand-in for Prefect's own."""

from __future__ import annotations

import os
import re
from pathlib import Path

import pytest

from flows.local_server import local_server
from pipeline.core.errors import MissingPart

HEALTHY = """
import http.server, os, sys

class Health(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        self.send_response(200 if self.path == "/api/health" else 404)
        self.end_headers()

print(os.getpid(), flush=True)
http.server.HTTPServer(("127.0.0.1", int(sys.argv[-1])), Health).serve_forever()
"""


def is_alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return True


def test_it_waits_until_the_server_answers_and_ends_it(tmp_path: Path) -> None:
    told: list[str] = []
    with local_server(tmp_path, told.append, command=("-c", HEALTHY)) as url:
        assert re.fullmatch(r"http://127\.0\.0\.1:\d+/api", url)
        pid = int((tmp_path / "server.log").read_text().split()[0])
        assert is_alive(pid)
    assert not is_alive(pid)
    assert told[0].startswith("starting a local Prefect server")
    assert told[-1].startswith("Prefect server ready after")


def test_a_server_that_ends_at_once_is_told_with_its_log(tmp_path: Path) -> None:
    with (
        pytest.raises(MissingPart, match=r"ended at once: see .*server\.log"),
        local_server(tmp_path, lambda _: None, command=("-c", "print('no luck')")),
    ):
        pytest.fail("there is no server")
    assert (tmp_path / "server.log").read_text() == "no luck\n"


def test_a_server_that_never_answers_is_given_up_and_ended(tmp_path: Path) -> None:
    sleeper = "import os, time; print(os.getpid(), flush=True); time.sleep(60)"
    with (
        pytest.raises(MissingPart, match="did not answer in 2 s"),
        local_server(tmp_path, lambda _: None, timeout_s=2, command=("-c", sleeper)),
    ):
        pytest.fail("it does not answer")
    assert not is_alive(int((tmp_path / "server.log").read_text()))
