"""The append: a batch of submissions becomes one call of append_v1, one transaction, one round trip.

An outcome per submission comes back: stored, or why not. Nothing of a refused submission is stored, and its refusal
harms no neighbour, save those that decided on the state it would have left.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any, Literal, NamedTuple

import msgspec

from app.store.pool import Pool, connection_of
from kernel.aggregate import ClaimOp

APPEND = "SELECT * FROM append_v1($1, $2, $3, $4)"


class NewEvent(NamedTuple):
    """An event and its outbox row, encoded: the fields of append_event, in its order."""

    stream: str
    version: int
    event_id: str
    type: str
    schema_version: int
    data: str
    metadata: str
    occurred_at: datetime
    lane: int
    topic: str
    partition: int
    key: str
    published_type: str
    headers: str | None
    payload: bytes


class StreamWrite(NamedTuple):
    """What a command does to one stream: it stood at `expected` (0: did not exist) and will stand at `version`."""

    stream: str
    category: str
    expected: int
    version: int


class ClaimWrite(NamedTuple):
    op: ClaimOp
    scope: str
    value: str
    holder: str
    stream: str


class Submission(msgspec.Struct, frozen=True):
    """One command, decided: everything that its commit stores."""

    principal: str
    key: str
    request_hash: bytes
    answer: str
    writes: tuple[StreamWrite, ...]
    claims: tuple[ClaimWrite, ...]
    events: tuple[NewEvent, ...]


class Outcome(msgspec.Struct, frozen=True):
    """What became of a submission.

    stored: committed. replayed: its key was stored before with the same request; `answer` is the first answer.
    key-reused: its key belongs to another request. conflict: a stream stands at `actual`. claim-*: `claim`, the first
    of its claims that could not be had (taken already, held by nobody, held by another). redecide: one it was decided
    upon was refused.
    """

    kind: Literal[
        "stored", "replayed", "key-reused", "conflict", "claim-taken", "claim-missing", "claim-foreign", "redecide"
    ]
    actual: int | None = None
    answer: str | None = None
    claim: ClaimWrite | None = None


STORED = Outcome("stored")
REDECIDE = Outcome("redecide")


async def append(pool: Pool, batch: Sequence[Submission], timeout: float) -> list[Outcome]:
    """Each submission's outcome, durable.

    Raises RaceLost (nothing stored, ask again one by one), or StoreUnavailable (unknown: ask again with the same keys,
    which then say whether it had been stored).
    """
    arguments = _arguments(batch)
    outcomes = [STORED] * len(batch)
    async with connection_of(pool) as connection:
        rows = await connection.fetch(APPEND, *arguments, timeout=timeout)
    for command, kind, actual, answer in rows:
        if kind.startswith("claim-"):
            claims = [claim for one in batch for claim in one.claims]
            outcomes[command - 1] = Outcome(kind, claim=claims[actual - 1])
        else:
            outcomes[command - 1] = Outcome(kind, actual, answer)
    return outcomes


def _arguments(batch: Sequence[Submission]) -> list[list[tuple[Any, ...]]]:
    """The four tables of append_v1. Tuples travel as rows: column by column cost twice the time in the driver."""
    numbered = list(enumerate(batch, 1))
    return [
        [(one.principal, one.key, one.request_hash, one.answer) for one in batch],
        [(number, *write) for number, one in numbered for write in one.writes],
        [(number, *claim) for number, one in numbered for claim in one.claims],
        [(number, *event) for number, one in numbered for event in one.events],
    ]
