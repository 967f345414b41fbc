"""The stored facts of a note. EVENT_TYPES names them on the wire: classes may be
renamed, history never."""

from kernel.events import Event, Upcaster


class NoteCreated(Event, frozen=True, kw_only=True):
    owner: str
    text: str


class NoteChanged(Event, frozen=True, kw_only=True):
    text: str


class NoteClosed(Event, frozen=True, kw_only=True):
    pass


NoteEvent = NoteCreated | NoteChanged | NoteClosed

EVENT_TYPES: dict[str, tuple[type[Event], int]] = {
    "NoteCreated": (NoteCreated, 1),
    "NoteChanged": (NoteChanged, 1),
    "NoteClosed": (NoteClosed, 1),
}
UPCASTERS: dict[tuple[str, int], Upcaster] = {}
