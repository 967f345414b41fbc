"""A missing version stops its stream alone; nothing of it is lost, and all leaves in order once the hole is filled."""

from __future__ import annotations

from chaos.system import System
from lockstep_testing.facts import eventually
from tests.integration.relay.writing import new_stream, published, write, writer


async def test_a_hole_stops_its_stream_alone_until_it_is_filled_also_over_a_death(system: System) -> None:
    await system.start_all("relay")
    broken, sound = new_stream(), new_stream()
    async with writer(system) as connection:
        await write(connection, system, broken, 1)
        await published(system, 1)
        for version in (3, 4):
            await write(connection, system, broken, version)
        for version in (1, 2, 3):
            await write(connection, system, sound, version)
        versions = await published(system, 4)
        assert versions == {broken: [1], sound: [1, 2, 3]}
        relay = system.one("relay")
        await eventually(lambda: "a version is missing" in relay.log)
        assert await connection.fetchval("SELECT wanted FROM relay_held_streams WHERE stream = $1", broken) == 2
        relay.kill()
        await system.start_all("relay")
        await write(connection, system, broken, 5)
        await write(connection, system, broken, 2)
        versions = await published(system, 8)
        assert versions[broken] == [1, 2, 3, 4, 5]
        await eventually(lambda: none_is_held(system))


async def none_is_held(system: System) -> bool:
    held = "SELECT (SELECT count(*) FROM relay_held_rows) + (SELECT count(*) FROM relay_held_streams)"
    return bool((await system.sql(held))[0][0] == 0)
