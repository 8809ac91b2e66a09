"""Answers that no web framework would send: cut off, dripping, reset. Straight on the wire."""

from __future__ import annotations

import asyncio
import socket
import struct
from collections.abc import Mapping
from typing import Final

from aiohttp import web
from aiohttp.abc import AbstractStreamWriter

FOREVER_S: Final = 100_000.0


class AlreadySent(web.StreamResponse):
    """Tells aiohttp that the answer is out and the connection is to be closed."""

    async def prepare(self, request: web.BaseRequest) -> AbstractStreamWriter | None:
        return None

    async def write_eof(self, data: bytes = b"") -> None:
        return None

    @property
    def keep_alive(self) -> bool | None:
        return False


class Line:
    """The connection of one request, byte for byte."""

    def __init__(self, request: web.BaseRequest) -> None:
        transport = request.transport
        if not isinstance(transport, asyncio.Transport):
            raise ConnectionResetError("the client has gone")
        self._transport = transport

    def head(self, headers: Mapping[str, str], length: int | None, status: str = "200 OK") -> None:
        """Sends the head of an answer; without a length it ends with the connection."""
        lines = [f"HTTP/1.1 {status}", *(f"{name}: {value}" for name, value in headers.items())]
        if length is not None:
            lines.append(f"Content-Length: {length}")
        lines.append("Connection: close")
        self._transport.write(("\r\n".join(lines) + "\r\n\r\n").encode())

    def send(self, content: bytes) -> None:
        self._transport.write(content)

    @property
    def is_open(self) -> bool:
        return not self._transport.is_closing()

    async def drip(self, content: bytes, bytes_per_s: float) -> None:
        """Sends the content in ten pieces a second."""
        piece = max(1, int(bytes_per_s / 10))
        for start in range(0, len(content), piece):
            if not self.is_open:
                return
            self.send(content[start : start + piece])
            await asyncio.sleep(piece / bytes_per_s)

    async def reset(self) -> None:
        """Ends with RST instead of FIN. What was sent gets a moment to leave first."""
        await asyncio.sleep(0.01)
        line = self._transport.get_extra_info("socket")
        if line is not None:
            line.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self._transport.abort()
