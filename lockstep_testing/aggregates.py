"""given(events).when(command).then(events): a test of an aggregate's rules as one sentence. No server, no clock.

A test gives `Rules` its aggregate and how it decides; a domain's time and ids are arguments, so the test fixes them.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import reduce
from typing import Generic, TypeVar

from kernel.aggregate import Aggregate, Decision, DomainError
from kernel.events import Event

S = TypeVar("S")
C = TypeVar("C")
R = TypeVar("R", bound=DomainError)


class Rules(Generic[S, C]):
    """The rules of one aggregate: `given = Rules(NOTE, decide).given`."""

    def __init__(self, aggregate: Aggregate[S], decide: Callable[[S, C], Decision]) -> None:
        self._aggregate, self._decide = aggregate, decide

    def given(self, *events: Event) -> Given[S, C]:
        """A stream in which this has happened; nothing: it does not exist."""
        return Given(reduce(self._aggregate.evolve, events, self._aggregate.initial), self._decide)


class Given(Generic[S, C]):
    """What stands before the command; `state` is the fold of the events."""

    def __init__(self, state: S, decide: Callable[[S, C], Decision]) -> None:
        self.state, self._decide = state, decide

    def when(self, command: C) -> Outcome:
        """The command has been decided."""
        try:
            return Outcome(self._decide(self.state, command), None)
        except DomainError as error:
            return Outcome(None, error)


class Outcome:
    """What a command led to: a decision, or the rule's refusal. Any other exception is the test's failure."""

    def __init__(self, decision: Decision | None, refusal: DomainError | None) -> None:
        self._decision, self._refusal = decision, refusal

    def then(self, *events: Event) -> Decision:
        """Exactly these events are the decision's, in this order (none: accepted, and nothing changes); its claims are
        the caller's to look at."""
        assert self._decision is not None, f"refused: {self._refusal!r}"
        assert self._decision.events == events
        return self._decision

    def then_refused(self, error: type[R]) -> R:
        """A rule refused the command with this error, whose fields are the caller's to look at."""
        assert isinstance(self._refusal, error), f"not refused so, but: {self._refusal or self._decision!r}"
        return self._refusal
