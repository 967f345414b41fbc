"""A database of the test's own, without topics or processes, and a history side's engine on it."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest
from sqlalchemy.engine import make_url
from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine

from chaos.system import Ground
from tests.integration.store.conftest import database, owner, pool

__all__ = ["database", "owner", "pool"]


@pytest.fixture
async def engine(ground: Ground, database: str) -> AsyncIterator[AsyncEngine]:
    """As the app's own role."""
    made = create_async_engine(make_url(ground.dsn("app", database)).set(drivername="postgresql+asyncpg"), pool_size=2)
    yield made
    await made.dispose()
