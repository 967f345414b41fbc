"""Reading: a batch in pages, each row once; and one plan, whatever the outbox holds."""

from __future__ import annotations

import re

import pytest

from chaos.system import System
from relay.cursor import Cursor, Identity
from relay.database import open_pool
from relay.outbox import NEWEST, NEWEST_AND_LATE, REST, Outbox
from tests.integration.relay.writing import MANY, new_stream, write, writer

START = Cursor(identity=Identity(1, 1, 1))
ARGUMENTS = {
    NEWEST: ("smallint, xid8, bigint", "0::smallint, '{now}', 2000"),
    NEWEST_AND_LATE: ("smallint, xid8, bigint, xid8[]", "0::smallint, '{now}', 2000, ARRAY['3']::xid8[]"),
    REST: (
        "smallint, xid8, pg_snapshot, bigint, xid8[]",
        "0::smallint, '{now}', '{now}:{now}:', 0, ARRAY['3']::xid8[]",
    ),
}


async def test_a_batch_is_paged_within_one_snapshot_and_what_comes_meanwhile_follows(system: System) -> None:
    dsn = system.ground.dsn("relay", system.name)
    async with open_pool(dsn, 4) as pool, writer(system) as connection:
        await connection.execute(MANY, system.topic, 50)
        outbox, cursor = Outbox(pool, 0, 7), START
        positions: list[int] = []
        while (page := await outbox.next_page(cursor)) is not None:
            if len(positions) == 7:
                await connection.execute(MANY, system.topic, 10)
            positions += [row["position"] for row in page.rows]
            cursor = page.cursor
        await outbox.close()
        assert len(positions) == 30
        assert positions == sorted(set(positions))
        assert cursor.number == 30


async def test_a_page_can_be_read_again_from_the_cursor_before_it_by_anyone(system: System) -> None:
    dsn = system.ground.dsn("relay", system.name)
    async with open_pool(dsn, 4) as pool, writer(system) as connection:
        await connection.execute(MANY, system.topic, 50)
        first = await Outbox(pool, 0, 7).next_page(START)
        assert first is not None
        await write(connection, system, new_stream())
        reader, successor = Outbox(pool, 0, 7), Outbox(pool, 0, 7)
        one, other = await reader.next_page(first.cursor), await successor.next_page(first.cursor)
        assert one is not None
        assert other is not None
        assert [row["position"] for row in one.rows] == [row["position"] for row in other.rows]
        assert one.cursor == other.cursor
        await reader.close()
        await successor.close()


@pytest.mark.parametrize("rows", [0, 1_000_000])
async def test_an_idle_poll_reads_a_handful_of_index_pages_on_an_empty_and_on_a_full_outbox(
    system: System, rows: int
) -> None:
    async with open_pool(system.ground.dsn("relay", system.name), 1) as pool, pool.acquire() as relay:
        for number, (query, (types, _)) in enumerate(ARGUMENTS.items()):
            await relay.execute(f"PREPARE poll_{number} ({types}) AS {query}")  # prepared while the outbox was empty
        if rows:
            async with writer(system) as connection:
                await connection.execute(MANY, system.topic, rows, timeout=120)
                await connection.execute("ANALYZE outbox", timeout=120)
        now = await relay.fetchval("SELECT pg_snapshot_xmax(pg_current_snapshot())::text")
        for number, (_, arguments) in enumerate(ARGUMENTS.values()):
            for _ in range(7):  # past the executions after which PostgreSQL would change the plan
                call = f"EXPLAIN (ANALYZE, BUFFERS) EXECUTE poll_{number} ({arguments.format(now=now)})"
                plan = "\n".join(line[0] for line in await relay.fetch(call))
            assert "Seq Scan" not in plan, plan
            assert "Gather" not in plan, plan
            hits = re.search(r"Buffers: shared hit=(\d+)(?! \S*written)", plan)
            assert hits is not None, plan
            assert int(hits[1]) <= 60, plan
