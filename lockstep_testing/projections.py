"""The documents that a story leads to, as the projector would have them: `Seen(NOTES, stream, *published)`. No server.

A fold is given what its projection asked for and nothing more, so one that would miss a document in production misses
it here. What the projector refuses, and what it could not see (a fold that changes what it was given), fails the test.
"""

from __future__ import annotations

from collections.abc import Iterator
from copy import deepcopy
from typing import Any

from kernel.events import Published, PublishedEvent
from kernel.projection import Document, Lookup, Projection, Ref

MOMENT = "2023-05-28T12:00:00.000000Z"
"""When every event of a story happened."""


class Seen:
    """The documents after a story of one stream; `also` tells another stream's on top of it."""

    def __init__(self, projection: Projection, stream: str, *story: Published) -> None:
        self.documents: dict[Ref, Document] = {}
        self._projection, self._stream = projection, stream
        self._versions: dict[str, int] = {}
        self.also(stream, *story)

    def also(self, stream: str, *story: Published) -> Seen:
        """The same documents after these events of `stream`, too."""
        for event in story:
            self._versions[stream] = self._versions.get(stream, 0) + 1
            self._fold(_record(stream, self._versions[stream], event))
        return self

    @property
    def primary(self) -> Document:
        """The stream's own document, without the version that the projector keeps in it."""
        return self.documents[self._projection.primary_ref(self._stream)]

    def document(self, collection: str, identifier: str) -> Document:
        return self.documents[Ref(collection, identifier)]

    def all(self, collection: str) -> list[Document]:
        """Every document of the collection, by id."""
        return [self.documents[ref] for ref in sorted(self.documents) if ref.collection == collection]

    def _fold(self, recorded: PublishedEvent[Any]) -> None:
        primary = self._projection.primary_ref(recorded.stream)
        asked = {primary, *self._asked(recorded)}
        given = {ref: deepcopy(self.documents[ref]) for ref in asked if ref in self.documents}
        changes = self._projection.fold(given, recorded)
        for ref in given:
            assert given[ref] == self.documents[ref], f"the fold of {recorded.type} changed {ref} in place"
        for ref, document in changes.items():
            assert ref.collection in self._projection.collections, f"{ref} is in no collection of the projection"
            if document is None:
                assert ref != primary, "a primary document is never deleted: mark it, its version is needed"
                self.documents.pop(ref, None)
            else:
                assert document.get("_id") == ref.id, f"the document of {ref} has _id {document.get('_id')!r}"
                assert ref != primary or "version" not in document, "version is the projector's to keep"
                self.documents[ref] = deepcopy(document)

    def _asked(self, recorded: PublishedEvent[Any]) -> Iterator[Ref]:
        for each in self._projection.needs(recorded):
            if isinstance(each, Lookup):
                for ref, document in self.documents.items():
                    if ref.collection == each.collection and document.get(each.field) == each.value:
                        yield ref
            else:
                yield each


def _record(stream: str, version: int, event: Published) -> PublishedEvent[Any]:
    return PublishedEvent(
        topic="",
        partition=0,
        offset=version,
        key=stream,
        stream=stream,
        version=version,
        event_id=f"{stream}@{version}",
        type=type(event).__name__,
        occurred_at=MOMENT,
        event=event,
    )
