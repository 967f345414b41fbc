"""Where a lane starts: from the newer of Kafka's cursor and PostgreSQL's mirror, or not at all in a foreign cluster."""

from __future__ import annotations

from chaos.system import System
from lockstep_testing.facts import eventually
from relay.cursor import Cursor, Identity, decode_cursor
from tests.integration.relay.writing import new_stream, published, write, writer


async def run_once(system: System, written: int, total: int) -> None:
    """A relay published what was written and has left."""
    async with writer(system) as connection:
        for _ in range(written):
            await write(connection, system, new_stream())
    relay = system.start("relay")
    await relay.ready()
    await published(system, total)
    await relay.stop()


async def test_an_old_mirror_repeats_nothing_for_kafka_knows_better(system: System) -> None:
    await run_once(system, 10, 10)
    async with writer(system) as connection:
        await connection.execute("UPDATE relay_lanes SET cursor = NULL, passed = NULL")
    await run_once(system, 5, 15)


async def test_a_cursor_that_kafka_has_forgotten_is_found_in_the_mirror(system: System) -> None:
    await run_once(system, 10, 10)
    forgotten = system.servers.kafka.tool(
        "org.apache.kafka.tools.consumer.group.ConsumerGroupCommand",
        ["--bootstrap-server", system.servers.kafka.bootstrap, "--delete", "--group", f"{system.name}.relay"],
    )
    assert b"successful" in forgotten.stdout, forgotten.stdout + forgotten.stderr
    await run_once(system, 5, 15)


async def test_a_cursor_of_another_cluster_stops_the_relay_and_names_the_repair(system: System) -> None:
    await run_once(system, 10, 10)
    async with writer(system) as connection:
        cursor = decode_cursor(await connection.fetchval("SELECT cursor FROM relay_lanes WHERE lane = 0"))
        foreign = Cursor(identity=Identity(1, 1, 1), number=cursor.number + 1, passed=cursor.passed)
        await connection.execute("UPDATE relay_lanes SET cursor = $1 WHERE lane = 0", foreign.encode())
    relay = system.start("relay")
    await relay.gone()
    assert "relay.adopt" in relay.log


async def test_a_crash_cannot_bring_an_event_under_an_id_that_counts_as_passed(system: System) -> None:
    """An aborted transaction leaves no trace, and its id may be given out again: the cursor stays behind it."""
    await system.start_all("relay")
    async with writer(system) as connection:
        await write(connection, system, new_stream())
        newest = int(await connection.fetchval("SELECT max(txid) FROM outbox"))
        for _ in range(5):
            transaction = connection.transaction()
            await transaction.start()
            await connection.execute("SELECT pg_current_xact_id()")
            await transaction.rollback()
        await published(system, 1)

        async def mirrored() -> int | None:
            reach = await connection.fetchval("SELECT max(pg_snapshot_xmax(passed)) FROM relay_lanes")
            return None if reach is None else int(reach)

        assert await eventually(mirrored) == newest + 1
