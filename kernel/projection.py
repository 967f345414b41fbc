"""The shape of a projection: for an event it names the documents it needs and returns them changed. Pure.

The machinery (projector/) loads them in one query a batch, folds in memory and writes them in one transaction with
the checkpoint. It alone keeps `version` on primary documents: a fold neither reads nor writes that field.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any, NamedTuple

import msgspec

from kernel.events import PublishedEvent

PROJECTIONS = "projector_projections"
"""The collection with one row a projection: what operators wish of it, and how far it has got."""

Document = dict[str, Any]
"""A MongoDB document: `_id` and JSON-like values (no dates: RFC 3339 text sorts and keeps microseconds)."""


class Ref(NamedTuple):
    """One document by id."""

    collection: str
    id: str


class Lookup(NamedTuple):
    """All documents of a collection whose indexed field, immutable once set, has this value."""

    collection: str
    field: str
    value: str


Documents = Mapping[Ref, Document]
"""What was asked for and exists, as it stands before the event; read only, a fold returns new dicts."""

Changes = Mapping[Ref, Document | None]
"""What is different after the event: the whole new document, or None to delete it."""


class Index(msgspec.Struct, frozen=True):
    """One index: [(field, 1 or -1), …]."""

    keys: tuple[tuple[str, int], ...]
    unique: bool = False


class Projection(msgspec.Struct, frozen=True, kw_only=True):
    """One projection. It has its own consumer group, checkpoints, lag, pause and parked streams.

    Every stream has one primary document (`_id` is the stream), which carries `version`: an event is applied if its
    version is the next, skipped in all documents if it is not newer, parked as a gap if further on. Primary documents
    stand in the collection `primary`, or in the one that `primaries` names for their category.
    Streams that another projection of the topic owns are left out by `categories`.
    """

    name: str
    domain: str
    categories: tuple[str, ...]
    primary: str
    primaries: Mapping[str, str] = {}
    """Category → its primary collection, where that is not `primary`."""
    collections: Mapping[str, tuple[Index, ...]]
    needs: Callable[[PublishedEvent[Any]], Iterable[Ref | Lookup]]
    """What beside the primary document the event needs; the primary document is always given."""
    fold: Callable[[Documents, PublishedEvent[Any]], Changes]
    owner: str | None = None
    """The field of primary documents, there from the first version and never changed, that says whose stream it is:
    its live changes are told to that person alone. None: to everyone who may read the domain."""

    def primary_of(self, category: str) -> str:
        """The collection that holds the primary documents of this category's streams."""
        return self.primaries.get(category, self.primary)

    def primary_ref(self, stream: str) -> Ref:
        """The primary document of a stream."""
        return Ref(self.primary_of(stream.partition("-")[0]), stream)

    @property
    def primary_collections(self) -> frozenset[str]:
        return frozenset(self.primary_of(category) for category in self.categories)
