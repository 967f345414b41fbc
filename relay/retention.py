"""Keeps the outbox's partitions: made ahead of writers, dropped behind the slowest lane. Every relay tries, one does.

What may be dropped is decided in the database, by the lanes' confirmed cursors and under a lock; never by time.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from kernel.telemetry import get_logger
from relay.metrics import Metrics

if TYPE_CHECKING:
    from relay.database import Pool

log = get_logger("relay.retention")

PARTITION_POSITIONS = 1_000_000
PARTITIONS_AHEAD = 4
"""At ten thousand events a second a partition lasts 100 s, and these six minutes."""

_ROUND_SECONDS = 30.0

MAKE = "SELECT outbox_make_partitions_v1($1, $2)"
DROP = "SELECT outbox_drop_passed_v1()"


class Retention:
    """One round now and then."""

    def __init__(
        self, pool: Pool, metrics: Metrics, *, size: int = PARTITION_POSITIONS, ahead: int = PARTITIONS_AHEAD
    ) -> None:
        self._pool = pool
        self._metrics = metrics
        self._size = size
        self._ahead = ahead

    async def round(self) -> None:
        """There are partitions ahead, and none that every lane has passed."""
        if made := await self._pool.fetchval(MAKE, self._ahead, self._size, timeout=_ROUND_SECONDS):
            log.info("outbox partitions made", count=made)
        while name := await self._pool.fetchval(DROP, timeout=_ROUND_SECONDS):
            self._metrics.partitions_dropped.inc()
            log.info("outbox partition dropped, all of it is published", partition=name)
