"""Faces found by animeface, in a worker process with an environment of its own.

See `face_worker` for why it is a process, and for the conversation.
"""

from __future__ import annotations

import json
import os
import selectors
import subprocess
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, Protocol

import cv2
import numpy as np
from PIL import Image

from pipeline.core.errors import BadItem, MissingPart
from pipeline.ports.classical.working_size import working_scale
from pipeline.ports.protocols import Pixels
from schemas.boxes import Box

WORKER_SCRIPT: Final = Path(__file__).with_name("face_worker.py")


class FacesUnavailable(MissingPart):
    """No faces can be looked for at all. `str()` says why and what would help."""


class _LostWorkerError(Exception):
    """The worker died, is late or talks nonsense: it has to be started again."""


@dataclass(frozen=True, slots=True)
class FaceSearch:
    """How to search: pages higher than `page_height` pixels are shrunk to it first, faces that
    animeface is less sure of than `min_likelihood` are left out, no wait is over `timeout_s`.
    """

    page_height: int = 1000
    min_likelihood: float = 0.9
    timeout_s: float = 120.0


class FaceFinder(Protocol):
    """Finds faces on a picture."""

    def find(self, pixels: Pixels) -> list[tuple[Box, float]]:
        """Face boxes in the picture's pixels, each with its likelihood (0 to 1)."""
        ...


class AnimeFaceWorker:
    """Keeps one face worker running; starts it again once if it dies in the middle of a page.

    The constructor starts it and shows it a known face, so that a worker that cannot see
    (Pillow 12) is found out before the first page. Not thread-safe. Use as a context manager
    or call `close`; the worker also ends by itself when this process does.

    A worker asks Linux to be killed when the thread that started it ends: create it in a thread
    that lives as long as it is needed.
    """

    def __init__(
        self,
        python: str | Path,
        known_face: Callable[[], Image.Image],
        search: FaceSearch = FaceSearch(),
        script: Path = WORKER_SCRIPT,
    ) -> None:
        """Raises FacesUnavailable: no interpreter, no animeface, or the known face not seen."""
        self._command = [str(python), "-u", str(script)]
        self._known_face = known_face
        self._search = search
        self._worker: _Conversation | None = None
        self.versions: dict[str, str] = {}
        self._start()

    def find(self, pixels: Pixels) -> list[tuple[Box, float]]:
        """Faces of an RGB picture.

        Raises BadItem where the picture defeats the worker twice, FacesUnavailable where
        the worker cannot be started again.
        """
        height, width = pixels.shape[:2]
        scale = working_scale(height, width, self._search.page_height, at_most=1.0)
        found = self._ask_twice(_shrink(pixels, scale))
        faces = [
            (_unscale(corners, scale).clip(width, height), likelihood)
            for *corners, likelihood in found
            if likelihood >= self._search.min_likelihood
        ]
        return [face for face in faces if face[0].area > 0]

    def close(self) -> None:
        """End the worker. A later `find` starts it again."""
        if self._worker is not None:
            self._worker.close()
            self._worker = None

    def __enter__(self) -> AnimeFaceWorker:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def _start(self) -> _Conversation:
        try:
            worker = self._worker = _Conversation(self._command, self._search.timeout_s)
            greeting = worker.listen()
            known = np.asarray(self._known_face().convert("RGB"), dtype=np.uint8)
            sees_it = "error" not in greeting and bool(worker.ask(known))
        except (_LostWorkerError, BadItem) as error:
            self.close()
            raise FacesUnavailable(f"no faces can be looked for: {error}") from error
        if not sees_it:
            self.close()
            raise FacesUnavailable(f"no faces can be looked for: {_blindness(greeting)}")
        self.versions = {name: str(told) for name, told in greeting.items() if name != "ready"}
        return worker

    def _ask_twice(self, pixels: Pixels) -> list[list[float]]:
        try:
            return (self._worker or self._start()).ask(pixels)
        except _LostWorkerError:
            self.close()
        try:
            return self._start().ask(pixels)
        except _LostWorkerError as error:
            self.close()
            raise BadItem(f"the face worker fails on this picture: {error}") from error


