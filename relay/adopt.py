"""`python -m relay.adopt --after-position P`: goes on in another PostgreSQL cluster, database or timeline.

For after a restore, or a failover that may have lost commits: transaction ids of before mean nothing there, so
somebody has to say which rows of the outbox Kafka has: all up to position P. Too small a P publishes events a second
time (our own projections skip those); too large a P leaves events out. No relay may run meanwhile.
"""

from __future__ import annotations

import argparse
import asyncio
import sys

from kernel.settings import Settings, SettingsError, read_settings
from relay.cursor import NOTHING, Cursor, Snapshot, decode_cursor
from relay.database import open_pool, read_identity
from relay.publisher import lane_publisher

OWNED = "SELECT count(*) FROM relay_lanes WHERE lease_until > clock_timestamp()"
STORE = "UPDATE relay_lanes SET cursor = $2, passed = NULL, epoch = epoch + 1 WHERE lane = $1"


class AdoptRefused(Exception):
    """Nothing was changed; the message says why."""


async def adopt(settings: Settings, after_position: int) -> list[int]:
    """Every lane stands behind `after_position` in the PostgreSQL of today. Returns the lanes. Raises AdoptRefused."""
    async with open_pool(settings.postgres_dsn, 2) as pool:
        if await pool.fetchval(OWNED):
            raise AdoptRefused("a relay still has a lane: stop all relays first")
        identity = await read_identity(pool)
        lanes = [row["lane"] for row in await pool.fetch("SELECT lane FROM relay_lanes ORDER BY lane")]
        until = Snapshot.of(await pool.fetchval("SELECT pg_current_snapshot()"))
        for lane in lanes:
            mirror = await pool.fetchval("SELECT cursor FROM relay_lanes WHERE lane = $1", lane)
            async with lane_publisher(settings, lane) as publisher:
                kept = [decode_cursor(text) for text in (await publisher.committed(), mirror) if text]
                number = max((cursor.number for cursor in kept), default=0) + 1
                cursor = Cursor(identity=identity, number=number, passed=NOTHING, until=until, last=after_position)
                await publisher.publish([], cursor.encode(), number)
            await pool.execute(STORE, lane, cursor.encode())
        return lanes


if __name__ == "__main__":
    parser = argparse.ArgumentParser(prog="python -m relay.adopt", description=__doc__)
    parser.add_argument("--after-position", type=int, required=True, help="the last position that Kafka has")
    arguments = parser.parse_args()
    try:
        given = read_settings()
        given.require("postgres_dsn", "kafka_bootstrap")
        print(f"lanes {asyncio.run(adopt(given, arguments.after_position))} go on after {arguments.after_position}")
    except (AdoptRefused, SettingsError) as refusal:
        print(f"adopt: {refusal}", file=sys.stderr)
        raise SystemExit(1) from None
