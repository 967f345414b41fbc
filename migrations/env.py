"""Alembic's environment: one connection, as the schema's owner, each revision in a transaction of its own."""

from __future__ import annotations

import asyncio

from alembic import context
from sqlalchemy import Connection, text
from sqlalchemy.engine import make_url
from sqlalchemy.ext.asyncio import create_async_engine
from sqlalchemy.pool import NullPool


def upgrade(connection: Connection) -> None:
    connection.execute(text("SELECT pg_advisory_lock(5626)"))
    connection.execute(text("SET ROLE lockstep_owner"))
    connection.commit()
    context.configure(connection=connection, transaction_per_migration=True)
    with context.begin_transaction():
        context.run_migrations()


async def main() -> None:
    dsn = make_url(context.config.attributes["dsn"]).set(drivername="postgresql+asyncpg")
    engine = create_async_engine(dsn, poolclass=NullPool)
    async with engine.connect() as connection:
        await connection.run_sync(upgrade)
    await engine.dispose()


asyncio.run(main())
