"""Late commits, inverted transaction ids, open transactions: nothing is skipped or stalled (P3, P4; S12-S15)."""

from __future__ import annotations

import httpx

from chaos.system import System
from lockstep_testing.facts import eventually
from tests.integration.relay.writing import new_stream, published, write, writer
from tests.system.raw import published_records


async def test_an_event_that_commits_late_holds_nobody_up_and_is_not_skipped(system: System) -> None:
    async with writer(system) as late, writer(system) as others:
        open_transactions = late.transaction()
        await open_transactions.start()
        for _ in range(5):
            await write(late, system, new_stream())
        for _ in range(40):
            await write(others, system, new_stream())
        await system.start_all("relay")
        await published(system, 40)
        await write(others, system, new_stream())
        await published(system, 41)
        await open_transactions.commit()
        await published(system, 46)


async def test_rolled_back_rows_and_gaps_in_positions_hold_nothing_up(system: System) -> None:
    await system.start_all("relay")
    async with writer(system) as connection:
        for turn in range(20):
            transaction = connection.transaction()
            await transaction.start()
            await write(connection, system, new_stream())
            await (transaction.rollback() if turn % 2 else transaction.commit())
        await connection.execute("SELECT nextval('log_position') FROM generate_series(1, 100)")
        await write(connection, system, new_stream())
    await published(system, 11)


async def test_versions_leave_in_order_when_transaction_ids_are_inverted(system: System) -> None:
    streams = [new_stream() for _ in range(25)]
    async with writer(system) as first, writer(system) as second:
        for stream in streams:
            if stream == streams[len(streams) // 2]:
                await system.start_all("relay")  # half of it as a backlog, half as it happens
            early = second.transaction()
            await early.start()
            await second.execute("SELECT pg_current_xact_id()")  # the lower id, for the higher version
            await write(first, system, stream, 1)
            await write(second, system, stream, 2)
            await early.commit()
    versions = await published(system, 2 * len(streams))
    assert all(versions[stream] == [1, 2] for stream in streams)


async def test_a_writer_in_another_database_holds_nothing_up_and_is_named(system: System) -> None:
    await system.start_all("relay")
    relay = system.one("relay")
    async with writer(system, "postgres") as idle, writer(system) as connection:
        transaction = idle.transaction()
        await transaction.start()
        await idle.execute("SELECT pg_current_xact_id()")
        await write(connection, system, new_stream())
        await published(system, 1, within=5)

        async def named() -> bool:
            async with httpx.AsyncClient() as client:
                metrics = (await client.get(f"http://127.0.0.1:{relay.port}/metrics")).text
            age = next(
                line for line in metrics.splitlines() if line.startswith('lockstep_relay_held_up_seconds{by="writer"}')
            )
            pid = idle.get_server_pid()
            return (
                float(age.split()[-1]) >= 5 and f'"pid": {pid}' in relay.log and '"database": "postgres"' in relay.log
            )

        await eventually(named, within=15, every=0.2)
        await transaction.rollback()


async def test_a_record_says_what_happened_in_the_words_of_cloudevents(system: System) -> None:
    stream = new_stream()
    async with writer(system) as connection:
        event_id = await write(connection, system, stream)
    await system.start_all("relay")
    await published(system, 1)
    (record,) = await published_records(system)
    time = record.headers.pop("ce_time")
    assert time.endswith("Z")
    assert len(time) == len("2026-01-01T00:00:00.000000Z")
    assert (record.key, record.value) == (stream, {"postId": "1"})
    assert record.headers == {
        "ce_specversion": "1.0",
        "ce_id": event_id,
        "ce_type": "posts.PostLiked.v1",
        "ce_source": f"/{system.name}/posts",
        "ce_partitionkey": stream,
        "ce_sequence": "1",
        "ce_stream": stream,
        "content-type": "application/json",
        "traceparent": "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01",
    }
