"""S12 to S15: commits that come late, in another order than they began, or not at all. None is skipped, none stalls the
others, and a stream's versions stay in order.
"""

from __future__ import annotations

import asyncio
import random
from collections.abc import AsyncIterator

import asyncpg
import pytest

from chaos.processes import Process
from chaos.scripted_writer import ScriptedWriter
from chaos.system import System
from tests.system.agreement import assert_everything_agrees, everything_published
from tests.system.raw import count_stored, published_records
from tests.system.workload import Workload


@pytest.fixture
async def load(system: System) -> AsyncIterator[Workload]:
    await system.start_all()
    async with Workload(system, people=8) as load:
        yield load


async def test_the_lowest_ids_committed_last_are_not_skipped(system: System, load: Workload) -> None:
    """A cursor on a number would have passed them long ago; one that waits for them would have published nothing."""
    late = 0
    for _ in range(8):
        writers = [await ScriptedWriter.begin(system) for _ in range(3)]
        streams = [await writer.create() for writer in writers]
        await load.burst(60)
        await everything_published(system, within=10)  # nobody waits for the three
        published = {record.stream for record in await published_records(system)}
        assert not published & set(streams)
        for writer in reversed(writers):
            await load.burst(5)
            await writer.commit()
            late += 1
    assert late == 24
    await everything_published(system)
    assert sum(record.value.get("message") == "late" for record in await published_records(system)) == late
    await assert_everything_agrees(system)


async def test_rollbacks_and_jumps_of_the_sequence_neither_stall_nor_skip(system: System, load: Workload) -> None:
    chance = random.Random(13)
    rolled_back = committed = jumps = 0
    for _ in range(4):
        writers = [await ScriptedWriter.begin(system) for _ in range(20)]
        for writer in writers:
            await writer.create()
            if chance.random() < 0.3:  # as a crash does, which loses up to 32 numbers taken ahead
                system.servers.postgres.query(
                    "SELECT setval('log_position', nextval('log_position') + 32)", system.name
                )
                jumps += 1
        chance.shuffle(writers)
        for number, writer in enumerate(writers):
            if chance.random() < 0.2:
                await writer.rollback()
                rolled_back += 1
            else:
                await writer.commit()
                committed += 1
            if number % 5 == 0:
                await load.burst(3)
    assert rolled_back >= 8
    assert committed >= 40
    assert jumps >= 10
    await assert_everything_agrees(system)


@pytest.mark.parametrize("batch", [1, 500])
async def test_a_later_version_under_an_earlier_id_stays_later(system: System, batch: int) -> None:
    """The second writer of a stream took its transaction id first: ordering by id would turn the two round."""
    await system.start_all("app", "projector")
    relay = system.start("relay", relay_batch=batch)
    await relay.ready()
    for seen_between in (False, True):
        rounds = 8 if seen_between else 60
        if not seen_between:
            relay.freeze()  # it will find both at once
        for _ in range(rounds):
            second = await ScriptedWriter.begin(system)
            first = await ScriptedWriter.begin(system)
            assert second.xid < first.xid
            stream = await first.create()
            await first.commit()
            if seen_between:
                await everything_published(system)
            await second.edit(stream, 2)
            await second.commit()
        relay = await alive(system, relay, batch)
        await everything_published(system)
    assert await inversions(system) == 60 + 8
    await assert_everything_agrees(system)


async def alive(system: System, relay: Process, batch: int) -> Process:
    relay.kill()
    return await system.start("relay", relay_batch=batch, lease_seconds=1).ready()


async def inversions(system: System) -> int:
    """Streams of which a later version has an earlier transaction id: what this test is about."""
    return int(
        (
            await system.sql("""
                SELECT count(*) FROM outbox v1 JOIN outbox v2 ON v2.stream = v1.stream AND v2.version = v1.version + 1
                WHERE v2.txid < v1.txid
            """)
        )[0][0]
    )


async def test_an_idle_writer_elsewhere_in_the_cluster_stalls_nobody(system: System, load: Workload) -> None:
    """A fence at the oldest running transaction, of any database, would stop here until it ends."""
    elsewhere = await asyncpg.connect(system.servers.postgres.dsn("postgres"))
    await elsewhere.execute("BEGIN; SELECT pg_current_xact_id()")
    here = await ScriptedWriter.begin(system)
    stream = await here.create()
    await load.burst(100)
    await everything_published(system, within=5)
    assert await count_stored(system) > 70
    await asyncio.gather(here.commit(), elsewhere.execute("ROLLBACK"))
    await elsewhere.close()
    await everything_published(system, within=5)
    assert stream in {record.stream for record in await published_records(system)}
    await assert_everything_agrees(system)
