"""A batch of events and the documents they need → what is different afterwards. Pure: no driver, no clock.

The version rule, per stream: the next version is applied, one that is not newer is skipped in all documents, one
further on waits (its stream is parked). An event that cannot be folded parks its stream; every other stream flows on.
"""

from __future__ import annotations

from collections.abc import Container, Iterable, Mapping
from typing import Any

from kernel.events import PublishedEvent
from kernel.projection import Document, Lookup, Projection, Ref
from projector.records import Fault, Received


class NotAllowed(Exception):
    """A fold returned what no projection may: its primary document deleted, or a document under another id."""


class Folded:
    """The outcome of a batch. `changes`: whole new documents, None to delete. `waiting`: events to park, with the fault
    of those that cannot be applied (None: it only queues behind an earlier one, or a version is missing before it)."""

    __slots__ = ("applied", "changes", "filled", "skipped", "waiting")

    def __init__(self) -> None:
        self.changes: dict[Ref, Document | None] = {}
        self.applied: list[Received] = []
        self.skipped = 0
        self.waiting: list[tuple[Received, Fault | None]] = []
        self.filled: set[str] = set()
        """Parked streams whose missing or failing version was applied: what queues behind it can be tried."""


class Need:
    """What the events of a batch ask for, gathered so that each collection is read once."""

    def __init__(self, projection: Projection, batch: Iterable[Received]) -> None:
        self.refs: set[Ref] = set()
        self.lookups: set[Lookup] = set()
        self.of: dict[int, tuple[Ref | Lookup, ...]] = {}
        for received in batch:
            self.refs.add(projection.primary_ref(received.stream))
            if received.event is None:
                continue
            try:
                wanted = tuple(projection.needs(received.event))
            except Exception as error:
                received.fault = Fault.of(error, received.type)
                continue
            if wanted:
                self.of[id(received)] = wanted
                for each in wanted:
                    if isinstance(each, Ref):
                        self.refs.add(each)
                    else:
                        self.lookups.add(each)


def fold_batch(
    projection: Projection,
    batch: Iterable[Received],
    need: Need,
    documents: Mapping[Ref, Document | None],
    found: Mapping[Lookup, set[Ref]],
    parked: Container[str],
) -> Folded:
    """Fold `batch` in order over `documents` (what was loaded; None: it does not exist)."""
    folded = Folded()
    view = _View(documents, found)
    held: set[str] = set()  # parked by this batch
    for received in batch:
        primary = projection.primary_ref(received.stream)
        current = view.get(primary)
        version: int = current["version"] if current is not None else 0
        if 0 < received.version <= version:
            folded.skipped += 1
        elif received.event is None or received.fault is not None:
            folded.waiting.append((received, received.fault))
            held.add(received.stream)
        elif received.version > version + 1:
            folded.waiting.append((received, None))
            held.add(received.stream)
        else:
            try:
                changes = _fold_one(projection, view, primary, received.event, need.of.get(id(received), ()))
            except Exception as error:
                folded.waiting.append((received, Fault.of(error, received.type)))
                held.add(received.stream)
                continue
            for ref, document in changes.items():
                view.put(ref, document)
            folded.applied.append(received)
            if received.stream in parked or received.stream in held:
                folded.filled.add(received.stream)
    folded.changes = view.changes
    return folded


def _fold_one(
    projection: Projection, view: _View, primary: Ref, event: PublishedEvent[Any], wanted: Iterable[Ref | Lookup]
) -> dict[Ref, Document | None]:
    """The changes of one event; the primary document is always among them, at the event's version."""
    current = view.get(primary)
    given: dict[Ref, Document] = {} if current is None else {primary: current}
    for each in wanted:
        for ref in (each,) if isinstance(each, Ref) else view.matching(each):
            document = view.get(ref)
            if document is not None:
                given[ref] = document
    changes = dict(projection.fold(given, event))
    after = changes.get(primary, current or {"_id": primary.id})
    if after is None:
        raise NotAllowed("a primary document is never deleted: mark it, its version is needed")
    for ref, document in changes.items():
        if document is not None and document.get("_id") != ref.id:
            raise NotAllowed(f"the document of {ref} has _id {document.get('_id')!r}")
    changes[primary] = {**after, "version": event.version}
    return changes


class _View:
    """The documents as the batch has left them so far."""

    def __init__(self, documents: Mapping[Ref, Document | None], found: Mapping[Lookup, set[Ref]]) -> None:
        self._documents = documents
        self._found = {lookup: set(refs) for lookup, refs in found.items()}
        self.changes: dict[Ref, Document | None] = {}

    def get(self, ref: Ref) -> Document | None:
        try:
            return self.changes[ref]
        except KeyError:
            return self._documents.get(ref)

    def put(self, ref: Ref, document: Document | None) -> None:
        self.changes[ref] = document
        if self._found and document is not None:
            for lookup, refs in self._found.items():
                if lookup.collection == ref.collection and document.get(lookup.field) == lookup.value:
                    refs.add(ref)

    def matching(self, lookup: Lookup) -> Iterable[Ref]:
        return sorted(self._found[lookup])
