"""Forgets the answers of Idempotency-Keys that no client can still be retrying."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta

import structlog

from app.store.errors import StoreUnavailable
from app.store.pool import Pool, connection_of

log = structlog.get_logger("janitor")

EVERY_SECONDS = 60.0
AT_ONCE = 5_000

PURGE_ANSWERS = """
    DELETE FROM commands
    WHERE ctid = ANY (ARRAY(
        SELECT ctid FROM commands WHERE answered_at < $1
        -- two janitors at once must not wait for, or deadlock on, each other
        FOR UPDATE SKIP LOCKED LIMIT $2))
"""


class Janitor:
    """Purges in small steps, as often as there is something to purge."""

    def __init__(self, pool: Pool, kept_hours: float) -> None:
        self._pool, self._kept = pool, timedelta(hours=kept_hours)

    async def purge(self) -> int:
        """How many answers were forgotten, at most AT_ONCE."""
        async with connection_of(self._pool) as connection:
            done = await connection.execute(PURGE_ANSWERS, datetime.now(UTC) - self._kept, AT_ONCE)
        return int(done.rpartition(" ")[2])

    async def run(self, stop: asyncio.Event) -> None:
        while not stop.is_set():
            try:
                if await self.purge() == AT_ONCE:
                    continue
            except StoreUnavailable as error:
                log.warning("answers not purged", error=str(error))
            try:
                await asyncio.wait_for(stop.wait(), EVERY_SECONDS)
            except TimeoutError:
                continue
