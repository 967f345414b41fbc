"""Connections to PostgreSQL. A connection that failed in any way but a plain SQL error is never used again."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import TypeAlias

import asyncpg

from app.store.errors import translated

Pool: TypeAlias = asyncpg.Pool
Connection: TypeAlias = asyncpg.pool.PoolConnectionProxy

ACQUIRE_SECONDS = 2.0


@asynccontextmanager
async def open_pool(dsn: str, size: int, application: str) -> AsyncIterator[Pool]:
    """A pool that exists for the block. It connects lazily: PostgreSQL may be down when a process starts."""
    pool = asyncpg.create_pool(
        dsn,
        min_size=0,
        max_size=size,
        timeout=ACQUIRE_SECONDS,
        command_timeout=10.0,
        reset=_keep,
        server_settings={"application_name": application, "jit": "off", "timezone": "UTC"},
    )
    async with pool:
        yield pool


async def _keep(_: asyncpg.Connection) -> None:
    """Between uses nothing is reset: no statement of ours leaves a lock, a cursor or a setting behind, and the pool's
    own reset is a second round trip for every append."""


@asynccontextmanager
async def connection_of(pool: Pool) -> AsyncIterator[Connection]:
    """A pooled connection. Errors leave as the store's own; one that is not a plain SQL error ends the connection."""
    try:
        connection = await pool.acquire(timeout=ACQUIRE_SECONDS)
    except BaseException as error:
        raise translated(error) from error
    try:
        yield connection
    except asyncpg.PostgresError as error:
        raise translated(error) from error
    except BaseException as error:
        connection.terminate()
        raise translated(error) from error
    finally:
        await pool.release(connection)
