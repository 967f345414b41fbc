"""What each command leads to, and what refuses it."""

from lockstep_testing.aggregates import Rules

from notes import note as rules
from notes.events import NoteChanged, NoteClosed, NoteCreated

given = Rules(rules.NOTE, rules.decide).given
CREATED = NoteCreated(owner="ann", text="milk")


def test_it_is_created_once() -> None:
    given().when(rules.Create("ann", "milk")).then(CREATED)
    given(CREATED).when(rules.Create("ann", "tea")).then_refused(rules.NotPossible)


def test_its_owner_changes_and_closes_it() -> None:
    given(CREATED).when(rules.Change("ann", "tea")).then(NoteChanged(text="tea"))
    given(CREATED).when(rules.Change("ann", "milk")).then()
    given(CREATED).when(rules.Change("bob", "tea")).then_refused(rules.NotFound)
    given(CREATED).when(rules.Close("ann")).then(NoteClosed())
    given(CREATED).when(rules.Close("bob")).then_refused(rules.NotFound)


def test_once_closed_it_stays_as_it_is() -> None:
    closed = given(CREATED, NoteClosed())
    closed.when(rules.Change("ann", "tea")).then_refused(rules.NotPossible)
    closed.when(rules.Close("ann")).then_refused(rules.NotPossible)


def test_blank_and_endless_texts_are_refused() -> None:
    for text in (" ", "x" * (rules.TEXT_LIMIT + 1)):
        given().when(rules.Create("ann", text)).then_refused(rules.BadText)
        given(CREATED).when(rules.Change("ann", text)).then_refused(rules.BadText)
