"""flat: an append, and a relay's poll, cost the same however much is stored. One cluster, two databases, one filled far
beyond the other by plain SQL; both are measured in turns. Ratios are costs at the full one to costs at the small one.
"""

from __future__ import annotations

import asyncio
import statistics
import time
from pathlib import Path

import asyncpg

from bench.append import TOPICS, Appends
from bench.ground import Ground, open_ground
from bench.history import LANES
from bench.rounds import Result, alternate, result
from relay.cursor import Cursor, Identity, Snapshot
from relay.database import open_pool
from relay.outbox import Outbox
from stack.server import Progress

SMALL, SMALL_EVENTS = "small", 10_000
FULL = "full"
AT_MOST = 1.2
PAGE_ROWS, POLLS = 2_000, 400
AT_ONCE = 50_000

# Like what the API stores for new posts: the same tables, sizes and order, each stream with one event.
FILL = """
    WITH made AS MATERIALIZED (
        SELECT gen_random_uuid() AS post, uuidv7() AS event, nextval('log_position') AS position
        FROM generate_series(1, {count})
    ), command AS (
        INSERT INTO commands (principal, key, request_hash, answer)
        SELECT 'person-000001', post::text, '\\x00112233445566778899aabbccddeeff', repeat('a', 350) FROM made
    ), stream AS (
        INSERT INTO streams (stream, category, version) SELECT 'post-' || post, 'post', 1 FROM made
    ), stored AS (
        INSERT INTO events (stream, version, event_id, type, schema_version, data, metadata, occurred_at, position)
        SELECT 'post-' || post, 1, event, 'PostCreated', 1,
               jsonb_build_object('author', 'person-000001', 'message', repeat('m', 120), 'datePosted', now()),
               jsonb_build_object('principal', 'person-000001', 'commandId', event, 'traceparent', repeat('0', 55)),
               now(), position
        FROM made
    )
    INSERT INTO outbox (position, lane, topic, partition, key, stream, version, event_id, type, occurred_at,
                        headers, payload)
    SELECT position, (position % {lanes})::smallint, 'lockstep.posts', (position % 12)::smallint, 'post-' || post,
           'post-' || post, 1, event, 'PostCreatedV1', now(), NULL, convert_to(repeat('p', 260), 'UTF8')
    FROM made
"""


def bench_flat(data: Path | None, stored: int, seconds: float, rounds: int, progress: Progress) -> Result:
    with open_ground(data, progress, servers=("postgres",)) as ground:
        for database, events in ((SMALL, SMALL_EVENTS), (FULL, stored)):
            ground.make_database(database, topics=TOPICS)
            fill(ground, database, events, progress)
        polls = alternate(
            rounds,
            lambda _: poll_microseconds(ground, FULL),
            lambda _: poll_microseconds(ground, SMALL),
            progress,
            "us",
        )

        def appends(database: str, number: int) -> float:
            """Microseconds a command."""
            settings = {"LOCKSTEP_ROLE": "commands", "LOCKSTEP_POSTGRES_DSN": ground.dsn("app", database)}
            with ground.running("app", **settings) as app:
                side = Appends(ground, app, "posts", seconds, f"{database}-{number}-")
                side.warm()
                return 1e6 / side.run(number)

        measured = alternate(
            rounds, lambda number: appends(FULL, number), lambda number: appends(SMALL, number), progress, "us"
        )
        counts = {name: int(ground.sql("SELECT count(*) FROM events", name)) for name in (SMALL, FULL)}
    poll = result("poll", polls, unit="us", limit_is="", at_most=AT_MOST)
    return result(
        "flat",
        measured,
        unit="us a command",
        limit_is=f"the same with {SMALL_EVENTS:,} events stored before",
        at_most=AT_MOST,
        stored_before=stored,
        stored_after=counts,
        relay_poll_us=poll.value,
        relay_poll_small_us=poll.limit,
        relay_poll_ratio=poll.ratio,
        relay_poll_reached=poll.reached,
    )


def fill(ground: Ground, database: str, events: int, progress: Progress) -> None:
    """The database holds `events` events, their streams, commands and outbox rows, all seen by VACUUM."""
    done = 0
    while done < events:
        progress(f"filling {database}: {done:,} of {events:,} events")
        count = min(AT_ONCE, events - done)
        ground.sql(FILL.format(count=count, lanes=LANES), database)
        done += count
    ground.sql("VACUUM ANALYZE", database)


def poll_microseconds(ground: Ground, database: str) -> float:
    """The median time of a relay's look for new rows when there are none, behind all that are stored."""
    return asyncio.run(_poll(ground.dsn("relay", database)))


async def _poll(dsn: str) -> float:
    async with open_pool(dsn, 2) as pool:
        snapshot: asyncpg.Record = await pool.fetchval("SELECT pg_current_snapshot()")
        cursor = Cursor(identity=Identity(0, 0, 0), passed=Snapshot.of(snapshot))
        outbox = Outbox(pool, 0, PAGE_ROWS)
        times = []
        for _ in range(POLLS):
            began = time.perf_counter()
            page = await outbox.next_page(cursor)
            times.append(time.perf_counter() - began)
            assert page is None
        await outbox.close()
        return statistics.median(times) * 1e6
