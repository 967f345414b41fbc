"""A stream's state at a version or a moment: the aggregate's own fold of just the events that count, in version order.

It costs the events since the last kept state (app/history/kept.py). States that a long fold passes are kept, unless an
event was left out on the way: what is folded then is no prefix of the stream.
"""

from __future__ import annotations

from collections import deque
from collections.abc import AsyncIterator
from datetime import datetime
from typing import Any, NamedTuple

import msgspec
from sqlalchemy import Text, cast, select
from sqlalchemy.ext.asyncio import AsyncEngine

from app.history.kept import Kept, KeptStates
from app.history.reader import Until, counting
from app.history.rows import Rows
from app.store.tables import events
from kernel.aggregate import Aggregate
from kernel.codec import Codec

AT_ONCE = 500
KEEP_EVERY = 250
KEPT_AT_MOST = 64
"""States kept of one fold, the last ones: a stream of millions of events must fill neither memory nor table at once."""


class Then(msgspec.Struct, frozen=True):
    """A state, and the last event that counts in it (version 0: none does)."""

    state: Any
    version: int
    occurred_at: datetime | None
    recorded_at: datetime | None
    folded: int
    """Events folded to get there."""


class StateReader:
    """Folds streams. `keep_every` 0: nothing is kept and nothing kept is used. Raises StoreUnavailable."""

    def __init__(self, engine: AsyncEngine, codec: Codec, keep_every: int = KEEP_EVERY) -> None:
        self._rows, self._codec, self._every = Rows(engine), codec, keep_every
        self._kept = KeptStates(self._rows)

    async def state(self, aggregate: Aggregate[Any], stream: str, until: Until) -> Then:
        """The state after those events of the stream that count."""
        kept = await self._kept.find(aggregate, stream, until) if self._every else None
        base = kept or Kept(0, aggregate.initial)
        state, version, folded = base.state, base.version, 0
        occurred_until, recorded_until = base.occurred_until, base.recorded_until
        event: _Row | None = None
        prefix, passed = True, deque[Kept](maxlen=KEPT_AT_MOST)
        # the last event of the kept state is read again, for its times
        async for event in self._events(stream, max(base.version, 1), until):
            if event.version == base.version:
                continue
            prefix = prefix and event.version == version + 1
            state = aggregate.evolve(state, self._codec.decode(event.type, event.schema_version, event.data))
            version, folded = event.version, folded + 1
            occurred_until = max(occurred_until, event.occurred_at)
            recorded_until = max(recorded_until, event.recorded_at)
            if prefix and self._every and version % self._every == 0:
                passed.append(Kept(version, state, occurred_until, recorded_until))
        if passed:
            await self._kept.keep(aggregate, stream, passed)
        if event is None:
            return Then(state, 0, None, None, 0)
        return Then(state, version, event.occurred_at, event.recorded_at, folded)

    async def _events(self, stream: str, first: int, until: Until) -> AsyncIterator[_Row]:
        query = select(
            events.c.version,
            events.c.type,
            events.c.schema_version,
            cast(events.c.data, Text),  # decoded once, straight into the event's class
            events.c.occurred_at,
            events.c.recorded_at,
        ).where(events.c.stream == stream, *counting(until))
        while True:
            page = query.where(events.c.version >= first).order_by(events.c.version).limit(AT_ONCE)
            rows = [_Row(*row) for row in await self._rows.of(page)]
            for row in rows:
                yield row
            if len(rows) < AT_ONCE:
                return
            first = rows[-1].version + 1


class _Row(NamedTuple):
    version: int
    type: str
    schema_version: int
    data: str
    occurred_at: datetime
    recorded_at: datetime
