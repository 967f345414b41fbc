"""Whether everything has caught up: every event published and confirmed, each document at its last version."""

from __future__ import annotations

import asyncio
import time
from typing import Any

import asyncpg
from pymongo import AsyncMongoClient
from pymongo.errors import PyMongoError

from chaos.system import System
from checker.folds import PRIMARY

STORED = "SELECT count(*) AS streams, coalesce(sum(version), 0)::bigint AS versions FROM streams"
PUBLISHED = (
    "SELECT coalesce(sum((regexp_match(cursor, '^1\\|[^|]*\\|(\\d+)\\|'))[1]::bigint), 0)::bigint FROM relay_lanes"
)
UNCONFIRMED = """
    SELECT count(*) FROM outbox o JOIN relay_lanes l ON l.lane = o.lane
    WHERE l.passed IS NULL OR NOT pg_visible_in_snapshot(o.txid, l.passed)
"""
EVERY_SECONDS = 0.3


async def published(system: System) -> int:
    """How many records the lanes' cursors have counted, as far as their mirror tells."""
    return int((await system.sql(PUBLISHED))[0][0])


async def caught_up(system: System, within: float) -> int | None:
    """The moment (monotonic ns) it was first seen that nothing lags; None if that was not within the time."""
    deadline = time.monotonic() + within
    while True:
        if await nothing_lags(system):
            return time.monotonic_ns()
        if time.monotonic() > deadline:
            return None
        await asyncio.sleep(EVERY_SECONDS)


async def nothing_lags(system: System) -> bool:
    try:
        row = (await system.sql(STORED))[0]
        if await projected(system) != (row["streams"], row["versions"]):
            return False
        return int((await system.sql(UNCONFIRMED))[0][0]) == 0
    except (OSError, asyncpg.PostgresError, asyncpg.InterfaceError, PyMongoError):
        return False


async def projected(system: System) -> tuple[int, int]:
    """How many primary documents there are, and the sum of their versions."""
    count = versions = 0
    pipeline: list[dict[str, Any]] = [{"$group": {"_id": None, "n": {"$sum": 1}, "versions": {"$sum": "$version"}}}]
    async with AsyncMongoClient[dict[str, Any]](system.servers.mongo.uri, serverSelectionTimeoutMS=2_000) as client:
        for collection in set(PRIMARY.values()):
            cursor = await client[system.name][collection].aggregate(pipeline)
            async for row in cursor:
                count, versions = count + row["n"], versions + row["versions"]
    return count, versions
