"""A database of the test's own, as migrated, without topics or processes."""

from __future__ import annotations

from collections.abc import AsyncIterator
from uuid import uuid4

import asyncpg
import pytest

from app.store.pool import Pool, open_pool
from chaos.system import TEMPLATE, Ground


@pytest.fixture
def database(ground: Ground) -> str:
    name = f"store-{uuid4().hex[:8]}"
    ground.servers.postgres.query(f'CREATE DATABASE "{name}" TEMPLATE {TEMPLATE} OWNER lockstep_owner')
    return name


@pytest.fixture
async def pool(ground: Ground, database: str) -> AsyncIterator[Pool]:
    """Connections as the app's own role."""
    async with open_pool(ground.dsn("app", database), 4, "test") as opened:
        yield opened


@pytest.fixture
async def owner(ground: Ground, database: str) -> AsyncIterator[asyncpg.Connection]:
    """A superuser's connection, to look at everything."""
    connection = await asyncpg.connect(ground.servers.postgres.dsn(database))
    yield connection
    await connection.close()
