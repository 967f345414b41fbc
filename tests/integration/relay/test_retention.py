"""The outbox's partitions: never dropped before every lane has passed all of one, nor under somebody's feet."""

from __future__ import annotations

import asyncio
from functools import partial
from typing import TYPE_CHECKING

from chaos.system import System
from lockstep_testing.facts import eventually
from tests.integration.relay.writing import new_stream, published, write, writer

if TYPE_CHECKING:
    from tests.integration.relay.writing import Connection

FIRST = "outbox_000000000"


async def drop(system: System) -> str | None:
    dropped: str | None = (await system.sql("SELECT outbox_drop_passed_v1()", role="relay"))[0][0]
    return dropped


async def cross_the_boundary(connection: Connection, system: System) -> None:
    """Rows in the first partition, and the log goes on in the second."""
    for _ in range(10):
        await write(connection, system, new_stream())
    await connection.execute("SELECT setval('log_position', 1000000)")
    for _ in range(10):
        await write(connection, system, new_stream())


async def test_a_partition_somebody_still_writes_into_stays_until_that_is_published_too(system: System) -> None:
    async with writer(system) as connection, writer(system) as late:
        transaction = late.transaction()
        await transaction.start()
        await write(late, system, new_stream())
        await cross_the_boundary(connection, system)
        await system.start_all("relay")
        await published(system, 20)
        await eventually(lambda: mirrored(connection))
        assert await drop(system) is None, "somebody is still writing into it"
        await transaction.commit()
        await published(system, 21)

        async def dropped() -> bool:
            return await drop(system) == FIRST

        await eventually(dropped, every=0.1)
        assert await connection.fetchval("SELECT to_regclass('outbox_000000000')") is None
        await write(connection, system, new_stream())
        await published(system, 22)


async def test_a_row_for_a_dropped_partition_is_published_all_the_same(system: System) -> None:
    async with writer(system) as connection:
        await cross_the_boundary(connection, system)
        assert await drop(system) is None, "nothing is published yet"
        await system.start_all("relay")
        await published(system, 20)

        async def dropped() -> bool:
            return await drop(system) == FIRST

        await eventually(dropped, every=0.1)
        await connection.execute("SELECT setval('log_position', 500000)")  # whoever took a position and then slept
        await write(connection, system, new_stream())
        await connection.execute("SELECT setval('log_position', 1000100)")
        assert await connection.fetchval("SELECT count(*) FROM outbox_default") == 1
        await published(system, 21)

        async def emptied() -> bool:
            return await drop(system) == "outbox_default"

        await eventually(emptied, every=0.1)
        assert await connection.fetchval("SELECT count(*) FROM outbox_default") == 0


async def test_a_row_that_commits_while_the_drop_waits_for_its_lock_keeps_the_partition(system: System) -> None:
    await system.start_all("relay")
    async with writer(system) as connection, writer(system) as late:
        await cross_the_boundary(connection, system)
        await published(system, 20)
        await eventually(lambda: mirrored(connection))
        for attempt in range(5):
            transaction = late.transaction()
            await transaction.start()
            await connection.execute("SELECT setval('log_position', $1)", 500_000 + attempt)
            await write(late, system, new_stream())
            await connection.execute("SELECT setval('log_position', $1)", 1_000_100 + attempt)
            dropping = asyncio.ensure_future(drop(system))
            await eventually(partial(somebody_waits, connection, dropping), every=0.002)
            await transaction.commit()
            assert await dropping is None
            await published(system, 21 + attempt)


async def somebody_waits(connection: Connection, dropping: asyncio.Task[str | None]) -> bool:
    waiting = "SELECT EXISTS (SELECT FROM pg_locks WHERE NOT granted AND mode = 'AccessExclusiveLock')"
    return dropping.done() or bool(await connection.fetchval(waiting))


async def test_partitions_are_made_ahead_also_after_nobody_did_for_long(system: System) -> None:
    make = "SELECT outbox_make_partitions_v1(2, 1000000)"
    async with writer(system) as connection:
        await connection.execute("SELECT setval('log_position', 7500000)")
        await write(connection, system, new_stream())
        assert (await system.sql(make, role="relay"))[0][0] > 0
        await connection.execute("SELECT setval('log_position', 8000005)")
        await write(connection, system, new_stream())
        places = await connection.fetch("SELECT tableoid::regclass::text AS name FROM outbox ORDER BY position")
    assert [place["name"] for place in places] == ["outbox_default", "outbox_000000008"]


async def mirrored(connection: Connection) -> bool:
    return bool(await connection.fetchval("SELECT bool_and(cursor IS NOT NULL) FROM relay_lanes"))
