"""given(events).when(command).then(...): a domain test as one sentence."""

from __future__ import annotations

from datetime import UTC, datetime
from functools import reduce
from typing import Self

from domains.posts.events import PostEvent
from domains.posts.post import Post, PostCommand, decide, evolve
from kernel.aggregate import Decision, DomainError
from kernel.events import Event

NOW = datetime(2023, 5, 28, 12, tzinfo=UTC)
POST_ID = "8d6c1c1e-8f0b-4c9f-9d63-0c7b9f6f2a10"


class Given:
    def __init__(self, *events: PostEvent) -> None:
        self._post = reduce(evolve, events, Post())
        self._decision: Decision | None = None
        self._error: DomainError | None = None

    def when(self, command: PostCommand) -> Self:
        try:
            self._decision = decide(self._post, command, POST_ID, NOW)
        except DomainError as error:
            self._error = error
        return self

    def then(self, *events: Event) -> Decision:
        """Exactly these events are the decision's."""
        assert self._error is None, self._error
        assert self._decision is not None
        assert self._decision.events == events
        return self._decision

    def then_refused(self, error: type[DomainError]) -> None:
        assert isinstance(self._error, error), (self._error, self._decision)


given = Given
