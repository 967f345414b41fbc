"""What questions about any aggregate's history are answered: the shapes, for HTTP and for the command line."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import msgspec

from app.history.diff import Difference, builtins
from app.history.states import Then
from kernel.events import StoredEvent


class AuditEntry(msgspec.Struct, rename="camel"):
    """One stored event, in today's shape: what happened, when it did, when we learnt it, and by whom."""

    version: int
    type: str
    data: dict[str, Any]
    event_id: str
    occurred_at: datetime
    recorded_at: datetime
    principal: str
    correlation_id: str | None

    @classmethod
    def of(cls, stored: StoredEvent) -> AuditEntry:
        return cls(
            version=stored.version,
            type=stored.type,
            data=msgspec.to_builtins(stored.event),
            event_id=str(stored.event_id),
            occurred_at=stored.occurred_at,
            recorded_at=stored.recorded_at,
            principal=stored.metadata.principal,
            correlation_id=stored.metadata.correlation_id,
        )


class Instant(msgspec.Struct, rename="camel"):
    """Where a question led to. `version` is that of the last event that counts (0: none does yet)."""

    version: int
    occurred_at: datetime | None
    recorded_at: datetime | None
    settled: bool
    """The same question will be answered the same for ever."""

    @classmethod
    def of(cls, then: Then, settled: bool) -> Instant:
        return cls(then.version, then.occurred_at, then.recorded_at, settled)


class AggregateThen(msgspec.Struct, rename="camel"):
    """An aggregate's own state as of an instant. `streamVersion` is where the stream stands now.

    `settledUntil`: the same question with `as_known_at` of an earlier moment is answered the same for ever.
    """

    category: str
    id: str
    stream_version: int
    settled_until: datetime
    at: Instant
    state: Any


class EventsBetween(msgspec.Struct, rename="camel"):
    """Events that count at one of two instants and not at the other, in order. `next` is the `after` of the next page,
    null on the last."""

    category: str
    id: str
    stream_version: int
    events: list[AuditEntry]
    next: int | None


class AggregateDiff(
    msgspec.Struct,
    rename={"start": "from", "end": "to", "stream_version": "streamVersion", "settled_until": "settledUntil"},
):
    """What differs between two instants, and the first of the events in between. `next`: see EventsBetween."""

    category: str
    id: str
    stream_version: int
    settled_until: datetime
    start: Instant
    end: Instant
    differences: list[Difference]
    events: list[AuditEntry]
    next: int | None


def state_of(then: Then) -> Any:
    return builtins(then.state)
