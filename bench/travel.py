"""history: an aggregate as of a version near the end of a long stream, folded on from a kept state, against the fold of
all its events. The same reader, the same stream, in turns; what is found must be equal. The ratio is that of the times.
"""

from __future__ import annotations

import asyncio
import statistics
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path

from sqlalchemy.engine import make_url
from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine

from app.history.reader import Until
from app.history.states import KEEP_EVERY, StateReader, Then
from bench.append import TOPICS
from bench.ground import BenchFailed, open_ground
from bench.rounds import Result, alternate, result
from domains.posts.post import POST
from kernel.domain import load_codec
from stack.server import Progress

STREAM = "post-long"
ASKED, BEHIND = 20, 10
"""Questions a round, about the version that is so many before the last."""
AT_MOST = 0.2
BEGIN = datetime(2026, 1, 1, tzinfo=UTC)

FILL = """
    INSERT INTO streams (stream, category, version) VALUES ('{stream}', 'post', {events});
    INSERT INTO events (stream, version, event_id, type, schema_version, data, metadata, occurred_at, recorded_at,
                        position)
    SELECT '{stream}', v, uuidv7(),
           CASE WHEN v = 1 THEN 'PostCreated' WHEN v % 2 = 0 THEN 'PostLiked' ELSE 'MessageUpdated' END, 1,
           CASE WHEN v = 1 THEN '{{"author": "ann", "message": "1", "datePosted": "2026-01-01T00:00:00Z"}}'::jsonb
                WHEN v % 2 = 0 THEN jsonb_build_object('by', 'person-' || v)
                ELSE jsonb_build_object('message', repeat('m', 100) || v) END,
           jsonb_build_object('principal', 'ann', 'commandId', v::text, 'traceparent', repeat('0', 55)),
           at, at, nextval('log_position')
    FROM generate_series(1, {events}) v, LATERAL (SELECT timestamptz '2026-01-01Z' + v * interval '1 min' AS at) t;
"""


def bench_history(data: Path | None, events: int, rounds: int, progress: Progress) -> Result:
    with open_ground(data, progress, servers=("postgres",)) as ground:
        ground.make_database(topics=TOPICS)
        progress(f"writing a stream of {events:,} events")
        ground.sql(FILL.format(stream=STREAM, events=events))
        ground.sql("VACUUM ANALYZE events")
        with asyncio.Runner() as runner:
            engine = create_async_engine(make_url(ground.dsn("app")).set(drivername="postgresql+asyncpg"), pool_size=1)
            try:
                return measure(Questions(runner, engine, events), rounds, progress)
            finally:
                runner.run(engine.dispose())


def measure(questions: Questions, rounds: int, progress: Progress) -> Result:
    first = questions.ask(True, version=questions.last)  # folds all, and keeps what it passes
    if first.folded != questions.last:
        raise BenchFailed(f"{first.folded} events were folded before anything was kept, not {questions.last}")
    by_time: list[float] = []

    def kept(number: int) -> float:
        by_time.append(questions.milliseconds(True, number, by_time=True))
        return questions.milliseconds(True, number)

    measured = alternate(rounds, kept, lambda number: questions.milliseconds(False, number), progress, "ms")
    folded = questions.ask(True, version=questions.last).folded
    return result(
        "history",
        measured,
        unit="ms as of a version",
        limit_is=f"the fold of all {questions.last:,} events up to it, in the same process",
        at_most=AT_MOST,
        events=questions.last + BEHIND,
        kept_every=KEEP_EVERY,
        folded=folded,
        as_of_a_time_ms=round(statistics.median(by_time), 3),
    )


class Questions:
    """Asks for the stream as of versions and times, by kept states and without; both must find the same."""

    def __init__(self, runner: asyncio.Runner, engine: AsyncEngine, events: int) -> None:
        codec = load_codec(["domains.posts"])
        self._runner, self.last = runner, events - BEHIND
        self._readers = {True: StateReader(engine, codec), False: StateReader(engine, codec, keep_every=0)}

    def ask(self, kept: bool, version: int | None = None, as_of: datetime | None = None) -> Then:
        return self._runner.run(self._readers[kept].state(POST, STREAM, Until(version, as_of)))

    def milliseconds(self, kept: bool, number: int, by_time: bool = False) -> float:
        """The median of ASKED questions. Raises BenchFailed when an answer differs from that of the other way."""
        times = []
        for _ in range(ASKED):
            version = self.last if not by_time else None
            moment = BEGIN + self.last * timedelta(minutes=1) if by_time else None
            began = time.perf_counter()
            then = self.ask(kept, version, moment)
            times.append((time.perf_counter() - began) * 1e3)
        other = self.ask(not kept, version, moment)
        if (then.state, then.version, then.version) != (other.state, other.version, self.last):
            raise BenchFailed(f"round {number}: {then} by kept states is not {other}")
        return statistics.median(times)
