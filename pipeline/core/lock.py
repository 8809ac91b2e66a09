"""One run a workspace. The kernel drops the lock with its process, so a kill leaves none behind."""

from __future__ import annotations

import fcntl
import json
import os
import socket
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime

from pipeline.core.errors import NotWritable, WorkspaceBusy, disk_errors_explained
from pipeline.core.workspace import Workspace


@contextmanager
def workspace_lock(workspace: Workspace) -> Iterator[None]:
    """Holds the workspace for the block. Raises WorkspaceBusy, which names the holder."""
    with disk_errors_explained(workspace.root):
        try:
            workspace.root.mkdir(parents=True, exist_ok=True)
        except (FileNotFoundError, FileExistsError, NotADirectoryError):
            raise NotWritable(
                f"{workspace.root} cannot be a folder: choose another with --work or WORK="
            ) from None
        handle = os.open(workspace.lock_path, os.O_RDWR | os.O_CREAT, 0o644)
    try:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise WorkspaceBusy(
                f"workspace {workspace.root} is held by {_holder(handle)}: "
                "wait for it, or give this run another workspace"
            ) from None
        with disk_errors_explained(workspace.root):
            os.ftruncate(handle, 0)
            os.pwrite(handle, json.dumps(_self()).encode(), 0)
            workspace.sweep()
        yield
    finally:
        os.close(handle)


def _self() -> dict[str, object]:
    return {
        "pid": os.getpid(),
        "host": socket.gethostname(),
        "command": " ".join(sys.argv)[:200],
        "since": datetime.now(UTC).isoformat(timespec="seconds"),
    }


def _holder(handle: int) -> str:
    try:
        holder = json.loads(os.pread(handle, 4096, 0))
        return f"process {holder['pid']} on {holder['host']} since {holder['since']}"
    except (ValueError, KeyError, TypeError):
        return "another process"
