"""From decisions to a submission: events numbered, encoded, mapped to their published form, and placed.

Topic, partition and lane are fixed here, when the row is written, so nothing later can send one key to two places.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

import msgspec

from app.store.append import ClaimWrite, NewEvent, StreamWrite
from kernel.aggregate import Aggregate, Decision
from kernel.codec import Codec
from kernel.events import EventSchema, Metadata
from kernel.identifiers import uuid7
from kernel.partitioning import lane_of, partition_of


class Route(msgspec.Struct, frozen=True):
    """Where a domain's events go."""

    topic: str
    partitions: int
    lanes: int
    schema: EventSchema


class Encoder:
    """Encodes decisions for the domains that run here."""

    def __init__(self, codec: Codec, routes: Mapping[str, Route]) -> None:
        self._codec, self._routes = codec, routes
        self._json = msgspec.json.Encoder()

    def metadata(self, command_id: str, principal: str, correlation_id: str | None, traceparent: str | None) -> str:
        """The metadata of all of a command's events, as stored."""
        return self._json.encode(
            Metadata(
                command_id=command_id,
                principal=principal,
                correlation_id=correlation_id,
                causation_id=command_id,
                traceparent=traceparent,
            )
        ).decode()

    def headers(self, traceparent: str | None) -> str | None:
        """The further record headers of a command's events, as stored."""
        return None if traceparent is None else self._json.encode({"traceparent": traceparent}).decode()

    def stream(
        self,
        aggregate: Aggregate[Any],
        stream: str,
        state: Any,
        version: int,
        decision: Decision,
        now: datetime,
        metadata: str,
        headers: str | None,
    ) -> tuple[Any, StreamWrite, list[NewEvent], list[ClaimWrite]]:
        """(state after, the stream's write, its events, its claims) of one decision taken at `state` and `version`."""
        route = self._routes[aggregate.domain]
        events: list[NewEvent] = []
        after = version
        for event in decision.events:
            after += 1
            state = aggregate.evolve(state, event)
            kind, schema_version, data = self._codec.encode(event)
            published, payload = self._codec.encode_published(route.schema.publish(stream, event))
            key = aggregate.key(stream, state)
            partition = partition_of(key, route.partitions)
            events.append(
                NewEvent(
                    stream,
                    after,
                    uuid7(),
                    kind,
                    schema_version,
                    data.decode(),
                    metadata,
                    event.occurred(now),
                    lane_of(partition, route.lanes),
                    route.topic,
                    partition,
                    key,
                    published,
                    headers,
                    payload,
                )
            )
        claims = [ClaimWrite(claim.op, claim.scope, claim.value, claim.holder, stream) for claim in decision.claims]
        return state, StreamWrite(stream, aggregate.category, version, after), events, claims


def versions(writes: Sequence[StreamWrite]) -> list[tuple[str, int]]:
    """(stream, version after) of each write."""
    return [(write.stream, write.version) for write in writes]
