"""The append's limits: pgbench as the app's own role, one new post a transaction. The same append is append_v1 with one
command, as the API calls it with many; the rows alone are the cheapest statement that leaves the very same rows.

The rows are copied from one that the API stored: the same tables, indexes, triggers and sizes; new stream ids and keys
are random like ours, so indexes are hit in the same places. What the API makes (ids, keys, texts) is constant or made
by the server here, and one statement is one round trip and one transaction: no client can be cheaper. A refused append
divides by zero, and so fails the run.
"""

from __future__ import annotations

import re
import subprocess
from pathlib import Path
from typing import Literal

from bench.ground import BenchFailed, Ground

Kind = Literal["append", "rows"]

SCRIPTS: dict[Kind, str] = {
    "append": """
        SELECT 1 / (count(refused) = 0)::int
        FROM (SELECT gen_random_uuid() AS post) AS id, append_v1(
            ARRAY[ROW(%L, left(post::text || repeat('k', 100), %s), %L::bytea, %L)::append_command],
            ARRAY[ROW(1, 'post-' || post, 'post', 0, 1)::append_write],
            '{}',
            ARRAY[ROW(1, 'post-' || post, 1, uuidv7(), %L, %s, %L, %L, now(), 0, %L, (random() * 11)::smallint,
                      'post-' || post, %L, %L, %L::bytea)::append_event]) AS refused;
    """,
    "rows": """
        WITH id AS (SELECT gen_random_uuid() AS post, uuidv7() AS event, nextval('log_position') AS position),
        command AS (
            INSERT INTO commands (principal, key, request_hash, answer)
            SELECT %L, left(post::text || repeat('k', 100), %s), %L, %L FROM id
        ), made AS (
            INSERT INTO streams (stream, category, version) SELECT 'post-' || post, 'post', 1 FROM id
        ), stored AS (
            INSERT INTO events (stream, version, event_id, type, schema_version, data, metadata, occurred_at, position)
            SELECT 'post-' || post, 1, event, %L, %s, %L, %L, now(), position FROM id
        )
        INSERT INTO outbox (position, lane, topic, partition, key, stream, version, event_id, type, occurred_at,
                            headers, payload)
        SELECT position, 0, %L, (position %% 12)::smallint, 'post-' || post, 'post-' || post, 1, event, %L, now(),
               %L, %L
        FROM id;
    """,
}
FILLED = """
    SELECT format($format${script}$format$, c.principal, length(c.key), c.request_hash, c.answer,
                  e.type, e.schema_version, e.data, e.metadata, o.topic, o.type, o.headers, o.payload)
    FROM events e
    JOIN outbox o ON o.stream = e.stream AND o.version = e.version
    JOIN commands c ON c.answer LIKE '%' || e.stream || '@1%'
    WHERE e.type = 'PostCreated' AND e.version = 1
    LIMIT 1
"""

_RATE = re.compile(r"^tps = ([0-9.]+)", re.MULTILINE)


class Pgbench:
    """pgbench as the app's own role."""

    def __init__(self, ground: Ground, clients: int = 32) -> None:
        self._ground, self._clients = ground, clients

    def copy_rows(self) -> None:
        """The scripts write rows like those the API has stored last."""
        for kind, script in SCRIPTS.items():
            statement = self._ground.sql(FILLED.replace("{script}", script))
            if not statement:
                raise BenchFailed("there is no stored post to copy")
            # a colon before a letter would be a variable of pgbench's; there is none but in casts
            self._script(kind).write_text(" ".join(statement.split("\n")).strip() + "\n")

    def run(self, seconds: float, kind: Kind = "append") -> float:
        """New posts a second."""
        return self.run_script(self._script(kind), seconds)

    def _script(self, kind: Kind) -> Path:
        return self._ground.servers.data_dir / f"{kind}.pgbench"

    def run_script(self, script: Path, seconds: float) -> float:
        """Transactions a second, none of which failed."""
        command = [
            self._ground.servers.postgres.home.tool("pgbench"), "-n", "-M", "prepared", "-c", str(self._clients),
            "-j", "2",
            "-T", str(max(1, round(seconds))), "-f", str(script),
        ]  # fmt: skip
        done = subprocess.run(command, env=self._ground.connection("app"), cwd="/", capture_output=True, check=False)
        found = _RATE.search(done.stdout.decode())
        if done.returncode or found is None or b"number of failed transactions: 0 " not in done.stdout:
            raise BenchFailed(f"pgbench failed: {done.stderr.decode().strip()[-1000:]} {done.stdout.decode()[-500:]}")
        return float(found[1])
