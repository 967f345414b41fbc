"""The cheapest HTTP/1.1 client that is still right: one keep-alive connection, one request on it at a time.

Requests are bytes made beforehand and answers are read only as far as asked, so that a load generator beside the system
it loads takes little of the machine. Answers without Content-Length are not understood, and say so.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import cast


class Answer:
    """Status, head and body, as bytes; a header is looked for when it is asked for."""

    __slots__ = ("body", "head", "status")

    def __init__(self, status: int, head: bytes, body: bytes) -> None:
        self.status, self.head, self.body = status, head, body

    def header(self, name: bytes) -> bytes | None:
        """The value of a header; `name` in small letters."""
        at = self.head.lower().find(b"\r\n" + name + b":")
        if at < 0:
            return None
        start = at + len(name) + 3
        end = self.head.find(b"\r\n", start)
        return self.head[start : end if end >= 0 else None].strip()


class Connection(asyncio.Protocol):
    """`answered(connection, answer)` is called for each request sent; `lost(connection, error)` when it is cut."""

    def __init__(
        self,
        answered: Callable[[Connection, Answer], None],
        lost: Callable[[Connection, Exception | None], None],
    ) -> None:
        self._answered, self._lost = answered, lost
        self._buffer = b""
        self._transport: asyncio.WriteTransport | None = None
        self.sent_at = 0.0

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast(asyncio.WriteTransport, transport)  # uvloop's is no subclass

    def connection_lost(self, exc: Exception | None) -> None:
        self._transport = None
        self._lost(self, exc)

    def send(self, request: bytes) -> None:
        assert self._transport is not None
        self._transport.write(request)

    def close(self) -> None:
        if self._transport is not None:
            self._transport.close()

    def data_received(self, data: bytes) -> None:
        if self._buffer:
            data = self._buffer + data
        head_end = data.find(b"\r\n\r\n")
        if head_end < 0:
            self._buffer = data
            return
        head = data[:head_end]
        end = head_end + 4 + _content_length(head)
        if len(data) < end:
            self._buffer = data
            return
        self._buffer = data[end:]
        self._answered(self, Answer(int(head[9:12]), head, data[head_end + 4 : end]))


def _content_length(head: bytes) -> int:
    at = head.find(b"\r\ncontent-length: ")
    if at < 0:
        at = head.lower().find(b"\r\ncontent-length: ")
        if at < 0:
            if head[9:12] in (b"204", b"304"):
                return 0
            raise ValueError("an answer without Content-Length")
    end = head.find(b"\r\n", at + 18)
    return int(head[at + 18 : end if end >= 0 else None])


def request(method: str, path: str, token: str, key: str | None = None, body: bytes | None = None) -> bytes:
    """One request as it goes over the wire."""
    lines = [f"{method} {path} HTTP/1.1", "Host: lockstep", f"Authorization: Bearer {token}"]
    if key is not None:
        lines.append(f"Idempotency-Key: {key}")
    if body is not None:
        lines.append("Content-Type: application/json")
    if body is not None or method != "GET":
        lines.append(f"Content-Length: {len(body or b'')}")
    return ("\r\n".join(lines) + "\r\n\r\n").encode() + (body or b"")
