"""Changes as server-sent events, and the connection that carries them.

    event: ready | changed | reset | closed
    id: <where to resume: what a browser sends back as Last-Event-ID>
    data: <JSON>

The connection is ours down to ASGI, for everything must be freed the moment either side goes: a listener that stopped
reading holds up neither the hub nor a stopping process.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Callable
from typing import Any

import msgspec
from litestar.response import Stream
from litestar.types import Receive, Scope, Send

from app.queries.listener import Change, Listener, Reset
from kernel.telemetry import get_logger

PARTING_SECONDS = 2.0
"""How long a connection has, once its listener ended, to take what is left and the reason."""


class ChangedData(msgspec.Struct, frozen=True):
    stream: str
    version: int
    domain: str


class ReasonData(msgspec.Struct, frozen=True):
    reason: str


_HEADERS = [
    (b"content-type", b"text/event-stream; charset=utf-8"),
    (b"cache-control", b"no-store"),
    (b"x-accel-buffering", b"no"),  # or a proxy in front keeps what it should pass on
]

log = get_logger("changes")

_encode = msgspec.json.Encoder().encode


def ready(token: str) -> bytes:
    """The first thing said: from here on; and when to come back after a broken connection."""
    return f"retry: 2000\nevent: ready\nid: {token}\ndata: {{}}\n\n".encode()


def ping(token: str) -> bytes:
    """Nothing happened up to here: keeps the connection, and the place to resume, alive."""
    return f": ping\nid: {token}\n\n".encode()


def frame(entry: Change | Reset) -> bytes:
    if isinstance(entry, Change):
        name, data = b"changed", _encode(ChangedData(entry.stream, entry.version, entry.domain))
    else:
        name, data = b"reset", _encode(ReasonData(entry.reason))
    return b"event: %b\nid: %b\ndata: %b\n\n" % (name, entry.token.encode(), data)


def closed(reason: str) -> bytes:
    """The last thing said. It has no id: the reader resumes behind what it was given."""
    return b"event: closed\ndata: %b\n\n" % _encode(ReasonData(reason))


class EventStream(Stream):
    """An answer that goes on: `chunks` until they end, the reader goes, or the listener is ended and does not read."""

    def __init__(
        self, first: bytes, chunks: AsyncGenerator[bytes, None], listener: Listener, leave: Callable[[], None]
    ) -> None:
        super().__init__(chunks, media_type="text/event-stream")
        self._first, self._chunks, self._listener, self._leave = first, chunks, listener, leave

    def to_asgi_response(self, *args: Any, **kwargs: Any) -> Any:
        return self._serve

    async def _serve(self, scope: Scope, receive: Receive, send: Send) -> None:
        writing = asyncio.create_task(self._write(send))
        gone = asyncio.create_task(_disconnected(receive))
        ended = asyncio.create_task(self._listener.has_ended.wait())
        try:
            await asyncio.wait({writing, gone, ended}, return_when=asyncio.FIRST_COMPLETED)
            if not gone.done():
                await asyncio.wait({writing, gone}, timeout=PARTING_SECONDS, return_when=asyncio.FIRST_COMPLETED)
        finally:
            self._leave()
            for task in (writing, gone, ended):
                task.cancel()
            outcomes = await asyncio.gather(writing, gone, ended, return_exceptions=True)
            await self._chunks.aclose()
        if isinstance(outcomes[0], Exception):
            # the status is out: all that is left is to break off, and the reader comes back with its last id
            log.warning("a stream of changes broke off", exc_info=outcomes[0])
            raise outcomes[0]

    async def _write(self, send: Send) -> None:
        await send({"type": "http.response.start", "status": 200, "headers": _HEADERS})
        await send({"type": "http.response.body", "body": self._first, "more_body": True})
        async for chunk in self._chunks:
            await send({"type": "http.response.body", "body": chunk, "more_body": True})
        await send({"type": "http.response.body", "body": b"", "more_body": False})


async def _disconnected(receive: Receive) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass
