"""Time travel over any aggregate of any domain that runs: its state as of an instant, what differs between two, and the
events in between. Knows aggregates by category alone; who may ask is the route's matter.

All parts of one answer are of one moment: nothing beyond the version that the stream had when the question came counts.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

import msgspec
from sqlalchemy import ColumnElement, and_, true
from sqlalchemy.ext.asyncio import AsyncEngine

from app.history.answers import AggregateDiff, AggregateThen, AuditEntry, EventsBetween, Instant, state_of
from app.history.diff import differences
from app.history.reader import HistoryReader, Until, counting
from app.history.rows import Rows
from app.history.settled import settled_until
from app.history.states import StateReader, Then
from kernel.aggregate import Aggregate, DomainError
from kernel.codec import Codec

STREAM_BYTES = 200
"""The longest name that the table of streams takes."""


class AggregateNotFound(DomainError):
    status, problem = 404, "aggregate-not-found"


class _Stream(msgspec.Struct, frozen=True):
    """A stream that exists, and its version when the question came."""

    aggregate: Aggregate[Any]
    id: str
    name: str
    version: int

    def capped(self, until: Until) -> Until:
        version = self.version if until.version is None else min(until.version, self.version)
        return msgspec.structs.replace(until, version=version)

    def is_settled(self, until: Until, horizon: datetime) -> bool:
        """Whether no event that is still to come can count: by its version, or by when it will be recorded."""
        return (until.version is not None and until.version <= self.version) or (
            until.as_known_at is not None and until.as_known_at < horizon
        )


class TimeTravel:
    """Answers questions. Raises AggregateNotFound, and StoreUnavailable when PostgreSQL does not answer."""

    def __init__(self, engine: AsyncEngine, codec: Codec, aggregates: Mapping[str, Aggregate[Any]]) -> None:
        self._aggregates = aggregates
        self._rows, self._reader, self._states = Rows(engine), HistoryReader(engine, codec), StateReader(engine, codec)

    async def then(self, category: str, identifier: str, until: Until) -> AggregateThen:
        """The aggregate's state at the instant; not found where none of its events counts."""
        horizon = await settled_until(self._rows)
        stream = await self._stream(category, identifier)
        then = await self._state(stream, until)
        if then.version == 0:
            raise AggregateNotFound(f"there was no {category} {identifier} then")
        at = Instant.of(then, stream.is_settled(until, horizon))
        return AggregateThen(category, identifier, stream.version, horizon, at, state_of(then))

    async def between(
        self, category: str, identifier: str, start: Until, end: Until, after: int, limit: int
    ) -> EventsBetween:
        """A page of the events that count at exactly one of the two instants."""
        stream = await self._stream(category, identifier)
        entries, following = await self._page(stream, start, end, after, limit)
        return EventsBetween(category, identifier, stream.version, entries, following)

    async def diff(self, category: str, identifier: str, start: Until, end: Until, limit: int) -> AggregateDiff:
        """Both instants compared. Where none of its events counts yet, the aggregate is in its initial state."""
        horizon = await settled_until(self._rows)
        stream = await self._stream(category, identifier)
        before, after = await self._state(stream, start), await self._state(stream, end)
        entries, following = await self._page(stream, start, end, 0, limit)
        return AggregateDiff(
            category=category,
            id=identifier,
            stream_version=stream.version,
            settled_until=horizon,
            start=Instant.of(before, stream.is_settled(start, horizon)),
            end=Instant.of(after, stream.is_settled(end, horizon)),
            differences=list(differences(state_of(before), state_of(after))),
            events=entries,
            next=following,
        )

    async def _stream(self, category: str, identifier: str) -> _Stream:
        aggregate = self._aggregates.get(category)
        if aggregate is None:
            raise AggregateNotFound(f"there is no kind of aggregate named {category[:STREAM_BYTES]}")
        name = aggregate.stream(identifier)
        storable = "\x00" not in name and len(name.encode(errors="replace")) <= STREAM_BYTES
        version = await self._reader.version(name) if storable else 0
        if version == 0:
            raise AggregateNotFound(f"there is no {category} {identifier[:STREAM_BYTES]}")
        return _Stream(aggregate, identifier, name, version)

    async def _state(self, stream: _Stream, until: Until) -> Then:
        return await self._states.state(stream.aggregate, stream.name, stream.capped(until))

    async def _page(
        self, stream: _Stream, start: Until, end: Until, after: int, limit: int
    ) -> tuple[list[AuditEntry], int | None]:
        counts_before, counts_after = _all(counting(stream.capped(start))), _all(counting(stream.capped(end)))
        found = await self._reader.matching(stream.name, after, limit + 1, counts_before.is_distinct_from(counts_after))
        entries = [AuditEntry.of(one) for one in found[:limit]]
        return entries, entries[-1].version if len(found) > limit else None


def _all(conditions: list[ColumnElement[bool]]) -> ColumnElement[bool]:
    return and_(true(), *conditions)
