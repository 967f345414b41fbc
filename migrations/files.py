"""Runs one file of migrations/sql, as the revision in hand."""

from __future__ import annotations

from pathlib import Path

from alembic import op
from sqlalchemy.util import await_only

SQL = Path(__file__).parent / "sql"


def run_file(name: str) -> None:
    """Every statement of sql/<name>.sql has run inside the revision's transaction."""
    bind = op.get_bind()
    bind.exec_driver_sql("SELECT 1")  # the driver begins its transaction with the first statement it is given
    connection = bind.connection.driver_connection
    assert connection is not None
    # straight to asyncpg: a file holds several statements, which a prepared one may not
    await_only(connection.execute((SQL / f"{name}.sql").read_text()))
