"""What readers see of notes: a document each, with id, owner, text, closed, createdAt,
and the projector's version. Pure."""

from typing import Any

from kernel.events import PublishedEvent
from kernel.projection import Changes, Document, Documents, Index, Projection, Ref

from notes import published


def fold(documents: Documents, recorded: PublishedEvent[Any]) -> Changes:
    """The document after the event. An error parks its stream, and is told."""
    ref = Ref("notes", recorded.stream)
    match recorded.event:
        case published.NoteCreatedV1(id=id, owner=owner, text=text):
            created: Document = {"_id": ref.id, "id": id, "owner": owner, "text": text}
            now = recorded.occurred_at
            return {ref: {**created, "closed": False, "createdAt": now}}
        case published.NoteChangedV1(text=text):
            return {ref: {**documents[ref], "text": text}}
        case published.NoteClosedV1():
            return {ref: {**documents[ref], "closed": True}}
        case unknown:
            raise TypeError(f"there is no fold for {type(unknown).__name__}")


NOTES = Projection(
    name="notes",
    domain="notes",
    categories=("note",),
    primary="notes",
    # the index serves the list: somebody's notes, newest first
    collections={"notes": (Index((("owner", 1), ("createdAt", -1), ("_id", -1))),)},
    fold=fold,
)
PROJECTIONS = [NOTES]
