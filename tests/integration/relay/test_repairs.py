"""What an operator changes on purpose: the number of lanes, and the PostgreSQL that cursors belong to."""

from __future__ import annotations

from uuid import UUID

import msgspec
import pytest

from chaos.system import System
from kernel.partitioning import partition_of
from kernel.settings import Settings, read_settings
from relay.adopt import AdoptRefused, adopt
from relay.cursor import decode_cursor
from relay.lanes_change import ChangeRefused, change_lanes
from tests.integration.relay.writing import INSERT, new_stream, published, write, writer


def settings_of(system: System) -> Settings:
    return read_settings(system.environment("relay"))


async def publish(system: System, count: int, total: int) -> None:
    async with writer(system) as connection:
        for _ in range(count):
            await write(connection, system, new_stream())
    relay = system.start("relay")
    await relay.ready()
    await published(system, total)
    await relay.stop()


async def test_lanes_are_changed_only_when_drained_and_then_nothing_is_lost_or_doubled(system: System) -> None:
    async with writer(system) as connection:
        for _ in range(10):
            await write(connection, system, new_stream())
        with pytest.raises(ChangeRefused, match="not drained"):
            await change_lanes(settings_of(system), 3)
        relay = system.start("relay")
        await relay.ready()
        await published(system, 10)
        with pytest.raises(ChangeRefused, match=r"stop all relays|not drained"):
            await change_lanes(settings_of(system), 3)
        await relay.stop()
        await change_lanes(settings_of(system), 3)
        for number in range(30):
            stream = f"post-{number}"
            partition = partition_of(stream, 12)
            place = (partition % 3, system.topic, partition, stream, 1)
            await connection.execute(INSERT, *place, UUID(int=number), None, b"{}")
    relay = system.start("relay")
    await relay.ready()
    await published(system, 40)
    await relay.stop()
    await change_lanes(settings_of(system), 1)


async def test_after_adopting_another_cluster_publishing_goes_on_behind_the_position_given(system: System) -> None:
    await publish(system, 10, 10)
    async with writer(system) as connection:
        rows = await connection.fetch("SELECT lane, cursor FROM relay_lanes WHERE cursor IS NOT NULL")
        for row in rows:
            cursor = decode_cursor(row["cursor"])
            foreign = msgspec.structs.replace(
                cursor, number=cursor.number + 1, identity=msgspec.structs.replace(cursor.identity, timeline=7)
            )
            await connection.execute(
                "UPDATE relay_lanes SET cursor = $1 WHERE lane = $2", foreign.encode(), row["lane"]
            )
        relay = system.start("relay")
        await relay.gone()
        last = await connection.fetchval("SELECT max(position) FROM outbox")
    await adopt(settings_of(system), last)
    await publish(system, 5, 15)


async def test_nothing_is_adopted_while_a_relay_has_a_lane(system: System) -> None:
    relay = system.start("relay")
    await relay.ready()
    async with writer(system) as connection:
        await write(connection, system, new_stream())
    await published(system, 1)
    with pytest.raises(AdoptRefused):
        await adopt(settings_of(system), 0)
