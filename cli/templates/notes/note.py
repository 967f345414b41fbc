"""A note as its rules see it: state, evolve, what each command leads to. Pure."""

from typing import assert_never

import msgspec
from kernel.aggregate import Aggregate, Decision, DomainError

from notes import events

TEXT_LIMIT = 1_000


class Note(msgspec.Struct, frozen=True):
    owner: str = ""
    text: str = ""
    closed: bool = False


def evolve(note: Note, event: events.NoteEvent) -> Note:
    match event:
        case events.NoteCreated(owner=owner, text=text):
            return Note(owner=owner, text=text)
        case events.NoteChanged(text=text):
            return msgspec.structs.replace(note, text=text)
        case events.NoteClosed():
            return msgspec.structs.replace(note, closed=True)
        case _:
            assert_never(event)


NOTE = Aggregate(
    category="note",
    domain="notes",
    initial=Note(),
    evolve=evolve,
    state_type=Note,
    closed_by=frozenset({"NoteClosed"}),
)


class NotFound(DomainError):
    status, problem = 404, "not-found"


class NotPossible(DomainError):
    status, problem = 409, "not-possible"


class BadText(DomainError):
    status, problem = 422, "bad-text"


class Create(msgspec.Struct, frozen=True):
    by: str
    text: str


class Change(msgspec.Struct, frozen=True):
    by: str
    text: str


class Close(msgspec.Struct, frozen=True):
    by: str


Command = Create | Change | Close


def decide(note: Note, command: Command) -> Decision:
    """What the command leads to. Raises a DomainError where a rule refuses it."""
    if isinstance(command, Create):
        if note.owner:
            raise NotPossible("it exists already")
        return Decision((events.NoteCreated(owner=command.by, text=_text(command)),))
    if note.owner != command.by:
        raise NotFound("you have no such note")  # whether another has it is not told
    if note.closed:
        raise NotPossible("it is closed")
    match command:
        case Change(text=text) if text == note.text:
            return Decision()  # accepted, and nothing changes
        case Change():
            return Decision((events.NoteChanged(text=_text(command)),))
        case Close():
            return Decision((events.NoteClosed(),))
        case _:
            assert_never(command)


def _text(command: Create | Change) -> str:
    if not command.text.strip() or len(command.text) > TEXT_LIMIT:
        raise BadText(f"a text has 1 to {TEXT_LIMIT} characters", limit=TEXT_LIMIT)
    return command.text
