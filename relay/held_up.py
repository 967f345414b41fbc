"""Says what waits, and who holds it up: the oldest open and prepared transactions, in every database of the cluster.

A writer that has not committed delays its own rows and nobody else's; any old snapshot keeps VACUUM from cleaning the
whole database. Neither is the relay's to end; an operator is told pid, application, database and age.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from kernel.telemetry import get_logger
from relay.metrics import Metrics

if TYPE_CHECKING:
    from relay.database import Pool

log = get_logger("relay.held_up")

WORTH_TELLING_SECONDS = 5.0

HOLDERS: Final = """
    (SELECT 'writer' AS by, pid, application_name AS application, datname AS database, usename AS account,
            extract(epoch FROM clock_timestamp() - xact_start)::float8 AS seconds
     FROM pg_stat_activity WHERE backend_xid IS NOT NULL ORDER BY xact_start LIMIT 1)
    UNION ALL
    (SELECT 'snapshot', pid, application_name, datname, usename,
            extract(epoch FROM clock_timestamp() - xact_start)::float8
     FROM pg_stat_activity WHERE backend_xmin IS NOT NULL AND backend_type = 'client backend'
     ORDER BY xact_start LIMIT 1)
    UNION ALL
    (SELECT 'prepared', NULL, gid, database, owner, extract(epoch FROM clock_timestamp() - prepared)::float8
     FROM pg_prepared_xacts ORDER BY prepared LIMIT 1)
"""
WAITING: Final = """
    SELECT outbox_depth_v1() AS depth,
           coalesce(max(extract(epoch FROM clock_timestamp() - o.recorded_at)), 0)::float8 AS age
    FROM relay_lanes l
    CROSS JOIN LATERAL (
        SELECT recorded_at FROM outbox
        WHERE lane = l.lane AND txid >= pg_snapshot_xmax(coalesce(l.passed, '1:1:'))
        ORDER BY txid LIMIT 1
    ) o
"""


class HeldUp:
    """Looks, measures and tells."""

    def __init__(self, pool: Pool, metrics: Metrics) -> None:
        self._pool = pool
        self._metrics = metrics
        self.depth = 0
        self.age_seconds = 0.0

    def report(self) -> dict[str, object]:
        """How far behind publishing is."""
        return {"lag": {"rows": self.depth, "seconds": round(self.age_seconds, 3)}}

    async def round(self) -> None:
        """Metrics say how much waits and how old the oldest holders are; whoever is old is named in the log."""
        waiting = await self._pool.fetchrow(WAITING)
        assert waiting is not None
        self.depth, self.age_seconds = waiting["depth"], waiting["age"]
        self._metrics.depth.set(self.depth)
        self._metrics.age.set(self.age_seconds)
        seconds = dict.fromkeys(("writer", "snapshot", "prepared"), 0.0)
        for row in await self._pool.fetch(HOLDERS):
            seconds[row["by"]] = row["seconds"] or 0.0
            if seconds[row["by"]] >= WORTH_TELLING_SECONDS:
                log.warning(
                    "held up by an open transaction",
                    by=row["by"], pid=row["pid"], application=row["application"], database=row["database"],
                    account=row["account"], age_seconds=round(seconds[row["by"]], 1),
                )  # fmt: skip
        for by, age in seconds.items():
            self._metrics.held_up.labels(by).set(age)
