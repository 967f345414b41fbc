"""How much is stored and not yet published; from a cap on, commands are refused rather than the disk filled.

Looked at in the background, never by a command itself.
"""

from __future__ import annotations

import asyncio

import structlog

from app.commands.errors import BacklogFull
from app.store.errors import StoreUnavailable
from app.store.pool import Pool, connection_of

log = structlog.get_logger("backlog")

EVERY_SECONDS = 2.0


class Backlog:
    """The outbox's depth, as last seen."""

    def __init__(self, pool: Pool, cap: int) -> None:
        self._pool, self._cap = pool, cap
        self.depth = 0

    def check(self) -> None:
        """Raises BacklogFull when no more may be taken in."""
        if self.depth >= self._cap:
            raise BacklogFull(
                f"{self.depth} events wait to be published, the cap is {self._cap}: is the relay running?"
            )

    async def run(self, stop: asyncio.Event) -> None:
        while not stop.is_set():
            try:
                async with connection_of(self._pool) as connection:
                    self.depth = await connection.fetchval("SELECT outbox_depth_v1()")
            except StoreUnavailable as error:
                log.warning("backlog not seen", error=str(error))
            try:
                await asyncio.wait_for(stop.wait(), EVERY_SECONDS)
            except TimeoutError:
                continue
