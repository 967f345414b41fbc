"""Up to when what we know is settled: no event that is still being stored can come to be recorded before that moment.

An event is recorded when the transaction that stores it begins (`recorded_at` defaults to now()) and shows once it has
committed. So a moment is settled when all transactions of the app's role that began before it have ended; PostgreSQL
tells when the oldest began. For an instant one may have begun and not be told yet, hence UNTOLD_SECONDS. The clock is
the database's; should it be set back, events may be recorded at moments that were called settled.
"""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import text

from app.history.rows import Rows

UNTOLD_SECONDS = 1
"""Far longer than a server process needs from taking a statement to telling that its transaction has begun."""

# A role that may not see when the app's transactions began knows nothing: then no moment is settled.
SETTLED = text(f"""
    SELECT CASE WHEN bool_or(query = '<insufficient privilege>') THEN timestamptz 'epoch'
                ELSE least(min(xact_start), now() - make_interval(secs => {UNTOLD_SECONDS})) END
    FROM pg_stat_activity
    WHERE datname = current_database() AND usename = 'lockstep_app' AND pid <> pg_backend_pid()
""")  # noqa: S608 - a constant


async def settled_until(rows: Rows) -> datetime:
    """Questions `as_known_at` an earlier moment than this are answered the same for ever. Raises StoreUnavailable."""
    found: datetime = (await rows.of(SETTLED))[0][0]
    return found
