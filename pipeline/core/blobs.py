"""Blobs: original bytes, stored once under their sha256."""

from __future__ import annotations

from dataclasses import dataclass

from pipeline.core.atomic import write_bytes
from pipeline.core.errors import BadItem
from pipeline.core.hashing import sha256_of_bytes, sha256_of_file
from pipeline.core.workspace import Workspace


@dataclass(frozen=True)
class Blobs:
    """The blob store of a workspace. Cheap to make and safe to send to a worker process."""

    workspace: Workspace

    def put(self, content: bytes) -> str:
        """Stores the bytes unless they are there, whole, and gives their sha256."""
        sha256 = sha256_of_bytes(content)
        path = self.workspace.blob_path(sha256)
        if not (path.exists() and sha256_of_file(path) == sha256):
            write_bytes(path, content)
        return sha256

    def put_aside(self, content: bytes) -> str:
        """Keeps the bytes where no stage looks for them, for a person, and gives their sha256."""
        sha256 = sha256_of_bytes(content)
        write_bytes(self.workspace.quarantine_path(sha256), content)
        return sha256

    def get(self, sha256: str) -> bytes:
        """The bytes. Raises BadItem if they are gone or are not what they were."""
        try:
            content = self.workspace.blob_path(sha256).read_bytes()
        except FileNotFoundError:
            raise BadItem(
                f"blob {sha256[:12]} is gone: mangazero run --redo fetch brings it back"
            ) from None
        if sha256_of_bytes(content) != sha256:
            raise BadItem(
                f"blob {sha256[:12]} is damaged: mangazero run --redo fetch brings it back"
            )
        return content
