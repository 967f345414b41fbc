"""Events as a domain declares them: stored events, published events, and the one table that names them on the wire.

Stored and published are never the same class: the stored event is ours to upcast for ever, the published one is a
public, versioned contract. Every stored event yields exactly one published event.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any, Generic, TypeVar
from uuid import UUID

import msgspec


class Event(msgspec.Struct, frozen=True, kw_only=True, rename="camel", forbid_unknown_fields=False):
    """A fact as it is stored. Fields are JSON scalars, lists and Structs; money is integers in minor units."""

    def occurred(self, recorded: datetime) -> datetime:
        """When it happened in the world: `recorded`, when we learnt it, unless the event says otherwise."""
        return recorded


class Published(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    """A fact as others read it on Kafka. Fields are added, never changed; a change of meaning is a new type."""


E = TypeVar("E", bound=Event)
P = TypeVar("P", bound=Published)

Upcaster = Callable[[dict[str, Any]], dict[str, Any]]
"""Turns the stored JSON of one schema version into that of the next; pure."""


class Metadata(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Who and what made an event: stored beside it, never inside it."""

    command_id: str
    principal: str
    correlation_id: str | None = None
    causation_id: str | None = None
    traceparent: str | None = None


class StoredEvent(msgspec.Struct, frozen=True, kw_only=True):
    """One row of the event store, decoded and upcast to today's class."""

    stream: str
    version: int
    event_id: UUID
    type: str
    event: Event
    metadata: Metadata
    occurred_at: datetime
    recorded_at: datetime
    position: int


class PublishedEvent(msgspec.Struct, Generic[P], frozen=True, kw_only=True):
    """One Kafka record, decoded: what a projection folds."""

    topic: str
    partition: int
    offset: int
    key: str
    stream: str
    version: int
    event_id: str
    type: str
    occurred_at: str
    """RFC 3339 in UTC with six digits of a second, so it sorts as text (MongoDB's dates keep only milliseconds)."""
    event: P


class EventSchema(msgspec.Struct, frozen=True, kw_only=True):
    """A domain's events: names on the wire, upcasters, and the mapping to published events.

    `types`: wire name → (class, its schema version today). `upcasters`: (wire name, schema version) → to the next one.
    `published`: published wire name → class. `publish`: (stream, stored event) → the one published event.
    """

    types: Mapping[str, tuple[type[Event], int]]
    upcasters: Mapping[tuple[str, int], Upcaster]
    published: Mapping[str, type[Published]]
    publish: Callable[[str, Any], Published]


def wire_time(moment: datetime) -> str:
    """RFC 3339 in UTC, always with six digits and Z. The argument must carry UTC."""
    return moment.isoformat(timespec="microseconds").removesuffix("+00:00") + "Z"
