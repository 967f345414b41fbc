"""Reads a lane of the outbox behind a cursor: pages of rows, each with the cursor that stands after it.

A batch is the rows that snapshot B (now) sees and snapshot A (the cursor's) did not, found by index (lane, txid) and
ordered by position: a late commit comes as soon as it has committed, and nobody else's open transaction holds it up. A
batch larger than a page is sorted once, by a portal, and every page of it stays within the same (A, B). A stream's
versions are in order: version n+1 took its position after n had committed, so whatever sees n+1 sees n.
"""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Final

import msgspec

from relay.cursor import Cursor, Snapshot
from relay.database import POSTGRES_AWAY

if TYPE_CHECKING:
    from asyncpg.cursor import Cursor as Portal
    from asyncpg.transaction import Transaction

    from relay.database import Connection, Pool, Record

COLUMNS: Final = """
    position, txid, topic, partition, key, stream, version, event_id::text AS event_id, type,
    to_char(occurred_at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"') AS occurred_at,
    (extract(epoch FROM recorded_at) * 1000)::bigint AS recorded_ms,
    headers, payload
"""

# What is new: $2 is xmax(A); $4 are the ids A saw running. Everything the statement can see is in B. Rows are sorted
# as they are and formatted after that: formatting all of a backlog first doubled the time to its first page.
NEWEST: Final = f"""
    SELECT {COLUMNS}, (SELECT pg_current_snapshot()::text) AS snapshot,
           (SELECT (extract(epoch FROM clock_timestamp()) * 1000)::bigint) AS now_ms
    FROM (SELECT * FROM outbox WHERE lane = $1 AND txid >= $2
          ORDER BY position LIMIT $3) AS sorted
"""  # noqa: S608 constants of this module
NEWEST_AND_LATE: Final = f"""
    SELECT {COLUMNS}, (SELECT pg_current_snapshot()::text) AS snapshot,
           (SELECT (extract(epoch FROM clock_timestamp()) * 1000)::bigint) AS now_ms
    FROM (SELECT * FROM outbox WHERE lane = $1 AND txid >= $2
          UNION ALL SELECT * FROM outbox WHERE lane = $1 AND txid = ANY ($4)
          ORDER BY position LIMIT $3) AS sorted
"""  # noqa: S608

# The rest of a batch too large for a page: $3 is B, $4 the position reached in it.
REST: Final = f"""
    SELECT {COLUMNS}, (extract(epoch FROM clock_timestamp()) * 1000)::bigint AS now_ms
    FROM (SELECT * FROM (SELECT * FROM outbox WHERE lane = $1 AND txid >= $2
                         UNION ALL SELECT * FROM outbox WHERE lane = $1 AND txid = ANY ($5)) AS fresh
          WHERE pg_visible_in_snapshot(txid, $3) AND position > $4
          ORDER BY position) AS sorted
"""  # noqa: S608
NEWEST_COMMIT: Final = """
    SELECT txid FROM outbox WHERE lane = $1 AND txid >= $2 AND pg_visible_in_snapshot(txid, $3)
    ORDER BY txid DESC LIMIT 1
"""

SORT_SECONDS = 300.0
"""Sorting the largest backlog takes less."""
PORTAL_SECONDS = 5.0
"""A portal holds VACUUM up in the whole database, so it is not kept for longer than this, or than it took to open."""


class Page(msgspec.Struct, frozen=True):
    """Rows to publish together, in order."""

    rows: list[Record]
    cursor: Cursor
    """Where the lane stands once they are published."""
    read_at: float
    """Monotonic time just before they were read."""
    waited_seconds: float
    """How long the first row had been recorded by then, both by the database's clock."""

    @property
    def more(self) -> bool:
        """Whether the rest of the batch is known to wait."""
        return self.cursor.until is not None


