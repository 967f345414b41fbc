"""One client's requests over HTTP, each attempt with the word for what became of it.

201               the status of what was accepted
409 contended     the status and problem type of what was refused
refused           nobody listened: nothing was sent
reset, timeout    it was sent, and no answer came
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping

import msgspec

from bench.wire import Answer, Connection

TIMEOUT_SECONDS = 12.0
"""Longer than the API gives a command before it says that it does not know."""


class _Problem(msgspec.Struct):
    type: str = "?"


class Caller:
    """One connection, made again whenever it was lost."""

    def __init__(self, port: int, token_of: Callable[[str], str]) -> None:
        self._port, self._token_of = port, token_of
        self._connection: Connection | None = None
        self._waiting: asyncio.Future[Answer] | None = None

    async def attempt(
        self,
        by: str,
        method: str,
        path: str,
        body: bytes | None = None,
        headers: Mapping[str, str] | None = None,
        within: float = TIMEOUT_SECONDS,
    ) -> tuple[str, Answer | None]:
        """What became of one request by this person, and its answer if there was one."""
        loop = asyncio.get_running_loop()
        if self._connection is None:
            try:
                async with asyncio.timeout(within):
                    _, self._connection = await loop.create_connection(
                        lambda: Connection(self._answered, self._lost), "127.0.0.1", self._port
                    )
            except (OSError, TimeoutError):
                return "refused", None
        self._waiting = loop.create_future()
        self._connection.send(self._request(self._token_of(by), method, path, body, headers or {}))
        try:
            async with asyncio.timeout(within):
                answer = await self._waiting
        except ConnectionError:
            return "reset", None
        except TimeoutError:
            self.close()
            return "timeout", None
        return word_for(answer), answer

    def close(self) -> None:
        connection, self._connection, self._waiting = self._connection, None, None
        if connection is not None:
            connection.close()

    def _request(self, token: str, method: str, path: str, body: bytes | None, headers: Mapping[str, str]) -> bytes:
        lines = [f"{method} /api/v1{path} HTTP/1.1", "Host: lockstep", f"Authorization: Bearer {token}"]
        lines += [f"{name}: {value}" for name, value in headers.items()]
        if body is not None:
            lines.append("Content-Type: application/json")
        if body is not None or method != "GET":
            lines.append(f"Content-Length: {len(body or b'')}")
        return ("\r\n".join(lines) + "\r\n\r\n").encode() + (body or b"")

    def _answered(self, connection: Connection, answer: Answer) -> None:
        if connection is self._connection and self._waiting is not None and not self._waiting.done():
            self._waiting.set_result(answer)

    def _lost(self, connection: Connection, error: Exception | None) -> None:
        if connection is not self._connection:
            return
        self._connection = None
        if self._waiting is not None and not self._waiting.done():
            self._waiting.set_exception(ConnectionResetError(str(error or "closed")))


def word_for(answer: Answer) -> str:
    if answer.status < 400:
        return str(answer.status)
    try:
        problem = msgspec.json.decode(answer.body, type=_Problem).type.rpartition("/")[2]
    except msgspec.DecodeError:
        problem = "?"
    return f"{answer.status} {problem}"


def versions_in(token: bytes | None) -> dict[str, int]:
    """What a Consistency-Token names."""
    named = (entry.rpartition("@") for entry in (token or b"").decode().split(",") if entry)
    return {stream: int(version) for stream, _, version in named}
