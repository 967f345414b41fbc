"""archive: what closed streams cost the appends once they are archived. One cluster, two databases with the same open
streams; in one of them many times as much was written, closed and archived, batch after batch. Appends are measured in
turns; the hot table's size is stated after each batch, VACUUM done, beside that of the database that never had them.
"""

from __future__ import annotations

import asyncio
import time
from datetime import timedelta
from pathlib import Path

import msgspec

from app.store.archive import Archived, archive_closed
from app.store.pool import open_pool
from bench.append import TOPICS, Appends
from bench.flat import fill
from bench.ground import BenchFailed, Ground, open_ground
from bench.rounds import Result, alternate, result
from domains.posts.aggregates import AGGREGATES
from stack.server import Progress

PLAIN, ARCHIVED = "plain", "archived"
EVENTS_A_STREAM, BATCHES = 4, 4
CLOSED_TO_OPEN = 20
"""So many events of closed streams were written for each of an open one."""
AT_MOST, SIZE_AT_MOST = 1.2, 1.2
PUBLISHED = "UPDATE relay_lanes SET passed = pg_current_snapshot()"
SIZE = "SELECT pg_total_relation_size('events')"

CLOSED = """
    WITH made AS MATERIALIZED (
        SELECT 'post-' || gen_random_uuid() AS stream FROM generate_series(1, {streams})
    ), stream AS (
        INSERT INTO streams (stream, category, version) SELECT stream, 'post', {events} FROM made
    )
    INSERT INTO events (stream, version, event_id, type, schema_version, data, metadata, occurred_at, position)
    SELECT stream, v, uuidv7(),
           CASE v WHEN 1 THEN 'PostCreated' WHEN {events} THEN 'PostRemoved' ELSE 'PostLiked' END, 1,
           jsonb_build_object('author', 'person-000001', 'message', repeat('m', 120), 'by', 'x', 'username', 'x',
                              'datePosted', now()),
           jsonb_build_object('principal', 'person-000001', 'commandId', stream, 'traceparent', repeat('0', 55)),
           now(), nextval('log_position')
    FROM made, generate_series(1, {events}) v
"""


def bench_archive(data: Path | None, closed: int, seconds: float, rounds: int, progress: Progress) -> Result:
    """`closed` events of closed streams are archived in BATCHES batches."""
    with open_ground(data, progress, servers=("postgres",)) as ground:
        opened = closed // CLOSED_TO_OPEN
        for database in (PLAIN, ARCHIVED):
            ground.make_database(database, topics=TOPICS)
            fill(ground, database, opened, progress)
        streams = closed // BATCHES // EVENTS_A_STREAM
        batches = [one_batch(ground, number, streams, progress) for number in range(1, BATCHES + 1)]
        plain_size = int(ground.sql(SIZE, PLAIN))

        def appends(database: str, number: int) -> float:
            """Microseconds a command."""
            settings = {"LOCKSTEP_ROLE": "commands", "LOCKSTEP_POSTGRES_DSN": ground.dsn("app", database)}
            with ground.running("app", **settings) as app:
                side = Appends(ground, app, "posts", seconds, f"{database}-{number}-")
                side.warm()
                return 1e6 / side.run(number)

        measured = alternate(
            rounds, lambda number: appends(ARCHIVED, number), lambda number: appends(PLAIN, number), progress, "us"
        )
    flat = batches[-1].hot_bytes / batches[0].hot_bytes
    found = result(
        "archive",
        measured,
        unit="us a command",
        limit_is="the same where there never were closed streams",
        at_most=AT_MOST,
        open_events=opened,
        events_archived=sum(one.events for one in batches),
        archived_per_second=round(sum(one.events for one in batches) / sum(one.seconds for one in batches)),
        hot_bytes_never_closed=plain_size,
        hot_bytes_after_each_batch=[one.hot_bytes for one in batches],
        hot_last_to_first=round(flat, 3),
    )
    return msgspec.structs.replace(
        found, reach=f"{found.reach}, hot table last to first <= {SIZE_AT_MOST:g}",
        reached=bool(found.reached) and flat <= SIZE_AT_MOST,
    )  # fmt: skip


class Batch(msgspec.Struct, frozen=True):
    """One batch of closed streams, archived."""

    events: int
    seconds: float
    hot_bytes: int
    """The table of events and its index, after VACUUM."""


def one_batch(ground: Ground, number: int, streams: int, progress: Progress) -> Batch:
    """So many streams were written, closed and archived. Raises BenchFailed when not all of them were."""
    progress(f"archiving: batch {number} of {BATCHES}, {streams * EVENTS_A_STREAM:,} events")
    ground.sql(CLOSED.format(streams=streams, events=EVENTS_A_STREAM), ARCHIVED)
    ground.sql(PUBLISHED, ARCHIVED)
    began = time.perf_counter()
    moved = asyncio.run(archive(ground.dsn("app", ARCHIVED)))
    seconds = time.perf_counter() - began
    if moved.events != streams * EVENTS_A_STREAM:
        raise BenchFailed(f"{moved.events} of {streams * EVENTS_A_STREAM} events were archived")
    ground.sql("VACUUM ANALYZE events", ARCHIVED)
    ground.sql("VACUUM ANALYZE", ARCHIVED)
    return Batch(moved.events, seconds, int(ground.sql(SIZE, ARCHIVED)))


async def archive(dsn: str) -> Archived:
    async with open_pool(dsn, 1, "bench-archive") as pool:
        return await archive_closed(pool, AGGREGATES, timedelta(0))
