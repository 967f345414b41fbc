"""The feed of changes: admits listeners, tells each what it missed, then what happens, and ends them on a stop.

A listener hears the domains it may read, until its token expires.
"""

from __future__ import annotations

import asyncio
import math
from collections import Counter
from collections.abc import AsyncGenerator, Callable, Iterable
from contextlib import aclosing

from app.queries import sse
from app.queries.catchup import CatchUp
from app.queries.errors import ReadModelUnavailable, TooManyListeners
from app.queries.generations import LiveGenerations
from app.queries.hub import Hub, PositionLost
from app.queries.listener import Listener, Reset
from app.queries.mongo import Mongo
from kernel.projection import Projection

PING_SECONDS = 15.0


class Feed:
    """Changes for many listeners, bounded for the process and for each person."""

    def __init__(
        self,
        mongo: Mongo,
        projections: Iterable[Projection],
        generations: LiveGenerations,
        per_process: int = 1_000,
        per_person: int = 10,
        ping_seconds: float = PING_SECONDS,
    ) -> None:
        self._hub = Hub(mongo, projections, generations)
        self._catch_up = CatchUp(self._hub)
        self._per_process, self._per_person, self._ping_seconds = per_process, per_person, ping_seconds
        self._open: set[Listener] = set()
        self._persons: Counter[str] = Counter()
        self._draining = False

    @property
    def listeners(self) -> int:
        return len(self._open)

    @property
    def domains(self) -> frozenset[str]:
        """Whose changes there are to hear."""
        return self._hub.domains

    async def listen(
        self, person: str, listener: Listener, last_id: str | None, seconds: float = math.inf
    ) -> sse.EventStream:
        """The open stream of changes, for at most so many seconds. Raises TooManyListeners or ReadModelUnavailable,
        for a status can still say so."""
        leave = self._admit(person, listener)
        try:
            chunks = self._chunks(listener, last_id, asyncio.get_running_loop().time() + seconds)
            first = await anext(chunks)
        except BaseException:
            leave()
            raise
        return sse.EventStream(first, chunks, listener, leave)

    def drain(self) -> None:
        """Everybody is told to come back elsewhere, and nobody else is let in."""
        self._draining = True
        for listener in list(self._open):
            listener.end("stopping")

    async def close(self) -> None:
        await self._hub.close()

    def _admit(self, person: str, listener: Listener) -> Callable[[], None]:
        """Count the listener in; what is returned counts it out, once, and frees all it holds."""
        if self._draining:
            raise ReadModelUnavailable("this process is stopping")
        if len(self._open) >= self._per_process:
            raise TooManyListeners(503, "this process has as many listeners as it can serve", self._per_process)
        if self._persons[person] >= self._per_person:
            raise TooManyListeners(429, "you have as many open streams of changes as one may have", self._per_person)
        self._open.add(listener)
        self._persons[person] += 1

        def leave() -> None:
            if listener in self._open:
                self._hub.leave(listener)
                self._open.discard(listener)
                self._persons[person] -= 1
                if not self._persons[person]:
                    del self._persons[person]

        return leave

    async def _chunks(self, listener: Listener, last_id: str | None, deadline: float) -> AsyncGenerator[bytes, None]:
        async with aclosing(self._missed(listener, last_id)) as missed:
            async for chunk in missed:
                yield chunk
        now = asyncio.get_running_loop().time
        while True:
            if entries := await listener.take(max(0.0, min(self._ping_seconds, deadline - now()))):
                yield b"".join(map(sse.frame, entries))
            elif listener.ended is not None:
                break
            elif now() >= deadline:
                listener.end("token-expired")
            elif listener.told > self._hub.position:
                # an id that no change has had yet: of another MongoDB, or of one that was set back
                listener.reset(self._hub.position, "unknown-id")
            else:
                # nothing is queued, so all up to the hub's position has been said
                yield sse.ping(self._hub.position)
        yield sse.closed(listener.ended)

    async def _missed(self, listener: Listener, last_id: str | None) -> AsyncGenerator[bytes, None]:
        """The greeting, and what happened behind `last_id`; afterwards the listener has joined the hub."""
        if last_id is None:
            yield sse.ready(await self._hub.join(listener))
            return
        greeting = sse.ready(last_id)
        try:
            async with aclosing(self._catch_up.read(listener, last_id)) as rounds:
                async for changes in rounds:
                    if chunk := greeting + b"".join(map(sse.frame, changes)):
                        yield chunk
                    greeting = b""
        except PositionLost:
            position = await self._hub.join(listener)
            listener.told = ""
            yield (sse.ready(position) if greeting else b"") + sse.frame(Reset(position, "too-old"))
