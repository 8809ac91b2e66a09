"""The journal: what a kill leaves behind is read back, and only whole answers count."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from pipeline.core.journal import Entry, Journal, entry_of
from pipeline.core.outcome import Dropped, Failed, Item, Kept, Outcome
from schemas.pages import Defect, Page

PAGE = Page(
    id="ink/c0001/p001",
    series="ink",
    chapter="c0001",
    number=1,
    order=0,
    sha256="a" * 64,
    n_bytes=5,
    media_type="image/png",
    width=3,
    height=4,
    defect=Defect.NONE,
    locator="第1話 “x”\u2028/001.png",
    is_verified=False,
)


def write(path: Path, *outcomes: Outcome, digest: str = "d") -> None:
    with Journal(path) as journal:
        for outcome in outcomes:
            journal.append(entry_of(outcome, digest))


def found(path: Path, *keys: str, digest: str = "d") -> list[Entry | None]:
    with Journal(path) as journal:
        return [journal.find(key, digest) for key in keys]


def test_every_outcome_comes_back_as_it_was(tmp_path: Path) -> None:
    outcomes = [
        Kept("a", {"pages": [PAGE]}, {"shards/x.tar": "b" * 64}),
        Dropped("b", "tiny", "3 x 4"),
        Failed("c", "BadItem", "gone"),
    ]
    path = tmp_path / "deep" / "j.jsonl"
    write(path, *outcomes)
    entries = found(path, "a", "b", "c")
    assert entries == [entry_of(outcome, "d") for outcome in outcomes]
    assert [entry.is_final for entry in entries if entry] == [True, True, False]
    assert Page.model_validate(entries[0].rows["pages"][0]) == PAGE  # type: ignore[union-attr]


def test_an_answer_counts_for_its_own_payload_only(tmp_path: Path) -> None:
    item, changed = Item("a", {"order": 1}), Item("a", {"order": 2})
    assert item.digest != changed.digest
    assert item.digest == Item("b", {"order": 1}).digest
    path = tmp_path / "j.jsonl"
    write(path, Dropped("a", "tiny"), digest=item.digest)
    assert found(path, "a", digest=item.digest) != [None]
    assert found(path, "a", digest=changed.digest) == [None]


def test_the_last_line_of_a_key_counts(tmp_path: Path) -> None:
    path = tmp_path / "j.jsonl"
    write(path, Failed("a", "Retryable"), Dropped("a", "tiny"))
    write(path, Dropped("a", "strip"))
    (entry,) = found(path, "a")
    assert entry is not None
    assert entry.reason == "strip"


@pytest.mark.parametrize("cut", [1, 5, 20])
def test_a_torn_last_line_is_dropped_and_its_item_open_again(tmp_path: Path, cut: int) -> None:
    path = tmp_path / "j.jsonl"
    write(path, Dropped("a", "tiny"), Dropped("b", "tiny"))
    whole = path.read_bytes()
    path.write_bytes(whole[:-cut])
    assert [entry is not None for entry in found(path, "a", "b")] == [True, False]
    write(path, Dropped("b", "tiny"))
    assert path.read_bytes() == whole


@pytest.mark.parametrize(
    "line", [b"\x00" * 40, b"\xff\xfe", b"[1, 2]", b"{}", b"null", b"7", b'["a","d"', b""]
)
def test_a_damaged_line_inside_costs_its_item_alone(tmp_path: Path, line: bytes) -> None:
    path = tmp_path / "j.jsonl"
    write(path, Dropped("a", "tiny"), Dropped("b", "tiny"), Dropped("c", "tiny"))
    first, _, last = path.read_bytes().splitlines()
    path.write_bytes(b"\n".join([first, line, last, b""]))
    assert [entry is not None for entry in found(path, "a", "b", "c")] == [True, False, True]


FILLS_THE_DISK = """
import resource, sys
from pathlib import Path
from pipeline.core.errors import DiskFull
from pipeline.core.journal import Journal, entry_of
from pipeline.core.outcome import Dropped
resource.setrlimit(resource.RLIMIT_FSIZE, (10_000, 10_000))
try:
    with Journal(Path(sys.argv[1])) as journal:
        for number in range(1000):
            journal.append(entry_of(Dropped(f"k{number:03d}", "tiny"), "d"))
except DiskFull as error:
    sys.exit(error.exit_code)
"""


def test_a_full_disk_is_explained_and_loses_no_whole_line(tmp_path: Path) -> None:
    """A limit on file size stands for the full disk: the kernel refuses in the same place."""
    path = tmp_path / "j.jsonl"
    done = subprocess.run([sys.executable, "-c", FILLS_THE_DISK, str(path)], check=False)
    assert done.returncode == 7
    assert path.stat().st_size == 10_000
    lines = path.read_bytes().count(b"\n")
    keys = [f"k{number:03d}" for number in range(lines + 1)]
    assert [entry is not None for entry in found(path, *keys)] == [True] * lines + [False]
