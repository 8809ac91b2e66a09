"""The face worker: a program of its own, run by path under the interpreter of the face environment.

It needs the standard library, animeface and Pillow older than 12 only: animeface reads Pillow's
C struct, and under Pillow 12 it finds nothing and says nothing. So it cannot share an interpreter
with the rest. Conversation (all lines are UTF-8 JSON ended by a newline):

    worker  {"ready": true, "animeface": "2.0.3", "pillow": "11.3.0"}     once, at the start
    parent  {"width": 600, "height": 837, "mode": "RGB"}  then width x height x bands raw bytes
    worker  {"faces": [[x1, y1, x2, y2, likelihood], ...]}  or  {"error": "what went wrong"}

It ends when its standard input ends, or (Linux) when its parent dies.
"""

from __future__ import annotations

import ctypes
import json
import os
import signal
import sys
from typing import Any, BinaryIO

_BANDS = {"L": 1, "RGB": 3}
_PR_SET_PDEATHSIG = 1


def die_with_parent() -> None:
    """Ask Linux for SIGKILL when the parent dies: a long search would not see its input end."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)


def take_over_output() -> BinaryIO:
    """The old standard output as a private stream: prints of libraries go to standard error."""
    answers = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)
    return answers


def say(answers: BinaryIO, message: dict[str, Any]) -> None:
    """One line of JSON to the parent."""
    answers.write(json.dumps(message).encode() + b"\n")
    answers.flush()


def find_faces(header: dict[str, Any], raw: bytes) -> list[list[float]]:
    """Face boxes (xyxy, pixels of the picture) with their likelihood, 0 to 1."""
    import animeface
    from PIL import Image

    picture = Image.frombytes(header["mode"], (header["width"], header["height"]), raw)
    found = []
    for face in animeface.detect(picture):
        pos = face.face.pos
        corners = [pos.x, pos.y, pos.x + pos.width, pos.y + pos.height]
        found.append([*corners, face.likelihood])
    return found


def answer(header: dict[str, Any], raw: bytes) -> dict[str, Any]:
    """What to say about one picture; what Pillow or animeface refuse becomes an error told."""
    try:
        return {"faces": find_faces(header, raw)}
    except (ValueError, TypeError, MemoryError, OSError) as error:
        return {"error": f"{type(error).__name__}: {error}"}


def versions() -> dict[str, Any]:
    """The greeting: ready, with the versions that decide what is found."""
    from importlib.metadata import version

    import animeface  # noqa: F401
    import PIL

    return {"ready": True, "animeface": version("animeface"), "pillow": PIL.__version__}


def main() -> int:
    """Greet, then answer one picture after the other. Returns the exit code."""
    die_with_parent()
    answers = take_over_output()
    try:
        say(answers, versions())
    except ImportError as error:
        say(answers, {"error": f"{type(error).__name__}: {error}"})
        return 1
    while line := sys.stdin.buffer.readline():
        header = json.loads(line)
        n_bytes = header["width"] * header["height"] * _BANDS[header["mode"]]
        raw = sys.stdin.buffer.read(n_bytes)
        if len(raw) < n_bytes:
            break
        say(answers, answer(header, raw))
    return 0


if __name__ == "__main__":
    sys.exit(main())
