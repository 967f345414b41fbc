"""One listener of changes: what it wants, and a bounded queue between the hub, which never waits, and its connection.

A listener that reads too slowly is ended with that reason; nobody else notices.
"""

from __future__ import annotations

import asyncio
from collections import deque

import msgspec

QUEUE_LIMIT = 1_000


class Change(msgspec.Struct, frozen=True):
    """A primary document has reached a version. `token` resumes behind it; tokens sort as text, oldest first."""

    token: str
    stream: str
    version: int
    domain: str
    owner: str | None = None
    """Who alone may hear of it; None: everyone who may read the domain."""


class Reset(msgspec.Struct, frozen=True):
    """Changes were missed that nobody can give again: read anew. Changes go on behind `token`."""

    token: str
    reason: str


class Listener:
    """What one connection is still to be told: changes of these domains and, where given, of one category or stream;
    of streams that are somebody's, only this person's."""

    def __init__(
        self,
        domains: frozenset[str],
        stream: str | None = None,
        category: str | None = None,
        queue_limit: int = QUEUE_LIMIT,
        person: str = "",
    ) -> None:
        self._domains = domains
        self._person = person
        self._stream = stream
        self._category = None if category is None else f"{category}-"
        self._queue: deque[Change | Reset] = deque()
        self._queue_limit = queue_limit
        self._something = asyncio.Event()
        self.told = ""
        """The greatest token it was told by other means than this queue: the hub, should it be behind, repeats none."""
        self.ended: str | None = None
        """Why it ends, once it does."""
        self.has_ended = asyncio.Event()

    def wants(self, change: Change) -> bool:
        return (
            change.domain in self._domains
            and (change.owner is None or change.owner == self._person)
            and (self._stream is None or change.stream == self._stream)
            and (self._category is None or change.stream.startswith(self._category))
        )

    def offer(self, change: Change) -> None:
        if self.ended is None and change.token > self.told and self.wants(change):
            self._put(change)

    def reset(self, token: str, reason: str) -> None:
        if self.ended is None:
            self.told = ""
            self._put(Reset(token, reason))

    def end(self, reason: str) -> None:
        """What is queued is still delivered, then the end with its reason."""
        if self.ended is None:
            self.ended = reason
            self.has_ended.set()
            self._something.set()

    async def take(self, within: float) -> list[Change | Reset]:
        """All that is queued, waiting for something at most this long; empty when there was nothing, or at the end."""
        if not self._queue and self.ended is None:
            try:
                async with asyncio.timeout(within):
                    await self._something.wait()
            except TimeoutError:
                return []
        taken = list(self._queue)
        self._queue.clear()
        if self.ended is None:
            self._something.clear()
        return taken

    def _put(self, entry: Change | Reset) -> None:
        if len(self._queue) >= self._queue_limit:
            self._queue.clear()  # it resumes by its last id: what is dropped here is not lost to it
            self.end("too-slow")
        else:
            self._queue.append(entry)
            self._something.set()
