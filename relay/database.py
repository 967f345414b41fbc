"""The relay's connections to PostgreSQL, and which cluster, database and timeline they lead to.

Invariant: whatever the outbox holds, or held when a statement was prepared, its rows are found by index (lane, txid).
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, TypeAlias

import asyncpg

from relay.cursor import Identity

if TYPE_CHECKING:
    Pool: TypeAlias = asyncpg.Pool[asyncpg.Record]
    Connection: TypeAlias = asyncpg.pool.PoolConnectionProxy[asyncpg.Record]
    Record: TypeAlias = asyncpg.Record

SESSION = {
    "application_name": "lockstep relay",
    # There is one good plan. Left alone, PostgreSQL turns to a generic one after five executions, made from what the
    # table held then, and an idle poll walks the whole outbox.
    "plan_cache_mode": "force_generic_plan",
    "enable_seqscan": "off",
    "enable_bitmapscan": "off",
    "max_parallel_workers_per_gather": "0",  # starting workers took 12 ms of a read that takes 0.2
    "jit": "off",
    "work_mem": "64MB",  # a backlog is sorted by position, once
    "statement_timeout": "300s",  # and may take its time; what must be quick is given up on this side
    "idle_in_transaction_session_timeout": "15s",
    # Leases and mirrors may be lost in a crash: another epoch, or Kafka's own cursor, makes up for it. Takings wait.
    "synchronous_commit": "off",
}

IDENTITY = """
    SELECT s.system_identifier,
           (SELECT oid::bigint FROM pg_database WHERE datname = current_database()) AS database,
           -- the control file tells a new timeline only at the next checkpoint; the name of the log file at once
           ('x' || left(pg_walfile_name(pg_current_wal_lsn()), 8))::bit(32)::int AS timeline
    FROM pg_control_system() s
"""


POSTGRES_AWAY = (asyncpg.PostgresError, asyncpg.InterfaceError, asyncpg.InternalClientError, OSError, TimeoutError)
"""What the driver says when the server is gone; a kill in the midst of an answer leaves it in a state of its own."""


@asynccontextmanager
async def open_pool(dsn: str, size: int) -> AsyncIterator[Pool]:
    """A pool that connects when first used: PostgreSQL may be down now."""
    pool: Pool = asyncpg.create_pool(
        dsn, min_size=0, max_size=size, server_settings=SESSION, timeout=5, command_timeout=5,
        max_inactive_connection_lifetime=300,
    )  # fmt: skip
    await pool
    try:
        yield pool
    finally:
        try:
            await asyncio.wait_for(pool.close(), 1)
        except POSTGRES_AWAY:
            pool.terminate()


async def read_identity(pool: Pool) -> Identity:
    """Where this pool's transaction ids come from."""
    row = await pool.fetchrow(IDENTITY)
    assert row is not None
    return Identity(row["system_identifier"], row["database"], row["timeline"])
