"""`python -m relay.lanes_change N`: another number of lanes, once everything is published and nobody writes or relays.

Invariant: a row's lane is fixed when it is written, so at the moment of the change no row may be on its way. The
database refuses otherwise, and says what is still there. Afterwards start relays and apps; both read the new number.
"""

from __future__ import annotations

import asyncio
import sys

import asyncpg
from aiokafka.admin import AIOKafkaAdminClient, NewPartitions

from kernel.settings import Settings, SettingsError, read_settings
from relay.cursor import Cursor, Snapshot
from relay.database import open_pool, read_identity
from relay.lanes import MOST_LANES
from relay.topics import widths

NOW = "SELECT pg_current_xact_id() AS own, pg_current_snapshot() AS seen, coalesce(max(position), 0) AS position"
NEWEST = "SELECT cursor FROM relay_lanes WHERE cursor IS NOT NULL"
ADD = """
    INSERT INTO relay_lanes (lane, cursor, passed, position, epoch)
    SELECT lane, $2, $3, $4, $5 FROM generate_series(0, $1 - 1) AS lane
"""


class ChangeRefused(Exception):
    """The lanes stay as they are; the message says what is in the way."""


async def change_lanes(settings: Settings, lanes: int) -> None:
    """There are `lanes` lanes, each standing behind all that has been published. Raises ChangeRefused."""
    if not 1 <= lanes <= MOST_LANES:
        raise ChangeRefused(f"between 1 and {MOST_LANES} lanes: each is a producer and a transaction of its own")
    await _widen_cursor_topic(settings, lanes)
    async with open_pool(settings.postgres_dsn, 2) as pool:
        identity = await read_identity(pool)
        async with pool.acquire() as connection, connection.transaction():
            await connection.execute("SET LOCAL synchronous_commit = on")
            try:
                await connection.execute("SELECT outbox_lock_drained_v1()")
            except asyncpg.PostgresError as error:
                if error.sqlstate not in ("LS410", "55P03"):
                    raise
                raise ChangeRefused(str(error)) from error
            row = await connection.fetchrow(f"{NOW}, max(epoch) AS epoch FROM relay_lanes")
            assert row is not None
            numbers = [int(text["cursor"].split("|")[2]) for text in await connection.fetch(NEWEST)]
            # this transaction's own commit is the newest that the new cursors may rest on (see Snapshot.reaching)
            passed = Snapshot.of(row["seen"]).reaching(row["own"])
            number = max(numbers, default=0) + 1
            cursor = Cursor(identity=identity, number=number, passed=passed)
            await connection.execute("DELETE FROM relay_lanes")
            await connection.execute(ADD, lanes, cursor.encode(), passed.pg, row["position"], row["epoch"] + 1)


async def _widen_cursor_topic(settings: Settings, lanes: int) -> None:
    admin = AIOKafkaAdminClient(bootstrap_servers=settings.kafka_bootstrap, request_timeout_ms=5_000)
    try:
        await admin.start()
        if (await widths(admin)).get(settings.cursor_topic, lanes) < lanes:
            await admin.create_partitions({settings.cursor_topic: NewPartitions(lanes)})
    finally:
        await admin.close()


if __name__ == "__main__":
    try:
        given = read_settings()
        given.require("postgres_dsn", "kafka_bootstrap")
        asyncio.run(change_lanes(given, int(sys.argv[1])))
    except (ChangeRefused, SettingsError, IndexError, ValueError) as refusal:
        print(f"lanes_change: {refusal}", file=sys.stderr)
        raise SystemExit(1) from None
