"""A stream as its readers would have seen it: the projection's own folds, run in memory over the stored events."""

from __future__ import annotations

from collections.abc import AsyncIterable
from typing import Any

import msgspec

from app.history.moments import moment
from app.history.reader import HistoryReader, Until
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


async def as_it_was(
    history: HistoryReader,
    projection: Projection,
    schema: EventSchema,
    stream: str,
    version: int | None,
    as_of: str | None,
    as_known_at: str | None,
) -> Document | None:
    """The stream's own document as it was then, with its version; None: it was not there. The times are a client's
    words: raises what `moment` does."""
    until = Until(version, moment("as_of", as_of), moment("as_known_at", as_known_at))
    then = await replay(projection, schema, history.all(stream, until))
    found = then.documents.get(projection.primary_ref(stream))
    return None if found is None else {**found, "version": then.version}
