"""Reading one stream to decide on, its snapshot, and stored answers: the hot path, on asyncpg."""

from __future__ import annotations

from typing import Any

import msgspec

from app.store.pool import Pool, connection_of
from kernel.aggregate import Aggregate
from kernel.codec import Codec

# One round trip: the snapshot, if there is one of today's schema, and the events after it. The archive is looked
# into only for a stream that has events there behind its snapshot: for all others that branch is never begun.
LOAD = """
    WITH snapshot AS MATERIALIZED (
        SELECT version, state FROM snapshots WHERE stream = $1 AND schema_version = $2
    )
    SELECT version, NULL AS type, NULL AS schema_version, state AS data FROM snapshot
    UNION ALL
    (SELECT version, type, schema_version, data FROM events_archive
     WHERE stream = $1 AND version > coalesce((SELECT version FROM snapshot), 0)
       AND (SELECT archived FROM streams WHERE stream = $1) > coalesce((SELECT version FROM snapshot), 0)
     ORDER BY version)
    UNION ALL
    (SELECT version, type, schema_version, data FROM events
     WHERE stream = $1 AND version > coalesce((SELECT version FROM snapshot), 0)
     ORDER BY version)
"""

SAVE_SNAPSHOT = """
    INSERT INTO snapshots (stream, version, schema_version, state) VALUES ($1, $2, $3, $4::text::jsonb)
    ON CONFLICT (stream) DO UPDATE
    SET version = excluded.version, schema_version = excluded.schema_version, state = excluded.state, taken_at = now()
    -- a slower process must not put an older state back
    WHERE (snapshots.schema_version, snapshots.version) < (excluded.schema_version, excluded.version)
"""

FIND_ANSWER = "SELECT request_hash, answer FROM commands WHERE principal = $1 AND key = $2"


class Loaded(msgspec.Struct, frozen=True):
    """A stream's state at a version (0 and the initial state: there is no such stream) and how it was come by."""

    state: Any
    version: int
    folded: int
    """Events folded since the snapshot, or since the beginning."""


async def load(pool: Pool, codec: Codec, aggregate: Aggregate[Any], stream: str) -> Loaded:
    """The stream folded as it now stands. Raises StoreUnavailable, or UnknownEvent for events newer than this code."""
    async with connection_of(pool) as connection:
        rows = await connection.fetch(LOAD, stream, aggregate.state_version)
    state, version, folded = aggregate.initial, 0, 0
    for version, kind, schema_version, data in rows:  # noqa: B007 - the last version is the stream's
        if kind is None:
            state = msgspec.json.decode(data, type=aggregate.state_type)
        else:
            state = aggregate.evolve(state, codec.decode(kind, schema_version, data))
            folded += 1
    return Loaded(state, version, folded)


async def save_snapshot(pool: Pool, aggregate: Aggregate[Any], stream: str, state: Any, version: int) -> None:
    """The snapshot is stored unless a newer one is."""
    body = msgspec.json.encode(state).decode()
    async with connection_of(pool) as connection:
        await connection.execute(SAVE_SNAPSHOT, stream, version, aggregate.state_version, body)


async def find_answer(pool: Pool, principal: str, key: str) -> tuple[bytes, str] | None:
    """(request hash, answer) stored under a key, or None. Raises StoreUnavailable."""
    async with connection_of(pool) as connection:
        row = await connection.fetchrow(FIND_ANSWER, principal, key)
    return None if row is None else (row["request_hash"], row["answer"])
