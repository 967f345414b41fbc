"""append: commands stored a second through the API, against pgbench doing the same append one transaction each.

Everything is on: bearer tokens, an Idempotency-Key on every request, validation. One app process, 64 connections.
Stated beside it: pgbench writing the rows alone, with none of the append's checks.
"""

from __future__ import annotations

import statistics
from pathlib import Path
from typing import Literal

import msgspec
import psutil

from bench.generator import Load, Report
from bench.ground import BenchFailed, Ground, Running, generate, open_ground
from bench.pgbench import Pgbench
from bench.rounds import Result, alternate, result
from bench.workloads import Work, subjects
from stack.server import Progress

Mode = Literal["posts", "mixed", "hot"]

CONNECTIONS = 64
WARM_SECONDS = 1.5
TOPICS = {"lockstep.posts": 12}
PEOPLE, POSTS = 3_000, 1_000
HOT_LIKES_PER_SECOND = 12_000
"""Likers made in advance for each second: more than can be liked."""
HOT_AT_LEAST = 1_500.0
AT_LEAST: dict[Mode, float] = {"posts": 0.75, "mixed": 0.5}


class Appends:
    """The measured side: an app with the command role, and loads sent to it."""

    def __init__(self, ground: Ground, app: Running, mode: Mode, seconds: float, database_prefix: str = "") -> None:
        self._ground, self._app, self._mode, self._seconds = ground, app, mode, seconds
        self._name = database_prefix
        self.reports: list[Report] = []
        self.app_cpu: list[float] = []
        self._people = ground.tokens(list(subjects(PEOPLE if mode == "mixed" else 200)))

    def warm(self) -> None:
        """Code, connections and tokens are warm, and there are rows to copy."""
        generate(self._load(Work(kind="posts", run=f"{self._name}warm", tokens=self._people), 1.0))

    def run(self, number: int) -> float:
        """Commands a second in one round; all were stored."""
        run = f"{self._name}round-{number}"
        if self._mode == "posts":
            return self._measure(Work(kind="posts", run=run, tokens=self._people))
        if self._mode == "mixed":
            self._write_posts(run, POSTS)
            return self._measure(Work(kind="mixed", run=run, tokens=self._people, posts=POSTS, seed=number))
        self._write_posts(run, 1)
        count = min(int(self._seconds * HOT_LIKES_PER_SECOND), 40_000)
        self._ground.progress(f"making {count:,} likers")
        likers = self._ground.tokens(list(subjects(count, f"liker-{number}")))
        return self._measure(Work(kind="likes", run=run, tokens=likers), warm=0.0)

    def _write_posts(self, run: str, count: int) -> None:
        generate(self._load(Work(kind="known-posts", run=run, tokens=self._people, posts=count), 60.0))

    def _measure(self, work: Work, warm: float = WARM_SECONDS) -> float:
        before = _cpu(self._app)
        report = generate(self._load(work, self._seconds, min(warm, self._seconds / 2)))
        self.app_cpu.append((_cpu(self._app) - before) / (report.seconds + warm))
        self.reports.append(report)
        return report.per_second

    def _load(self, work: Work, seconds: float, warm: float = 0.0) -> Load:
        return Load(
            host="127.0.0.1", port=self._app.port, work=work, connections=CONNECTIONS, seconds=seconds,
            warm_seconds=warm,
        )  # fmt: skip


def bench_append(mode: Mode, data: Path | None, seconds: float, rounds: int, progress: Progress) -> Result:
    with open_ground(data, progress, servers=("postgres",)) as ground:
        ground.make_database(topics=TOPICS)
        pgbench = Pgbench(ground)
        with ground.running("app", LOCKSTEP_ROLE="commands") as app:
            appends = Appends(ground, app, mode, seconds)
            progress("warming up")
            appends.warm()
            pgbench.copy_rows()
            pgbench.run(1)
            rows_alone: list[float] = []

            def limit(_: int) -> float:
                rows_alone.append(pgbench.run(seconds, "rows"))
                return pgbench.run(seconds)

            measured = alternate(rounds, appends.run, limit, progress, "commands/s")
        check_stored(ground)
    last = appends.reports[-1]
    found = result(
        "append" if mode == "posts" else f"append --{mode}",
        measured,
        unit="commands/s",
        limit_is="pgbench, the same append of a new post, one transaction each, -c 32 -M prepared",
        at_least=AT_LEAST.get(mode),
        rows_alone_per_second=round(statistics.median(rows_alone)),
        connections=CONNECTIONS,
        p50_ms=round(last.p50_ms, 2),
        p99_ms=round(last.p99_ms, 2),
        app_cores=round(sum(appends.app_cpu) / len(appends.app_cpu), 2),
        generator_cores=round(last.cpu_seconds / (last.seconds + WARM_SECONDS), 2),
    )
    if mode != "hot":
        return found
    reached = found.value >= HOT_AT_LEAST
    return msgspec.structs.replace(found, reach=f">= {HOT_AT_LEAST:,.0f} commands/s", reached=reached)


def check_stored(ground: Ground) -> None:
    """Every event has its outbox row and its stream stands at its last version. Raises BenchFailed."""
    wrong = ground.sql("""
        SELECT count(*) FROM (
            SELECT stream, max(version) AS version, count(*) AS events FROM events GROUP BY stream) e
        FULL JOIN (
            SELECT stream, max(version) AS version, count(*) AS events FROM outbox GROUP BY stream) o USING (stream)
        FULL JOIN streams s USING (stream)
        WHERE (e.version, e.events, o.version, o.events) IS DISTINCT FROM (s.version, s.version, s.version, s.version)
    """)
    if wrong != "0":
        raise BenchFailed(f"{wrong} streams do not agree between streams, events and outbox")


def _cpu(app: Running) -> float:
    times = psutil.Process(app.pid).cpu_times()
    return times.user + times.system
