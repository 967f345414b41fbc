"""What clients did and were told: one entry a command, whatever number of attempts it took.

A command is recognised in the store by its correlation id, which its client chose and every attempt carried.
"""

from __future__ import annotations

from typing import Any, Literal
from uuid import UUID, uuid4

import msgspec


class Done(msgspec.Struct, kw_only=True):
    """One command. `unknown`: no definite answer ever came, so it may have been stored once or not at all."""

    principal: str
    method: str
    path: str
    body: dict[str, Any] | None
    key: str
    correlation: UUID = msgspec.field(default_factory=uuid4)
    may_change_nothing: bool = False
    """Liking what one likes already is accepted and stores nothing."""
    events: int = 1
    """How many it stores, over all streams: a transfer's are two."""
    outcome: Literal["acknowledged", "refused", "unknown"] = "unknown"
    status: int = 0
    versions: dict[str, int] = {}
    """Stream → version, as its token says."""
    answer: bytes = b""
    attempts: int = 0

    @property
    def version(self) -> int:
        """Of the first stream."""
        return next(iter(self.versions.values()))


class History:
    """Everything that was sent to one system."""

    def __init__(self) -> None:
        self.done: list[Done] = []

    def add(self, done: Done) -> Done:
        self.done.append(done)
        return done

    def of(self, outcome: str) -> list[Done]:
        return [done for done in self.done if done.outcome == outcome]

    @property
    def acknowledged(self) -> int:
        return len(self.of("acknowledged"))

    @property
    def retried(self) -> int:
        """Commands that needed more than one attempt."""
        return sum(done.attempts > 1 for done in self.done)
