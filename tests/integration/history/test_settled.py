"""What is called settled stays: nothing can come to be recorded before it any more."""

from __future__ import annotations

from datetime import datetime

import asyncpg
from sqlalchemy.engine import URL, make_url
from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine

from app.history.rows import Rows
from app.history.settled import settled_until
from app.store.append import APPEND, _arguments
from chaos.system import Ground
from lockstep_testing.facts import eventually
from tests.integration.store.submissions import submission


def dsn(ground: Ground, role: str, database: str) -> URL:
    url = ground.servers.postgres.dsn(database) if role == "owner" else ground.dsn(role, database)
    return make_url(url).set(drivername="postgresql+asyncpg")


async def test_an_append_under_way_is_not_settled(ground: Ground, database: str, engine: AsyncEngine) -> None:
    rows = Rows(engine)
    writer = await asyncpg.connect(ground.dsn("app", database))
    try:
        async with writer.transaction():
            await writer.fetch(APPEND, *_arguments([submission(("post-1", 0, 1))]))
            recorded: datetime = await writer.fetchval("SELECT recorded_at FROM events")

            async def a_second_has_passed() -> bool:
                return bool(await writer.fetchval("SELECT clock_timestamp() - $1 > interval '1.2 s'", recorded))

            await eventually(a_second_has_passed)
            assert await settled_until(rows) <= recorded
            for role, may_see in (("owner", True), ("reader", False)):
                asked = create_async_engine(dsn(ground, role, database))
                horizon = await settled_until(Rows(asked))
                await asked.dispose()
                assert (horizon <= recorded, horizon.year > 1970) == (True, may_see), role

        async def settled() -> bool:
            return await settled_until(rows) > recorded

        await eventually(settled)
    finally:
        await writer.close()
