"""Which values somebody's claims hold, a page at a time: what belongs to a person, read where it was claimed."""

from __future__ import annotations

from sqlalchemy import select
from sqlalchemy.exc import DBAPIError
from sqlalchemy.exc import TimeoutError as PoolTimeout
from sqlalchemy.ext.asyncio import AsyncEngine

from app.store.errors import StoreUnavailable
from app.store.tables import claims


class Claimed:
    """Reads claims through SQLAlchemy. Raises StoreUnavailable when PostgreSQL does not answer."""

    def __init__(self, engine: AsyncEngine) -> None:
        self._engine = engine

    async def values(self, scope: str, after: str, limit: int) -> list[str]:
        """Up to `limit` values of the scope above `after`, sorted byte by byte: along the primary key."""
        value = claims.c.value
        query = select(value).where(claims.c.scope == scope, value > after).order_by(value).limit(limit)
        try:
            async with self._engine.connect() as connection:
                return list((await connection.execute(query)).scalars())
        except (DBAPIError, PoolTimeout, OSError) as error:
            raise StoreUnavailable(str(type(error).__name__)) from error
