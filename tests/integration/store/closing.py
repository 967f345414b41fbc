"""Posts that were written, liked and removed, by the dozen, straight into the tables; what the archive did to them."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import asyncpg

from app.store.archive import Archived, archive_closed
from app.store.pool import Pool
from domains.posts.aggregates import AGGREGATES

WRITE = """
    WITH made AS MATERIALIZED (
        SELECT 'post-' || $1 || lpad(p::text, 5, '0') AS stream, v AS version
        FROM generate_series(1, $2::int) p, generate_series(1, $3::int) v
    ), stream AS (
        INSERT INTO streams (stream, category, version) SELECT stream, 'post', max(version) FROM made GROUP BY stream
    )
    INSERT INTO events (stream, version, event_id, type, schema_version, data, metadata, occurred_at, recorded_at,
                        position)
    SELECT stream, version, gen_random_uuid(),
           CASE version WHEN 1 THEN 'PostCreated' WHEN $3 THEN 'PostRemoved' ELSE 'PostLiked' END, 1,
           CASE version WHEN 1 THEN '{"author": "ann", "message": "m", "datePosted": "2026-01-01T00:00:00Z"}'
                        WHEN $3 THEN '{"username": "ann"}' ELSE '{"by": "bob"}' END::jsonb,
           '{"principal": "ann", "commandId": "c"}', now(), now() - interval '1 day', nextval('log_position')
    FROM made ORDER BY stream, version
"""

# Contiguous over both tables, each version once, the archive's before the others, and as many as the stream's row says.
BROKEN = """
    SELECT s.stream, s.version, s.archived, array_agg(e.version ORDER BY e.version) AS versions
    FROM streams s LEFT JOIN all_events e ON e.stream = s.stream
    GROUP BY s.stream, s.version, s.archived
    HAVING array_agg(e.version ORDER BY e.version) <> ARRAY(SELECT generate_series(1, s.version))
        OR s.archived <> (SELECT count(*) FROM events_archive a WHERE a.stream = s.stream AND a.version <= s.archived)
        OR EXISTS (SELECT FROM events_archive a WHERE a.stream = s.stream AND a.version > s.archived)
"""


async def write_removed_posts(owner: asyncpg.Connection, count: int, events: int = 3, prefix: str = "") -> None:
    """Posts `post-<prefix>00001` and on, each of so many events; nothing of them waits to be published."""
    await owner.execute(WRITE, prefix, count, events)


async def archive(pool: Pool, limit: int | None = None, **more: Any) -> Archived:
    """One run over everything that is closed, however young."""
    return await archive_closed(pool, AGGREGATES, more.pop("quiet_for", timedelta(0)), limit, **more)


async def everything(owner: asyncpg.Connection) -> list[asyncpg.Record]:
    """Every event of both tables, all columns."""
    return list(await owner.fetch("SELECT * FROM all_events ORDER BY stream, version"))


async def counts(owner: asyncpg.Connection) -> tuple[int, int]:
    """Events in (events, events_archive)."""
    row = await owner.fetchrow("SELECT (SELECT count(*) FROM events), (SELECT count(*) FROM events_archive)")
    return row[0], row[1]


async def assert_whole(owner: asyncpg.Connection) -> None:
    assert await owner.fetch(BROKEN) == []
