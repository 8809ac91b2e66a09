"""The book of request slots that all processes of a machine share."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from itertools import pairwise
from pathlib import Path

import pytest

from pipeline.core.errors import NotWritable
from pipeline.ports.mangadex.slots import (
    MachineSlots,
    MemorySlots,
    SlotBook,
    default_slots,
    limits_folder,
)


@pytest.fixture(params=["memory", "machine"])
def book(request: pytest.FixtureRequest, tmp_path: Path) -> SlotBook:
    if request.param == "memory":
        return MemorySlots(lambda: 1000.0)
    return MachineSlots(tmp_path / "slots.json", lambda: 1000.0)


def test_a_book_spaces_and_holds(book: SlotBook) -> None:
    assert [book.reserve("a", 2.0, 1000.0) for _ in range(3)] == [1000.0, 1002.0, 1004.0]
    assert book.reserve("b", 2.0, 1000.0) == 1000.0
    assert book.held_until("a") == 0.0
    book.hold("a", 1100.0)
    assert (book.held_until("a"), book.reserve("a", 2.0, 1001.0)) == (1100.0, 1100.0)
    book.release("a")
    assert book.held_until("a") == 0.0
    # A hold that is over is remembered, and holds nobody.
    book.hold("b", 990.0)
    assert (book.held_until("b"), book.reserve("b", 0.0, 1010.0)) == (990.0, 1010.0)


def test_a_book_moves_the_last_slot_only(book: SlotBook) -> None:
    first = book.reserve("a", 2.0, 1000.0)
    assert book.move("a", first, to=1007.0)
    second = book.reserve("a", 2.0, 1000.0)
    assert second == 1009.0
    assert not book.move("a", 1007.0, to=1020.0)
    assert book.reserve("a", 2.0, 1000.0) == 1011.0


def test_a_book_does_not_believe_a_clock_that_was_set_back(book: SlotBook) -> None:
    book.hold("a", 1000.0 + 21 * 60)
    assert book.held_until("a") == 0.0
    book.reserve("a", 1.0, 5000.0)
    assert book.reserve("a", 1.0, 1000.0) == 1000.0


@pytest.mark.parametrize(
    "garbage",
    [
        b"",
        b"\x00\xff" * 40,
        b"[1, 2]",
        b'{"last": 5, "held": [1]}',
        b'{"last": {"a": "soon"}, "held": {"a": 1e999, "b": true}}',
        b'{"last": {"a": ' + b"9" * 5000 + b"}}",
        b"[" * 90_000,
        b'{"last": {"a": 1000.0}, "he',
    ],
)
def test_a_book_full_of_garbage_is_an_empty_one(garbage: bytes, tmp_path: Path) -> None:
    path = tmp_path / "slots.json"
    path.write_bytes(garbage)
    slots = MachineSlots(path, lambda: 1000.0)
    assert slots.held_until("a") == 0.0
    assert slots.reserve("a", 1.0, 1000.0) == 1000.0
    assert json.loads(path.read_bytes())["last"] == {"a": 1000.0}


def test_a_book_that_cannot_be_kept_stops_the_run_in_one_line(tmp_path: Path) -> None:
    slots = MachineSlots(tmp_path / "nowhere" / "slots.json")
    with pytest.raises(NotWritable, match=r"cannot keep the request limits in [^\n]*$"):
        slots.reserve("api", 1.0, time.time())


_RESERVE_OFTEN = """
import sys, time
from pathlib import Path
from pipeline.ports.mangadex.slots import MachineSlots
slots = MachineSlots(Path(sys.argv[1]))
while time.time() < float(sys.argv[2]):
    pass
for _ in range(300):
    print(slots.reserve("api", 0.01, time.time()))
"""


def test_two_processes_share_one_book_and_a_killed_one_does_no_harm(tmp_path: Path) -> None:
    path = tmp_path / "slots.json"
    all_at_once = str(time.time() + 0.4)
    command = [sys.executable, "-c", _RESERVE_OFTEN, str(path), all_at_once]
    crowd = [subprocess.Popen(command, stdout=subprocess.PIPE, text=True) for _ in range(3)]
    killed = crowd.pop()
    assert killed.stdout is not None
    killed.stdout.readline()
    killed.kill()
    killed.communicate()
    slots = [float(line) for each in crowd for line in each.communicate()[0].split()]
    assert [each.returncode for each in crowd] == [0, 0]
    assert len(slots) == 600
    assert min(later - sooner for sooner, later in pairwise(sorted(slots))) >= 0.01 - 1e-6


def test_the_book_of_a_machine_is_for_its_user_alone(tmp_path: Path) -> None:
    folder = tmp_path / "limits"
    environ = {"MANGAZERO_LIMITS_DIR": str(folder)}
    names = [
        default_slots(url, environ).path.relative_to(folder).name
        for url in ("https://api.mangadex.org", "http://127.0.0.1:8080/x", "http://[::1]")
    ]
    assert names == [
        "mangadex-api.mangadex.org-443.json",
        "mangadex-127.0.0.1-8080.json",
        "mangadex-__1-80.json",
    ]
    assert folder.stat().st_mode & 0o777 == 0o700
    folder.chmod(0o755)
    with pytest.raises(NotWritable, match="must be yours alone"):
        default_slots("https://api.mangadex.org", environ)
    folder.rmdir()
    folder.symlink_to(tmp_path)
    with pytest.raises(NotWritable, match="must be yours alone"):
        default_slots("https://api.mangadex.org", environ)


def test_a_login_and_a_cron_job_share_one_book(monkeypatch: pytest.MonkeyPatch) -> None:
    login = {"XDG_RUNTIME_DIR": "/run/user/1", "TMPDIR": "/run/user/1/tmp", "HOME": "/home/one"}
    for name, place in login.items():
        monkeypatch.setenv(name, place)
    assert limits_folder(os.environ) == limits_folder({}) == limits_folder(login)
    assert limits_folder({}).name == f"mangazero-{os.getuid()}"
    assert limits_folder({"MANGAZERO_LIMITS_DIR": " "}) == limits_folder({})


def test_a_folder_that_cannot_be_made_is_told_with_the_way_out(tmp_path: Path) -> None:
    environ = {"MANGAZERO_LIMITS_DIR": str(tmp_path / "no" / "where")}
    with pytest.raises(NotWritable, match=r"or set MANGAZERO_LIMITS_DIR to a folder of yours$"):
        default_slots("http://localhost:1", environ)
