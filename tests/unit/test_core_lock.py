"""One run a workspace; the second one hears who is at work."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
from pathlib import Path

import pytest

from pipeline.core.errors import NotWritable, WorkspaceBusy
from pipeline.core.lock import workspace_lock
from pipeline.core.workspace import Workspace

HOLDS = """
import sys
from pathlib import Path
from pipeline.core.lock import workspace_lock
from pipeline.core.workspace import Workspace
with workspace_lock(Workspace(Path(sys.argv[1]))):
    print("held", flush=True)
    sys.stdin.read()
"""


def holder(root: Path) -> subprocess.Popen[str]:
    process = subprocess.Popen(
        [sys.executable, "-c", HOLDS, str(root)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert process.stdout is not None
    assert process.stdout.readline() == "held\n"
    return process


def test_another_process_is_named_and_its_kill_frees_the_workspace(tmp_path: Path) -> None:
    workspace = Workspace(tmp_path / "work")
    with holder(workspace.root) as process:
        named = f"is held by process {process.pid} on {socket.gethostname()} since 20"
        with pytest.raises(WorkspaceBusy, match=named) as caught, workspace_lock(workspace):
            pytest.fail("two runs at once")
        assert caught.value.exit_code == 6
        assert "\n" not in str(caught.value)
        process.kill()
        process.wait()
    with workspace_lock(workspace):
        pass


def test_the_same_process_cannot_hold_it_twice(tmp_path: Path) -> None:
    workspace = Workspace(tmp_path)
    with (
        workspace_lock(workspace),
        pytest.raises(WorkspaceBusy, match=f"process {os.getpid()} "),
        workspace_lock(workspace),
    ):
        pytest.fail("two runs at once")
    with workspace_lock(workspace):
        pass


@pytest.mark.parametrize("content", [b"", b"\xff", b"{}", b"[]", b"7"])
def test_an_unreadable_note_still_says_that_it_is_held(tmp_path: Path, content: bytes) -> None:
    workspace = Workspace(tmp_path)
    with workspace_lock(workspace):
        workspace.lock_path.write_bytes(content)
        with pytest.raises(WorkspaceBusy, match="another process"), workspace_lock(workspace):
            pytest.fail("two runs at once")


def test_a_file_where_the_workspace_should_be(tmp_path: Path) -> None:
    (tmp_path / "work").write_text("a file")
    with pytest.raises(NotWritable), workspace_lock(Workspace(tmp_path / "work")):
        pytest.fail("it is no folder")
