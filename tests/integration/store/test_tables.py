"""The tables as SQLAlchemy sees them are those that the migrations made."""

from __future__ import annotations

import asyncpg
from sqlalchemy.dialects import postgresql

from app.store.tables import metadata

COLUMNS = """
    SELECT a.attname, format_type(a.atttypid, a.atttypmod)
    FROM pg_attribute a WHERE a.attrelid = $1::regclass AND a.attnum > 0 AND NOT a.attisdropped
"""


async def test_every_table_has_the_columns_that_the_database_has(owner: asyncpg.Connection) -> None:
    dialect = postgresql.dialect()  # type: ignore[no-untyped-call]
    for name, table in metadata.tables.items():
        there = {column: kind.upper() for column, kind in await owner.fetch(COLUMNS, name)}
        ours = {column.name: column.type.compile(dialect) for column in table.columns}
        assert ours == there, name
