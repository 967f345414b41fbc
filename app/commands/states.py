"""The states that commands are decided on, kept per process: recent ones, as they will be once all is stored.

A stale state is harmless: the version check at commit refuses what was decided on it. What a stale state *refuses* is
not checked at commit, so the pipeline looks again before it says no.
"""

from __future__ import annotations

import asyncio
from collections import OrderedDict
from collections.abc import Sequence
from typing import Any, NamedTuple

from app.store.pool import Pool
from app.store.read import Loaded, load
from kernel.aggregate import Aggregate
from kernel.codec import Codec


class State(NamedTuple):
    state: Any
    version: int


class States:
    """Streams' states by name; at most `limit`, the least recently used go first."""

    def __init__(self, pool: Pool, codec: Codec, limit: int = 20_000) -> None:
        self._pool, self._codec, self._limit = pool, codec, limit
        self._kept: OrderedDict[str, State] = OrderedDict()
        self._loading: dict[str, asyncio.Task[Loaded]] = {}

    def get(self, stream: str) -> State | None:
        """The state to decide on next, if it is kept."""
        found = self._kept.get(stream)
        if found is not None:
            self._kept.move_to_end(stream)
        return found

    async def load(self, aggregate: Aggregate[Any], stream: str) -> State:
        """The state as stored, kept from now on; those who ask for a stream at once share one read."""
        task = self._loading.get(stream)
        if task is None:
            task = asyncio.create_task(load(self._pool, self._codec, aggregate, stream))
            self._loading[stream] = task
            task.add_done_callback(lambda done: self._forget(stream, done))
        loaded = await asyncio.shield(task)
        kept = self._kept.get(stream)
        if kept is None or kept.version < loaded.version:
            kept = State(loaded.state, loaded.version)
            if loaded.version:
                self.put(stream, kept)
        return kept

    def _forget(self, stream: str, done: asyncio.Task[Loaded]) -> None:
        if self._loading.get(stream) is done:
            del self._loading[stream]

    def put(self, stream: str, state: State) -> None:
        """`state` is what the next command on the stream is decided on."""
        self._kept[stream] = state
        self._kept.move_to_end(stream)
        if len(self._kept) > self._limit:
            self._kept.popitem(last=False)

    def drop(self, streams: Sequence[str]) -> None:
        """What was kept of these streams was never stored, or may be old."""
        for stream in streams:
            self._kept.pop(stream, None)
            self._loading.pop(stream, None)
