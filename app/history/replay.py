"""A stream as its readers would have seen it: the projection's own folds, run in memory over the stored events."""

from __future__ import annotations

from collections.abc import AsyncIterable
from typing import Any

import msgspec

from kernel.events import EventSchema, PublishedEvent, StoredEvent, wire_time
from kernel.projection import Document, Projection, Ref


class Replayed(msgspec.Struct, frozen=True):
    """Documents by reference, and the version they stand at (0: the stream did not exist then)."""

    documents: dict[Ref, Document]
    version: int
    occurred_at: str | None


async def replay(projection: Projection, schema: EventSchema, history: AsyncIterable[StoredEvent]) -> Replayed:
    """The documents that these events of one stream lead to."""
    documents: dict[Ref, Document] = {}
    version, occurred_at = 0, None
    async for stored in history:
        published: PublishedEvent[Any] = PublishedEvent(
            topic="",
            partition=0,
            offset=0,
            key=stored.stream,
            stream=stored.stream,
            version=stored.version,
            event_id=str(stored.event_id),
            type=stored.type,
            occurred_at=wire_time(stored.occurred_at),
            event=schema.publish(stored.stream, stored.event),
        )
        for ref, document in projection.fold(documents, published).items():
            if document is None:
                documents.pop(ref, None)
            else:
                documents[ref] = document
        version, occurred_at = stored.version, wire_time(stored.occurred_at)
    return Replayed(documents, version, occurred_at)
