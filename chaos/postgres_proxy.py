"""A man in the middle of PostgreSQL's protocol: it breaks a connection at the moments that leave a client not knowing,
just before an append reaches the server, or after the server has committed it and before anyone hears of it.

It reads just enough of the protocol for that: which prepared statement is the append, when one is executed, and when
the server is ready again, which it says only after its commit.
"""

from __future__ import annotations

import asyncio
import random
import struct
from collections.abc import Callable
from contextlib import suppress

SSL_REQUEST = 80877103


def never() -> bool:
    return False


class PostgresProxy:
    """Listens on `port` and passes on to `target`. `cut()` decides, for each append answered, whether its answer is
    lost; `cut_before()`, for each append asked, whether it ever arrives."""

    def __init__(self, target: int, cut: Callable[[], bool], cut_before: Callable[[], bool] = never) -> None:
        self._target, self._cut, self._cut_before = target, cut, cut_before
        self._server: asyncio.Server | None = None
        self._connections: set[asyncio.Task[None]] = set()
        self.port = 0
        self.cuts = self.cuts_before = self.appends = 0
        self.quiet = False

    async def __aenter__(self) -> PostgresProxy:
        self._server = await asyncio.start_server(self._serve, "127.0.0.1", 0)
        self.port = self._server.sockets[0].getsockname()[1]
        return self

    async def __aexit__(self, *_: object) -> None:
        assert self._server is not None
        self._server.close()
        for connection in self._connections:
            connection.cancel()
        await asyncio.gather(*self._connections, return_exceptions=True)

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        self._connections.add(task)
        task.add_done_callback(self._connections.discard)
        streams = [writer]
        try:
            their_reader, their_writer = await asyncio.open_connection("127.0.0.1", self._target)
            streams.append(their_writer)
            link = _Link(reader, writer, their_reader, their_writer, self)
            ways = [asyncio.create_task(link.forward()), asyncio.create_task(link.backward())]
            try:
                await asyncio.wait(ways, return_when=asyncio.FIRST_COMPLETED)
            finally:
                for way in ways:
                    way.cancel()
                await asyncio.gather(*ways, return_exceptions=True)
        except (OSError, asyncio.CancelledError):
            pass  # whoever cancels is leaving and waits for no more than that
        finally:
            for stream in streams:
                stream.transport.abort()  # a reset, not a farewell

    def lost(self) -> bool:
        """Whether the answer to the append just committed is lost."""
        self.appends += 1
        lost = not self.quiet and self._cut()
        self.cuts += lost
        return lost

    def never_arrives(self) -> bool:
        """Whether the append just asked for is lost on its way."""
        lost = not self.quiet and self._cut_before()
        self.cuts_before += lost
        return lost


class _Link:
    """One client's connection, both ways."""

    def __init__(
        self,
        reader: asyncio.StreamReader,
        writer: asyncio.StreamWriter,
        their_reader: asyncio.StreamReader,
        their_writer: asyncio.StreamWriter,
        proxy: PostgresProxy,
    ) -> None:
        self._client, self._to_client, self._server, self._to_server = reader, writer, their_reader, their_writer
        self._proxy = proxy
        self._appends: set[bytes] = set()
        self._committing = False

    async def forward(self) -> None:
        """Client to server; knows when an append is under way."""
        with suppress(asyncio.IncompleteReadError, OSError):
            while True:  # what comes before the start-up message has no type byte
                head = await self._client.readexactly(8)
                length, code = struct.unpack("!II", head)
                body = await self._client.readexactly(length - 8)
                if code != SSL_REQUEST:
                    break
                self._to_client.write(b"N")  # in clear, or there is nothing to read
            self._to_server.write(head + body)
            while True:
                kind, message = await _message(self._client)
                body = message[5:]
                if kind == b"P" and b"append_v1" in body:
                    self._appends.add(body.split(b"\0", 1)[0])
                elif kind == b"B":
                    self._committing = body.split(b"\0", 2)[1] in self._appends
                    if self._committing and self._proxy.never_arrives():
                        return
                self._to_server.write(message)
                await self._to_server.drain()

    async def backward(self) -> None:
        """Server to client; an append's answer is held back until the server is ready again, and then perhaps lost."""
        with suppress(asyncio.IncompleteReadError, OSError):
            held = b""
            while True:
                kind, message = await _message(self._server)
                held += message
                if self._committing:
                    if kind != b"Z":
                        continue
                    self._committing = False
                    if message[5:6] == b"I" and self._proxy.lost():
                        return
                self._to_client.write(held)
                held = b""
                await self._to_client.drain()


async def _message(reader: asyncio.StreamReader) -> tuple[bytes, bytes]:
    head = await reader.readexactly(5)
    body = await reader.readexactly(struct.unpack("!I", head[1:])[0] - 4)
    return head[:1], head + body


def one_in(times: int, seed: int = 1) -> Callable[[], bool]:
    """Loses one answer in so many, at random."""
    chance = random.Random(seed)
    return lambda: chance.randrange(times) == 0
