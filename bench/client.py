"""A caller over one connection that gives up late: it connects again, and sends again what may be sent again.

Only for requests that carry an Idempotency-Key or only read: whatever became of the first try, the second is safe.
"""

from __future__ import annotations

import asyncio
from types import TracebackType
from typing import Self

import msgspec

from bench.wire import Answer, Connection

PATIENCE_SECONDS = 60.0
PAUSE_SECONDS, LONGEST_PAUSE_SECONDS = 0.05, 1.0
TRY_AGAIN = frozenset({429, 503})
TRY_AGAIN_PROBLEMS = (b"idempotency-key-in-flight", b"contended")


class Unreachable(Exception):
    """The API did not answer for a minute."""


class Caller:
    """One request at a time; an async context."""

    def __init__(self, host: str, port: int) -> None:
        self._host, self._port = host, port
        self._connection: Connection | None = None
        self._waiting: asyncio.Future[Answer] | None = None

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._connection is not None:
            self._connection.close()

    async def ask(self, request: bytes) -> Answer:
        """The answer that counts: 429, 503 and a contended 409 are asked again. Raises Unreachable."""
        loop = asyncio.get_running_loop()
        patience_ends, pause, last = loop.time() + PATIENCE_SECONDS, PAUSE_SECONDS, "nothing"
        while True:
            try:
                answer = await self._once(request)
            except OSError as error:
                last = str(error)
            else:
                if not _worth_another_try(answer):
                    return answer
                last = f"{answer.status} {problem_of(answer)}"
            if loop.time() + pause > patience_ends:
                raise Unreachable(f"http://{self._host}:{self._port} does not take requests (last: {last})")
            await asyncio.sleep(pause)
            pause = min(pause * 2, LONGEST_PAUSE_SECONDS)

    async def _once(self, request: bytes) -> Answer:
        loop = asyncio.get_running_loop()
        if self._connection is None:
            _, self._connection = await loop.create_connection(
                lambda: Connection(self._answered, self._lost), self._host, self._port
            )
        self._waiting = loop.create_future()
        self._connection.send(request)
        return await self._waiting

    def _answered(self, _: Connection, answer: Answer) -> None:
        if self._waiting is not None and not self._waiting.done():
            self._waiting.set_result(answer)

    def _lost(self, connection: Connection, error: Exception | None) -> None:
        if connection is self._connection:
            self._connection = None
        if self._waiting is not None and not self._waiting.done():
            self._waiting.set_exception(ConnectionResetError(str(error or "the connection was closed")))


def problem_of(answer: Answer) -> str:
    """What the problem details of a refusal say, in a few words."""
    try:
        body = msgspec.json.decode(answer.body, type=dict[str, object])
    except msgspec.DecodeError:
        return answer.body[:200].decode(errors="replace")
    return str(body.get("detail") or body.get("title") or body)


def _worth_another_try(answer: Answer) -> bool:
    return answer.status in TRY_AGAIN or (
        answer.status == 409 and any(problem in answer.body for problem in TRY_AGAIN_PROBLEMS)
    )
