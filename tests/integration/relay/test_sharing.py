"""Several relays: lanes are shared, handed over, taken over after a death; a zombie changes nothing (S18, S19)."""

from __future__ import annotations

import time
from collections.abc import Callable
from uuid import uuid4

from chaos.system import System
from lockstep_testing.facts import eventually
from relay.database import open_pool
from relay.lanes import Lanes
from tests.integration.relay.writing import lanes, new_stream, published, write, writer

NewSystem = Callable[..., System]


async def write_some(system: System, count: int) -> None:
    async with writer(system) as connection:
        for _ in range(count):
            await write(connection, system, new_stream())


async def owners(system: System) -> set[object]:
    held = await lanes(system)
    return set(held.values()) if len(held) == 2 and None not in held.values() else set()


async def both_have_one(system: System) -> bool:
    return len(await owners(system)) == 2


async def test_lanes_are_shared_and_handed_over_at_once_on_a_clean_stop(new_system: NewSystem) -> None:
    system = new_system(lease_seconds=20)
    first = system.start("relay")
    await first.ready()
    await eventually(lambda: owners(system))
    second = system.start("relay")
    await second.ready()
    await eventually(lambda: both_have_one(system), within=15)
    await write_some(system, 20)
    await published(system, 20)
    before = time.monotonic()
    await second.stop()

    async def all_with_first() -> bool:
        return len(await owners(system)) == 1

    await eventually(all_with_first, within=15)
    assert time.monotonic() - before < 5, "a clean stop must not cost a lease"
    await write_some(system, 20)
    await published(system, 40)


async def test_a_lease_of_a_fraction_of_a_second_lasts_as_long(new_system: NewSystem) -> None:
    """Rounded down it would be none: every relay would take every lane, for ever."""
    system = new_system()
    async with open_pool(system.ground.dsn("relay", system.name), 2) as pool:
        one, other = Lanes(pool, uuid4(), 0.9), Lanes(pool, uuid4(), 0.9)
        await one.beat([])
        lease = await one.take(0)
        assert lease is not None
        await one.beat([lease])
        view, _ = await other.beat([])
        assert (view.owners[0], one.me in view.members) == (one.me, True)
        assert await other.take(0) is None


async def test_lanes_of_a_dead_relay_are_taken_over_within_its_lease(new_system: NewSystem) -> None:
    system = new_system(lease_seconds=2)
    first, second = system.start("relay"), system.start("relay")
    await first.ready()
    await second.ready()
    await eventually(lambda: both_have_one(system), within=15)
    await write_some(system, 10)
    first.kill()
    await write_some(system, 10)
    await published(system, 20, within=2 + 2 + 3)


async def test_a_frozen_relay_that_comes_back_doubles_nothing_and_goes_on_living(new_system: NewSystem) -> None:
    system = new_system(lease_seconds=1)
    zombie = system.start("relay")
    await zombie.ready()
    await eventually(lambda: owners(system))
    await write_some(system, 10)
    await published(system, 10)
    before = await owners(system)
    zombie.freeze()
    heir = system.start("relay")
    await heir.ready()

    async def inherited() -> bool:
        return len(await owners(system) - before) == 1

    await eventually(inherited, within=10)
    await write_some(system, 10)
    await published(system, 20)
    zombie.revive()
    await write_some(system, 10)
    await published(system, 30)
    await eventually(lambda: both_have_one(system), within=10)
    assert zombie.is_running
