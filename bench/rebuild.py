"""rebuild: stored events folded into documents anew, replayed by one relay and projected by one projector, while 200
commands a second go on being answered and shown.

From the request until the rebuild has caught up with history; the live path meanwhile is timed as in `bench path`, from
the answer to the document. The stored events are written by plain SQL, in the shape that the API stores.
"""

from __future__ import annotations

import subprocess
import sys
import threading
import time
from pathlib import Path
from typing import Any
from uuid import uuid4

import msgspec
from pymongo import MongoClient

from bench.generator import Load, Report
from bench.ground import BenchFailed, Ground, generate, open_ground
from bench.history import PARTITIONS, TOPIC
from bench.observer import Observing, Seen
from bench.path import judge, read_answers
from bench.rounds import Result, Round
from bench.workloads import Work, subjects
from domains.posts.views import POSTS
from kernel.projection import GENERATIONS, collection_name
from stack.server import Progress
from stack.topology import DATABASE

LIMIT_SECONDS = 90.0
"""For a million events on two cores."""
LIVE_RATE, LIVE_LAG_MS = 200.0, 2_000.0
LOAD_SECONDS = 60.0
A_POST = 5
"""Events of each post: it is written, liked three times and commented on."""
AT_ONCE = 50_000
PATIENCE_SECONDS = 600.0

FILL = """
    WITH made AS MATERIALIZED (
        SELECT n, gen_random_uuid() AS post FROM generate_series(1, {count}) AS n
    ), stream AS (
        INSERT INTO streams (stream, category, version) SELECT 'post-' || post, 'post', {a_post} FROM made
    ), fact AS MATERIALIZED (
        SELECT post, version, nextval('log_position') AS position
        FROM made CROSS JOIN generate_series(1, {a_post}) AS version ORDER BY n, version
    )
    INSERT INTO events (stream, version, event_id, type, schema_version, data, metadata, occurred_at, position)
    SELECT 'post-' || post, version, uuidv7(),
           CASE WHEN version = 1 THEN 'PostCreated' WHEN version < {a_post} THEN 'PostLiked' ELSE 'CommentAdded' END, 1,
           CASE WHEN version = 1
                THEN jsonb_build_object('author', 'person-000001', 'message', repeat('m', 120), 'datePosted', now())
                WHEN version < {a_post} THEN jsonb_build_object('by', 'liker-' || version)
                ELSE jsonb_build_object('commentId', gen_random_uuid(), 'comment', repeat('c', 60),
                                        'username', 'person-000002', 'commentDate', now()) END,
           jsonb_build_object('principal', 'person-000001', 'command_id', gen_random_uuid()), now(), position
    FROM fact
"""
REQUEST = """
    INSERT INTO rebuilds (id, projection, generation, requested_by, switch)
    VALUES ('{id}', 'posts', 2, 'bench', false)
"""


def bench_rebuild(data: Path | None, events: int, progress: Progress) -> Result:
    with open_ground(data, progress) as ground:
        ground.make_database()
        fill(ground, events, progress)
        with ground.running("app") as app, ground.running("relay"), ground.running("projector"):
            figures = measure(ground, app.port, events, progress)
    limit = LIMIT_SECONDS * events / 1_000_000
    seconds = figures["seconds"]
    reached = seconds <= limit and figures["live_max_ms"] <= LIVE_LAG_MS and not figures["live_lost"]
    return Result(
        bench="rebuild", value=seconds, unit="s", limit=round(limit, 1), ratio=round(seconds / limit, 3), rounds=1,
        limit_is=f"{LIMIT_SECONDS:.0f} s for a million events; the live lag: {LIVE_LAG_MS / 1_000:g} s",
        reach=f"<= {limit:.0f} s, live lag <= {LIVE_LAG_MS / 1_000:g} s", reached=reached,
        measured=[Round(seconds, limit)], details=figures,
    )  # fmt: skip


def fill(ground: Ground, events: int, progress: Progress) -> None:
    """The event store holds so many events of posts, as old as they come; nothing of them is in Kafka or MongoDB."""
    done = 0
    while done < events:
        progress(f"filling: {done:,} of {events:,} events")
        count = min(AT_ONCE, events - done)
        ground.sql(FILL.format(count=count // A_POST, a_post=A_POST))
        done += count
    ground.sql("ANALYZE events")


def measure(ground: Ground, port: int, events: int, progress: Progress) -> dict[str, Any]:
    """One rebuild under the live load."""
    uri = ground.servers.mongo.uri
    answers, seen = ground.servers.data_dir / "answers", ground.servers.data_dir / "seen"
    observer = _observe(ground, seen)
    work = Work(kind="posts", run="rebuild", tokens=ground.tokens(list(subjects(200))), posts=0)
    load = Load(
        host="127.0.0.1", port=port, work=work, connections=16, seconds=LOAD_SECONDS, warm_seconds=2, rate=LIVE_RATE,
        record=str(answers),
    )  # fmt: skip
    reports: list[Report] = []
    loading = threading.Thread(target=lambda: reports.append(generate(load)))
    with MongoClient[dict[str, Any]](uri) as client:
        models = client[DATABASE]
        loading.start()
        time.sleep(4)  # the load runs warm
        began = time.monotonic()
        ground.sql(REQUEST.format(id=uuid4()))
        while (models[GENERATIONS].find_one({"_id": "posts"}) or {}).get("building", {}).get("phase") != "following":
            if time.monotonic() - began > PATIENCE_SECONDS:
                raise BenchFailed(f"not caught up within {PATIENCE_SECONDS:.0f} s")
            count = models[collection_name("posts", 2)].estimated_document_count()
            progress(f"rebuilding: {count * A_POST:,} of {events:,} events")
            time.sleep(0.25)
        seconds = round(time.monotonic() - began, 2)
        loading.join()
        time.sleep(2)
        observer.communicate(timeout=60)
        posts = models[collection_name("posts", 2)].count_documents({"likes": A_POST - 2, "commentCount": 1})
    if posts != events // A_POST:
        raise BenchFailed(f"{posts:,} posts were rebuilt whole instead of {events // A_POST:,}")
    live = judge(read_answers(answers), msgspec.json.decode(seen.read_bytes(), type=Seen), reports[0])
    return {
        "events": events, "seconds": seconds, "events_per_second": round(events / seconds),
        "live_commands_per_second": LIVE_RATE, "live_p50_ms": live.p50_ms, "live_p99_ms": live.p99_ms,
        "live_max_ms": live.max_ms, "live_lost": live.lost, "live_seconds": LOAD_SECONDS,
    }  # fmt: skip


def _observe(ground: Ground, file: Path) -> subprocess.Popen[bytes]:
    observing = Observing(
        bootstrap=ground.servers.kafka.bootstrap, topic=TOPIC, partitions=PARTITIONS, uri=ground.servers.mongo.uri,
        database=DATABASE, collection=POSTS.primary, file=str(file),
    )  # fmt: skip
    observer = subprocess.Popen(
        [sys.executable, "-m", "bench.observer", msgspec.json.encode(observing).decode()],
        stdin=subprocess.PIPE, stdout=subprocess.PIPE,
    )  # fmt: skip
    assert observer.stdout is not None
    if observer.stdout.readline() != b"ready\n":
        observer.kill()
        raise BenchFailed("the observer did not start; its words are above")
    return observer
