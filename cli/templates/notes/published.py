"""What the topic says to everyone: one published event for each that is stored. Fields
are added, never changed; another meaning is another type."""

from typing import assert_never

from kernel.events import Published

from notes import events


class NoteCreatedV1(Published, frozen=True, kw_only=True):
    id: str
    owner: str
    text: str


class NoteChangedV1(Published, frozen=True, kw_only=True):
    id: str
    text: str


class NoteClosedV1(Published, frozen=True, kw_only=True):
    id: str


PUBLISHED_TYPES: dict[str, type[Published]] = {
    "notes.NoteCreated.v1": NoteCreatedV1,
    "notes.NoteChanged.v1": NoteChangedV1,
    "notes.NoteClosed.v1": NoteClosedV1,
}


def publish(stream: str, event: events.NoteEvent) -> Published:
    id = stream.removeprefix("note-")
    match event:
        case events.NoteCreated(owner=owner, text=text):
            return NoteCreatedV1(id=id, owner=owner, text=text)
        case events.NoteChanged(text=text):
            return NoteChangedV1(id=id, text=text)
        case events.NoteClosed():
            return NoteClosedV1(id=id)
        case _:
            assert_never(event)
