"""The documents that stored events lead to, once they are published."""

from lockstep_testing.projections import MOMENT, Seen

from notes.events import NoteChanged, NoteClosed, NoteCreated, NoteEvent
from notes.published import publish
from notes.views import NOTES

CREATED = NoteCreated(owner="ann", text="milk")


def seen(*story: NoteEvent) -> Seen:
    return Seen(NOTES, "note-1", *(publish("note-1", event) for event in story))


def test_a_new_one_is_seen_as_it_was_written() -> None:
    expected = {"_id": "note-1", "id": "1", "owner": "ann", "text": "milk"}
    assert seen(CREATED).primary == expected | {"closed": False, "createdAt": MOMENT}


def test_a_change_and_the_closing_are_seen() -> None:
    found = seen(CREATED, NoteChanged(text="tea"), NoteClosed()).primary
    assert (found["text"], found["closed"]) == ("tea", True)
