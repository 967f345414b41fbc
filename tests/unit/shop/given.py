"""given(events).when(what a command decides).then(...): a domain test as one sentence."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from functools import reduce
from typing import Any, Self

from kernel.aggregate import Aggregate, Decision, DomainError
from kernel.events import Event

NOW = datetime(2023, 5, 28, 12, tzinfo=UTC)


class Given:
    """A stream of the aggregate with these events behind it."""

    def __init__(self, aggregate: Aggregate[Any], *events: Event) -> None:
        self.state = reduce(aggregate.evolve, events, aggregate.initial)
        self._decision: Decision | None = None
        self._error: DomainError | None = None

    def when(self, decide: Callable[[Any], Decision]) -> Self:
        try:
            self._decision = decide(self.state)
        except DomainError as error:
            self._error = error
        return self

    def then(self, *events: Event) -> Decision:
        """Exactly these events are the decision's."""
        assert self._error is None, self._error
        assert self._decision is not None
        assert self._decision.events == events
        return self._decision

    def then_refused(self, error: type[DomainError], **fields: Any) -> None:
        """This is why, and the fields say so."""
        assert type(self._error) is error, (self._error, self._decision)
        assert self._error.fields.items() >= fields.items(), self._error.fields


given = Given
