"""cost: what a stored command costs PostgreSQL, in statements, round trips and WAL, alone and in groups.

These figures do not depend on how busy the machine is, so a test holds them to recorded bounds. The limit is the WAL of
pgbench writing the same rows, one transaction each.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import msgspec

from bench.append import CONNECTIONS, POSTS, TOPICS
from bench.generator import Load
from bench.ground import Ground, Running, generate, open_ground
from bench.pgbench import Pgbench
from bench.rounds import Result, Round, result
from bench.workloads import Work, subjects
from stack.server import Progress

SETTINGS = {
    "shared_preload_libraries": "pg_stat_statements",
    "pg_stat_statements.track": "all",
    # a page's first change after a checkpoint is written whole: none may come in between
    "checkpoint_timeout": "1h",
    "autovacuum": "off",
}
STATEMENTS = """
    -- the driver cleans a connection that goes back to its pool with four statements in one round trip
    SELECT coalesce(sum(calls) FILTER (WHERE toplevel AND query NOT IN ('CLOSE ALL', 'UNLISTEN *', 'RESET ALL')), 0),
           coalesce(sum(calls), 0),
           coalesce(sum(total_exec_time) FILTER (WHERE toplevel), 0)
    FROM pg_stat_statements WHERE userid = 'lockstep_app'::regrole
"""


class Cost(msgspec.Struct, frozen=True, kw_only=True):
    """Of one load: totals, and each divided by the commands answered and by the events stored."""

    commands: int
    events: int
    round_trips_per_command: float
    """Statements sent by the app, whatever for: the append itself, notifications, looks in the background."""
    statements_per_command: float
    """The same and those that run inside of them."""
    wal_bytes_per_command: float
    round_trips_per_event: float
    statements_per_event: float
    wal_bytes_per_event: float
    database_ms_per_command: float


class Meter:
    """Reads PostgreSQL's counters around a load."""

    def __init__(self, ground: Ground) -> None:
        self._ground = ground
        ground.sql("CREATE EXTENSION IF NOT EXISTS pg_stat_statements")

    def measure(self, app: Running, work: Work, connections: int, seconds: float) -> Cost:
        self._ground.sql("SELECT pg_stat_statements_reset()")
        wal, events = self.wal(), self._events()
        report = generate(
            Load(host="127.0.0.1", port=app.port, work=work, connections=connections, seconds=seconds)
        )  # fmt: skip
        spent, stored = self.wal() - wal, self._events() - events
        trips, statements, milliseconds = (float(figure) for figure in self._ground.sql(STATEMENTS).split("|"))
        commands = report.answers
        return Cost(
            commands=commands,
            events=stored,
            round_trips_per_command=round(trips / commands, 3),
            statements_per_command=round(statements / commands, 3),
            wal_bytes_per_command=round(spent / commands, 1),
            round_trips_per_event=round(trips / stored, 3),
            statements_per_event=round(statements / stored, 3),
            wal_bytes_per_event=round(spent / stored, 1),
            database_ms_per_command=round(milliseconds / commands, 3),
        )

    def wal(self) -> int:
        return int(self._ground.sql("SELECT pg_wal_lsn_diff(pg_current_wal_insert_lsn(), '0/0')::bigint"))

    def _events(self) -> int:
        return int(self._ground.sql("SELECT count(*) FROM events"))


def bench_cost(data: Path | None, seconds: float, rounds: int, progress: Progress) -> Result:
    with open_ground(data, progress, servers=("postgres",), postgres_settings=SETTINGS) as ground:
        ground.make_database(topics=TOPICS)
        with ground.running("app", LOCKSTEP_ROLE="commands") as app:
            meter, pgbench, people = Meter(ground), Pgbench(ground), ground.tokens(list(subjects(500)))
            progress("warming up")
            generate(
                Load(host="127.0.0.1", port=app.port, connections=CONNECTIONS, seconds=60,
                     work=Work(kind="known-posts", run="cost", tokens=people, posts=POSTS))
            )  # fmt: skip
            pgbench.copy_rows()
            measured, details = [], dict[str, Any]()
            for number in range(1, rounds + 1):
                progress(f"round {number} of {rounds}")
                alone = meter.measure(app, Work(kind="posts", run=f"alone-{number}", tokens=people), 1, seconds)
                grouped = meter.measure(
                    app, Work(kind="posts", run=f"grouped-{number}", tokens=people), CONNECTIONS, seconds
                )
                mixed = meter.measure(
                    app,
                    Work(kind="mixed", run="cost", tokens=people, posts=POSTS) if number == 1 else
                    Work(kind="posts", run=f"more-{number}", tokens=people),
                    CONNECTIONS,
                    seconds,
                )  # fmt: skip
                if number == 1:
                    details |= {"alone": alone, "grouped": grouped, "mixed": mixed}
                wal, rows = meter.wal(), int(ground.sql("SELECT count(*) FROM events"))
                pgbench.run(seconds, "rows")
                rows = int(ground.sql("SELECT count(*) FROM events")) - rows
                measured.append(Round(grouped.wal_bytes_per_event, (meter.wal() - wal) / rows))
    return result(
        "cost",
        measured,
        unit="WAL bytes an event",
        limit_is="pgbench, the rows of a new post, one transaction each",
        **details,
    )
