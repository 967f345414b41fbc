"""The shape of an aggregate: state, evolve, and what a decision may hold. Pure; no clock, no uuid, no await.

A rule that must hold across streams, or over a set too large for a state (who liked this post), is a claim: one row
(scope, value) that one command takes, requires or releases in the same commit as its events.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Generic, Literal, TypeVar

import msgspec

from kernel.events import Event

S = TypeVar("S")


ClaimOp = Literal["take", "require", "release"]


class Claim(msgspec.Struct, frozen=True):
    """One claim operation of a decision.

    take: nobody holds (scope, value) yet, and afterwards `holder` does. require: `holder` holds it, and goes on to.
    release: `holder` held it, and afterwards nobody does.
    """

    op: ClaimOp
    scope: str
    value: str
    holder: str


ClaimRefusal = Literal["claim-taken", "claim-missing", "claim-foreign"]


class Decision(msgspec.Struct, frozen=True):
    """What a command leads to in one stream: new facts and claim operations, all or nothing.

    `if_refused` says what a claim that cannot be had means: an error to raise (called with claim-taken,
    claim-missing or claim-foreign, and the claim), or None: the command is accepted and changes nothing.
    """

    events: tuple[Event, ...] = ()
    claims: tuple[Claim, ...] = ()
    if_refused: Callable[[ClaimRefusal, Claim], DomainError] | None = None


class DomainError(Exception):
    """A rule refused the command. Subclasses are named for the condition and carry its data.

    `status` and `problem` are how HTTP says it (RFC 9457 type's last part); `headers`-like extras go in `fields`.
    """

    status = 422
    problem = "rule-broken"

    def __init__(self, detail: str, **fields: Any) -> None:
        super().__init__(detail)
        self.fields = fields


def own_stream(stream: str, state: Any) -> str:
    """The key of a stream that is ordered by itself."""
    return stream


class Aggregate(msgspec.Struct, Generic[S], frozen=True, kw_only=True):
    """A kind of stream: how its state is folded, named, keyed and snapshotted."""

    category: str
    """Streams are named `<category>-<id>`."""
    domain: str
    """Whose topic its events are published to."""
    initial: S
    evolve: Callable[[S, Any], S]
    state_type: type[S]
    state_version: int = 1
    """Raised when the state's shape or meaning changes: older snapshots are then ignored."""
    snapshot_every: int = 500
    closed_by: frozenset[str] = frozenset()
    """Names of event types (keys of EVENT_TYPES) after which the stream takes no further event."""
    key: Callable[[str, S], str] = own_stream
    """(stream, state after the event) → Kafka key; a parent's id where several streams must be ordered together. What
    the first event makes it, it is for ever: or the stream's events could overtake one another."""

    def stream(self, identifier: object) -> str:
        return f"{self.category}-{identifier}"
