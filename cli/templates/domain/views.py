"""What readers see of notes: the projection, its documents and folds. Pure.

`notes`  `_id` "note-<uuid>" (the stream), owner, text, closed, createdAt, and
         version, which the projector keeps
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from kernel.events import PublishedEvent
from kernel.projection import Changes, Documents, Index, Lookup, Projection, Ref

from notes import published


def needs(recorded: PublishedEvent[Any]) -> Iterable[Ref | Lookup]:
    return ()  # the stream's own document is always given


def fold(documents: Documents, recorded: PublishedEvent[Any]) -> Changes:
    """The documents after the event. A KeyError means that history does not allow it:
    the stream is parked, and the operator told."""
    ref = Ref("notes", recorded.stream)
    match recorded.event:
        case published.NoteCreatedV1(owner=owner, text=text):
            created = {"createdAt": recorded.occurred_at, "closed": False}
            return {ref: {"_id": ref.id, "owner": owner, "text": text, **created}}
        case published.NoteChangedV1(text=text):
            return {ref: {**documents[ref], "text": text}}
        case published.NoteClosedV1():
            return {ref: {**documents[ref], "closed": True}}
        case unknown:
            raise TypeError(f"notes have no fold for {type(unknown).__name__}")


PROJECTIONS = [
    Projection(
        name="notes",
        domain="notes",
        categories=("note",),
        primary="notes",
        # each index serves a finder: somebody's, newest first
        collections={"notes": (Index((("owner", 1), ("createdAt", -1), ("_id", -1))),)},
        needs=needs,
        fold=fold,
    )
]
