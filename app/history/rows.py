"""How the history side asks PostgreSQL: rows of a query, and every failure as StoreUnavailable."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy import Executable
from sqlalchemy.exc import DBAPIError
from sqlalchemy.exc import TimeoutError as PoolTimeout
from sqlalchemy.ext.asyncio import AsyncEngine

from app.store.errors import StoreUnavailable


class Rows:
    """Asks through one engine. Raises StoreUnavailable when PostgreSQL does not answer."""

    def __init__(self, engine: AsyncEngine) -> None:
        self._engine = engine

    async def of(self, query: Executable, parameters: dict[str, Any] | None = None) -> list[Any]:
        """All rows of a query that changes nothing."""
        try:
            async with self._engine.connect() as connection:
                return list((await connection.execute(query, parameters or {})).all())
        except (DBAPIError, PoolTimeout, OSError) as error:
            raise StoreUnavailable(str(type(error).__name__)) from error

    async def write(self, statement: Executable, rows: Sequence[dict[str, Any]]) -> None:
        """The statement was done for every row, in one transaction."""
        try:
            async with self._engine.begin() as connection:
                await connection.execute(statement, list(rows))
        except (DBAPIError, PoolTimeout, OSError) as error:
            raise StoreUnavailable(str(type(error).__name__)) from error