class Outbox:
    """One lane's reader. Not shared: it holds the lane's portal."""

    def __init__(self, pool: Pool, lane: int, page_rows: int) -> None:
        self._pool = pool
        self._lane = lane
        self._page_rows = page_rows
        self._portal: _Portal | None = None

    async def next_page(self, cursor: Cursor) -> Page | None:
        """What comes after `cursor`, or None when nothing does now."""
        if cursor.until is not None:
            page = await self._rest_of_batch(cursor, cursor.until)
            if page.rows:
                return page
            cursor = page.cursor
        return await self._new_batch(cursor)

    async def close(self) -> None:
        """No connection and no snapshot is held."""
        if self._portal is not None:
            portal, self._portal = self._portal, None
            await portal.close()

    async def _new_batch(self, cursor: Cursor) -> Page | None:
        read_at = time.monotonic()
        passed, limit = cursor.passed, self._page_rows
        if passed.running:
            rows = await self._pool.fetch(
                NEWEST_AND_LATE, self._lane, passed.xmax, limit + 1, passed.running, timeout=SORT_SECONDS
            )
        else:
            rows = await self._pool.fetch(NEWEST, self._lane, passed.xmax, limit + 1, timeout=SORT_SECONDS)
        if not rows:
            return None
        until = _read_snapshot(rows[0]["snapshot"])
        if len(rows) <= limit:
            newest = max(passed.xmax - 1, max(row["txid"] for row in rows))
            return Page(rows, _after_batch(cursor, until.reaching(newest), len(rows)), read_at, _waited(rows))
        rows.pop()
        newest = await self._pool.fetchval(NEWEST_COMMIT, self._lane, passed.xmax, until.pg)
        until = until.reaching(max(passed.xmax - 1, newest or 0))
        return Page(rows, _within_batch(cursor, until, rows), read_at, _waited(rows))

    async def _rest_of_batch(self, cursor: Cursor, until: Snapshot) -> Page:
        read_at = time.monotonic()
        if self._portal is None or not self._portal.stands_at(cursor):
            await self.close()
            self._portal = await _Portal.open(self._pool, self._lane, cursor, until)
        try:
            rows = await self._portal.fetch(self._page_rows)
        except BaseException:
            await self.close()
            raise
        if len(rows) < self._page_rows:
            await self.close()
            return Page(rows, _after_batch(cursor, until, len(rows)), read_at, _waited(rows))
        return Page(rows, _within_batch(cursor, until, rows), read_at, _waited(rows))


class _Portal:
    """The rest of one batch, sorted once and fetched page by page."""

    def __init__(self, pool: Pool, connection: Connection, transaction: Transaction, cursor: Cursor) -> None:
        self._pool, self._connection, self._transaction = pool, connection, transaction
        self._passed, self._until, self._last = cursor.passed, cursor.until, cursor.last
        self._opening = time.monotonic()
        self._opened = self._opening
        self._portal: Portal[Record]

    @classmethod
    async def open(cls, pool: Pool, lane: int, cursor: Cursor, until: Snapshot) -> _Portal:
        connection = await pool.acquire()
        transaction = connection.transaction(readonly=True)
        portal = cls(pool, connection, transaction, cursor)
        try:
            await transaction.start()
            passed = cursor.passed
            portal._portal = await connection.cursor(
                REST, lane, passed.xmax, until.pg, cursor.last, passed.running, timeout=SORT_SECONDS
            )
        except BaseException:
            await portal.close()
            raise
        return portal

    def stands_at(self, cursor: Cursor) -> bool:
        """Whether the next fetch is what comes after `cursor`, and the portal has not been held for too long."""
        longest = max(PORTAL_SECONDS, 2 * (self._opened - self._opening))
        return (
            (self._passed, self._until, self._last) == (cursor.passed, cursor.until, cursor.last)
            and time.monotonic() - self._opened < longest
            and not self._connection.is_closed()
        )

    async def fetch(self, rows: int) -> list[Record]:
        page: list[Record] = await self._portal.fetch(rows, timeout=SORT_SECONDS)
        if self._opened == self._opening:
            self._opened = time.monotonic()  # the sort is paid with the first fetch
        if page:
            self._last = page[-1]["position"]
        return page

    async def close(self) -> None:
        try:
            await self._transaction.rollback()
        except POSTGRES_AWAY:
            self._connection.terminate()  # the server had ended it, or it never began
        finally:
            await self._pool.release(self._connection)


def _waited(rows: list[Record]) -> float:
    return max(0, rows[0]["now_ms"] - rows[0]["recorded_ms"]) / 1_000 if rows else 0.0


def _after_batch(cursor: Cursor, until: Snapshot, count: int) -> Cursor:
    return Cursor(identity=cursor.identity, number=cursor.number + count, passed=until)


def _within_batch(cursor: Cursor, until: Snapshot, rows: list[Record]) -> Cursor:
    number, last = cursor.number + len(rows), rows[-1]["position"]
    return Cursor(identity=cursor.identity, number=number, passed=cursor.passed, until=until, last=last)


def _read_snapshot(text: str) -> Snapshot:
    _, xmax, running = text.split(":")
    return Snapshot(int(xmax), tuple(int(xid) for xid in running.split(",")) if running else ())
