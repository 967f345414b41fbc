"""Append-only by the database, not by manners: what each role is refused, and what even the owner is."""

from __future__ import annotations

import asyncpg
import pytest

from app.store.append import append
from app.store.pool import Pool
from chaos.system import Ground
from tests.integration.store.submissions import submission

ARCHIVE_EVERYTHING = "SELECT * FROM archive_closed_v1('', 100, 100, 100, '{post}', '{PostLiked}', '0')"
REFUSED = {
    "app": [
        "UPDATE events SET type = 'x'",
        "DELETE FROM events",
        "TRUNCATE events",
        "UPDATE outbox SET lane = 0",
        "DELETE FROM outbox",
        "TRUNCATE outbox",
        "DELETE FROM streams",
        "UPDATE commands SET answer = ''",
        "UPDATE relay_lanes SET epoch = 9",
        "INSERT INTO topics VALUES ('x', 1)",
        "ALTER TABLE events DISABLE TRIGGER ALL",
        "DROP TABLE events",
        "CREATE TABLE mine ()",
        "SET session_replication_role = replica",
        "INSERT INTO events_archive SELECT * FROM events",
        "UPDATE events_archive SET type = 'x'",
        "DELETE FROM events_archive",
        "TRUNCATE events_archive",
        "UPDATE streams SET archived = 1",
        "INSERT INTO streams (stream, category, version, archived) VALUES ('x', 'x', 1, 1)",
        "SELECT unpublished_streams_v1('{a}')",
        "DELETE FROM history_snapshots",
        "UPDATE rebuilds SET state = 'failed'",
        "DELETE FROM rebuilds",
    ],
    "relay": [
        "SELECT * FROM events",
        "INSERT INTO events SELECT * FROM events",
        "UPDATE outbox SET lane = 0",
        "DELETE FROM outbox",
        "SELECT * FROM commands",
        "UPDATE streams SET version = 1",
        "DELETE FROM claims",
        "CREATE TABLE mine ()",
        "SELECT * FROM events_archive",
        "INSERT INTO rebuilds (id, projection, generation) VALUES (gen_random_uuid(), 'x', 2)",
        "DELETE FROM rebuilds",
        "SELECT * FROM history_snapshots",
        ARCHIVE_EVERYTHING,
    ],
    "reader": [
        "INSERT INTO streams VALUES ('x', 'x', 1)",
        "DELETE FROM events",
        "UPDATE relay_lanes SET epoch = 9",
        "SELECT nextval('log_position')",
        "DELETE FROM events_archive",
        "INSERT INTO history_snapshots SELECT * FROM history_snapshots",
        ARCHIVE_EVERYTHING,
    ],
}


async def test_each_role_is_refused_what_is_not_its_own(ground: Ground, database: str, pool: Pool) -> None:
    await append(pool, [submission(("a", 0, 1))], 5)
    for role, statements in REFUSED.items():
        connection = await asyncpg.connect(ground.dsn(role, database))
        try:
            for statement in statements:
                with pytest.raises(asyncpg.InsufficientPrivilegeError):
                    await connection.execute(statement)
        finally:
            await connection.close()


async def test_nobody_changes_history_not_even_a_superuser_in_replica_mode(
    pool: Pool, owner: asyncpg.Connection
) -> None:
    await append(pool, [submission(("a", 0, 1))], 5)
    for mode in ("origin", "replica"):
        await owner.execute(f"SET session_replication_role = {mode}")
        for statement in (
            "UPDATE events SET type = 'x'",
            "DELETE FROM events",
            "TRUNCATE events",
            "TRUNCATE streams, events",
        ):
            with pytest.raises(asyncpg.PostgresError, match="history is append-only") as refused:
                await owner.execute(statement)
            assert refused.value.sqlstate == "LS403"
    assert await owner.fetchval("SELECT count(*) FROM events WHERE type = 'PostLiked'") == 1


async def test_an_event_leaves_its_table_only_for_the_archive_and_unchanged(
    pool: Pool, owner: asyncpg.Connection
) -> None:
    await append(pool, [submission(("a", 0, 2))], 5)
    move = "WITH gone AS (DELETE FROM events RETURNING *) INSERT INTO events_archive SELECT * FROM gone"
    altered = """
        WITH gone AS (DELETE FROM events RETURNING *)
        INSERT INTO events_archive (stream, version, event_id, type, schema_version, data, metadata, occurred_at,
                                    recorded_at, position)
        SELECT stream, version, event_id, type, schema_version, data || '{"by": "x"}', metadata, occurred_at,
               recorded_at, position FROM gone
    """
    for mode in ("origin", "replica"):
        await owner.execute(f"SET session_replication_role = {mode}")
        for statement in (
            "DELETE FROM events WHERE version = 2",
            f"{move} WHERE version = 1",
            altered,
            "INSERT INTO events_archive SELECT * FROM events",
        ):
            with pytest.raises(asyncpg.PostgresError) as refused:
                await owner.execute(statement)
            assert refused.value.sqlstate == "LS403", statement
        assert await owner.fetchval("SELECT count(*) FROM events") == 2
    await owner.execute(move)
    for mode in ("origin", "replica"):
        await owner.execute(f"SET session_replication_role = {mode}")
        for statement in (
            "UPDATE events_archive SET type = 'x'",
            "DELETE FROM events_archive",
            "TRUNCATE events_archive",
        ):
            with pytest.raises(asyncpg.PostgresError, match="history is append-only") as refused:
                await owner.execute(statement)
            assert refused.value.sqlstate == "LS403"
    assert await owner.fetchval("SELECT count(*) FROM all_events WHERE type = 'PostLiked'") == 2


async def test_a_gap_in_versions_is_refused_whoever_inserts(owner: asyncpg.Connection) -> None:
    insert = """
        INSERT INTO events (stream, version, event_id, type, schema_version, data, metadata, occurred_at, position)
        SELECT 'gappy', v, gen_random_uuid(), 'x', 1, '{}', '{}', now(), nextval('log_position')
        FROM unnest($1::bigint[]) v
    """
    for versions in ([2], [1, 3], [1, 2, 4, 5]):
        with pytest.raises(asyncpg.PostgresError, match="cannot follow") as refused:
            await owner.execute(insert, versions)
        assert refused.value.sqlstate == "LS409"
    await owner.execute(insert, [1, 2, 3])


async def test_the_app_role_has_its_timeouts(ground: Ground, database: str) -> None:
    """A forgotten transaction would hold partition drops and VACUUM up for ever."""
    for role in ("app", "relay", "reader"):
        connection = await asyncpg.connect(ground.dsn(role, database))
        limits = {
            name: await connection.fetchval(f"SHOW {name}")
            for name in ("idle_in_transaction_session_timeout", "statement_timeout", "lock_timeout")
        }
        await connection.close()
        assert limits == {
            "idle_in_transaction_session_timeout": "10s",
            "statement_timeout": "30s",
            "lock_timeout": "5s",
        }
