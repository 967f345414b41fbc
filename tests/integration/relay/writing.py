"""Writers of outbox rows as the append makes them, with the order of their transactions in the test's hand."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, TypeAlias
from uuid import uuid4

import asyncpg

from chaos.system import System
from kernel.partitioning import lane_of, partition_of
from lockstep_testing.facts import eventually
from tests.system.raw import published_records

if TYPE_CHECKING:
    Connection: TypeAlias = asyncpg.Connection[asyncpg.Record]

INSERT = """
    INSERT INTO outbox (position, lane, topic, partition, key, stream, version, event_id, type, occurred_at,
                        headers, payload)
    VALUES (nextval('log_position'), $1, $2, $3, $4, $4, $5, $6, 'posts.PostLiked.v1', now(), $7, $8)
"""
MANY = """
    INSERT INTO outbox (position, lane, topic, partition, key, stream, version, event_id, type, occurred_at, payload)
    SELECT nextval('log_position'), n % 2, $1, n % 12, 'post-' || n, 'post-' || n, 1, gen_random_uuid(),
           'posts.PostLiked.v1', now(), '{}'
    FROM generate_series(1, $2) AS n
"""
HEADERS = '{"traceparent":"00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"}'


@asynccontextmanager
async def writer(system: System, database: str = "") -> AsyncIterator[Connection]:
    """A connection as the schema's owner would have it, closed with whatever it holds."""
    connection = await asyncpg.connect(system.servers.postgres.dsn(database or system.name))
    try:
        yield connection
    finally:
        connection.terminate()


async def write(connection: Connection, system: System, stream: str, version: int = 1) -> str:
    """One row; its event id."""
    partition, event_id = partition_of(stream, 12), uuid4()
    place = (lane_of(partition, 2), system.topic, partition)
    await connection.execute(INSERT, *place, stream, version, event_id, HEADERS, b'{"postId":"1"}')
    return str(event_id)


def new_stream() -> str:
    return f"post-{uuid4()}"


async def published(system: System, count: int, within: float = 15) -> dict[str, list[int]]:
    """Stream → versions in their order on Kafka, once there are `count` records; no event is there twice."""

    async def enough() -> dict[str, list[int]] | None:
        records = await published_records(system)
        assert max(Counter(record.event_id for record in records).values(), default=1) == 1, "an event was doubled"
        assert len(records) <= count, f"{len(records)} records, {count} were written"
        assert len(records) == count, f"{len(records)} of {count}"
        versions: defaultdict[str, list[int]] = defaultdict(list)
        for record in records:
            versions[record.stream].append(record.version)
        return versions or {"": []}

    found: dict[str, list[int]] = await eventually(enough, within=within, every=0.1)
    return found


async def lanes(system: System) -> dict[int, object]:
    """Lane → owner, of leases that hold."""
    rows = await system.sql("SELECT lane, owner FROM relay_lanes WHERE lease_until > clock_timestamp()")
    return {row["lane"]: row["owner"] for row in rows}