class _Conversation:
    """One running worker and its two pipes; every wait is bounded by `timeout_s`."""

    def __init__(self, command: list[str], timeout_s: float) -> None:
        self._timeout_s = timeout_s
        self._unread = b""
        try:
            # Its own session: a Ctrl-C at the terminal is ours to answer, not the worker's.
            self._popen = subprocess.Popen(
                command,
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.DEVNULL,
                start_new_session=True,
            )
        except OSError as error:
            raise _LostWorkerError(f"cannot start {command[0]}: {error.strerror}") from error
        assert self._popen.stdin is not None
        assert self._popen.stdout is not None
        self._stdin, self._stdout = self._popen.stdin, self._popen.stdout
        os.set_blocking(self._stdin.fileno(), False)

    def ask(self, pixels: Pixels) -> list[list[float]]:
        """Rows of x1, y1, x2, y2, likelihood. Raises BadItem where the worker tells an error."""
        height, width = pixels.shape[:2]
        header = {"width": width, "height": height, "mode": "RGB"}
        self._tell(json.dumps(header).encode() + b"\n" + pixels.tobytes())
        answer = self.listen()
        if "error" in answer:
            raise BadItem(f"the face worker says: {answer['error']}")
        faces: list[list[float]] = answer["faces"]
        return faces

    def listen(self) -> dict[str, Any]:
        """The next line of the worker. Raises _LostWorkerError."""
        deadline = time.monotonic() + self._timeout_s
        while b"\n" not in self._unread:
            self._wait(self._stdout.fileno(), selectors.EVENT_READ, deadline)
            piece = os.read(self._stdout.fileno(), 65536)
            if not piece:
                raise _LostWorkerError(self._obituary())
            self._unread += piece
        line, self._unread = self._unread.split(b"\n", 1)
        try:
            message: dict[str, Any] = json.loads(line)
        except ValueError as error:
            raise _LostWorkerError(f"it said {line[:80]!r}, which is not JSON") from error
        return message

    def _tell(self, message: bytes) -> None:
        deadline = time.monotonic() + self._timeout_s
        rest = memoryview(message)
        while rest:
            self._wait(self._stdin.fileno(), selectors.EVENT_WRITE, deadline)
            try:
                rest = rest[os.write(self._stdin.fileno(), rest) :]
            except BrokenPipeError as error:
                raise _LostWorkerError(self._obituary()) from error

    def close(self) -> None:
        self._popen.kill()
        self._stdin.close()
        self._stdout.close()
        self._popen.wait()

    def _wait(self, fd: int, event: int, deadline: float) -> None:
        with selectors.DefaultSelector() as selector:
            selector.register(fd, event)
            if not selector.select(max(0.0, deadline - time.monotonic())):
                raise _LostWorkerError(f"no answer in {self._timeout_s:g} s")

    def _obituary(self) -> str:
        try:
            code = self._popen.wait(timeout=1.0)
        except subprocess.TimeoutExpired:
            return "the worker closed its pipe"
        return f"the worker ended with exit code {code}"


def _blindness(greeting: dict[str, Any]) -> str:
    if "error" in greeting:
        return f"the worker says {greeting['error']}"
    return (
        f"animeface finds nothing on a known face ({greeting}): its environment needs "
        "pillow<12, under later versions it finds nothing and says nothing"
    )


def _shrink(pixels: Pixels, scale: float) -> Pixels:
    if scale == 1.0:
        return np.ascontiguousarray(pixels)
    small = cv2.resize(pixels, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA)
    return np.ascontiguousarray(small, dtype=np.uint8)


def _unscale(corners: list[float], scale: float) -> Box:
    x1, y1, x2, y2 = (round(corner / scale) for corner in corners)
    return Box(x1, y1, x2, y2)
