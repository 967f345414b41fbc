"""Moves the events of closed streams to the archive, batch by batch: the loop around archive_closed_v1.

Each batch is one transaction: whatever dies, an event is in one of the two tables, and a new run goes on with the rest.
What may be moved the database decides; here is only which event types close a stream, and how much at once.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import timedelta
from typing import Any

import msgspec

from app.store.pool import Pool, connection_of
from kernel.aggregate import Aggregate

LOOK_AT_ONCE, EVENTS_AT_ONCE = 2_000, 10_000
"""An append to a stream of the batch in hand waits for its commit: a few hundred milliseconds at most."""

ARCHIVE = "SELECT * FROM archive_closed_v1($1, $2, $3, $4, $5, $6, $7)"
COUNT_STREAMS = "SELECT count(*) FROM streams"


class Archived(msgspec.Struct, frozen=True):
    """How many streams were looked at, how many of them had events moved, and how many events."""

    looked: int = 0
    streams: int = 0
    events: int = 0


async def archive_closed(
    pool: Pool,
    aggregates: Iterable[Aggregate[Any]],
    quiet_for: timedelta,
    limit: int | None = None,
    done: Callable[[Archived], None] = lambda _: None,
    events_at_once: int = EVENTS_AT_ONCE,
) -> Archived:
    """What was moved: all streams, or `limit` of them, that are closed, have been quiet for so long and are published.

    `done` is told after every batch. Raises StoreUnavailable; what had been moved by then is moved.
    """
    closing = sorted((each.category, kind) for each in aggregates for kind in each.closed_by)
    categories, types = [category for category, _ in closing], [kind for _, kind in closing]
    after: str | None = ""
    total = Archived()
    while after is not None and (limit is None or total.streams < limit):
        at_most = LOOK_AT_ONCE if limit is None else min(limit - total.streams, LOOK_AT_ONCE)
        async with connection_of(pool) as connection:
            after, looked, streams, events = await connection.fetchrow(
                ARCHIVE, after, LOOK_AT_ONCE, at_most, events_at_once, categories, types, quiet_for
            )
        total = Archived(total.looked + looked, total.streams + streams, total.events + events)
        done(total)
    return total


async def count_streams(pool: Pool) -> int:
    """How many there are to look at."""
    async with connection_of(pool) as connection:
        return int(await connection.fetchval(COUNT_STREAMS))
