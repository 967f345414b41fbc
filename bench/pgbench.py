"""The append's limit: pgbench writing the very rows of a new post, one transaction each, by the cheapest statement.

The rows are copied from one that the API stored: the same tables, indexes, triggers and sizes; new stream ids and keys
are random like ours, so indexes are hit in the same places.
"""

from __future__ import annotations

import re
import subprocess
from pathlib import Path

from bench.ground import BenchFailed, Ground

# One statement, so that one round trip is one transaction. What the API makes (ids, keys, texts) is constant or made by
# the server here: no client of the same rows can be cheaper.
SCRIPT = """
    SELECT format($format$
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
        SELECT position, (position %% 2)::smallint, %L, (position %% 12)::smallint, 'post-' || post, 'post-' || post, 1,
               event, %L, now(), %L, %L
        FROM id;
    $format$, c.principal, length(c.key), c.request_hash, c.answer,
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
        self._script = ground.servers.data_dir / "append.pgbench"

    def copy_rows(self) -> None:
        """The script writes rows like those the API has stored last."""
        statement = self._ground.sql(SCRIPT)
        if not statement:
            raise BenchFailed("there is no stored post to copy")
        # a colon before a letter would be a variable of pgbench's; there is none but in casts
        self._script.write_text(" ".join(statement.split("\n")).strip() + "\n")

    def run(self, seconds: float) -> float:
        """Appends a second."""
        return self.run_script(self._script, seconds)

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
