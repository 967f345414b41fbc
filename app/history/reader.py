"""Reads stored events, decoded and upcast: a page of a stream's audit trail, or all of it up to a moment."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import datetime
from typing import Any

import msgspec
from sqlalchemy import ColumnElement, Select, select
from sqlalchemy.ext.asyncio import AsyncEngine

from app.history.rows import Rows
from app.store.tables import events, streams
from kernel.codec import Codec
from kernel.events import Metadata, StoredEvent

AT_ONCE = 500


class Until(msgspec.Struct, frozen=True):
    """Which events count: up to a version, to when they happened, to when they were known. None: no limit."""

    version: int | None = None
    as_of: datetime | None = None
    as_known_at: datetime | None = None


EVERYTHING = Until()


def counting(until: Until) -> list[ColumnElement[bool]]:
    """The conditions that an event which counts fulfils. Each is never null."""
    found: list[ColumnElement[bool]] = []
    if until.version is not None:
        found.append(events.c.version <= until.version)
    if until.as_of is not None:
        found.append(events.c.occurred_at <= until.as_of)
    if until.as_known_at is not None:
        found.append(events.c.recorded_at <= until.as_known_at)
    return found


class HistoryReader:
    """Reads through SQLAlchemy. Raises StoreUnavailable when PostgreSQL does not answer."""

    def __init__(self, engine: AsyncEngine, codec: Codec) -> None:
        self._rows, self._codec = Rows(engine), codec

    async def version(self, stream: str) -> int:
        """The stream's version, 0 when there is none."""
        rows = await self._rows.of(select(streams.c.version).where(streams.c.stream == stream))
        return rows[0][0] if rows else 0

    async def page(self, stream: str, after: int, limit: int, until: Until = EVERYTHING) -> list[StoredEvent]:
        """Up to `limit` events with versions above `after`, in order."""
        return await self.matching(stream, after, limit, *counting(until))

    async def matching(
        self, stream: str, after: int, limit: int, *conditions: ColumnElement[bool]
    ) -> list[StoredEvent]:
        """Up to `limit` events with versions above `after` that fulfil all conditions, in order."""
        query: Select[Any] = select(events).where(events.c.stream == stream, events.c.version > after, *conditions)
        return [self._decoded(row) for row in await self._rows.of(query.order_by(events.c.version).limit(limit))]

    async def all(self, stream: str, until: Until) -> AsyncIterator[StoredEvent]:
        """Every event that counts, in order, read AT_ONCE at a time."""
        after = 0
        while page := await self.page(stream, after, AT_ONCE, until):
            for event in page:
                yield event
            after = page[-1].version

    async def ping(self) -> None:
        await self._rows.of(select(1))

    def _decoded(self, row: Any) -> StoredEvent:
        return StoredEvent(
            stream=row.stream,
            version=row.version,
            event_id=row.event_id,
            type=row.type,
            event=self._codec.decode(row.type, row.schema_version, msgspec.json.encode(row.data)),
            metadata=msgspec.convert(row.metadata, Metadata),
            occurred_at=row.occurred_at,
            recorded_at=row.recorded_at,
            position=row.position,
        )
