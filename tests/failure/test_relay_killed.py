"""S18: relays die, at every point where it could matter and at random. Nothing is lost, doubled or out of order."""

from __future__ import annotations

import asyncio
import random
from collections import Counter

import pytest

from chaos.processes import Process
from chaos.system import System
from lockstep_testing.facts import eventually
from tests.failure.points import RELAY_POINTS
from tests.system.agreement import assert_everything_agrees
from tests.system.raw import count_stored, published_records
from tests.system.workload import Workload

ROUNDS = 6
RANDOM_KILLS = 40


@pytest.mark.timeout(240)
async def test_relay_killed_at_every_point_loses_and_repeats_nothing(system: System) -> None:
    await system.start_all("app", "projector")
    killed: Counter[str] = Counter()
    async with Workload(system, people=6) as load:
        for number in range(ROUNDS):
            for point in RELAY_POINTS:
                # small pages now and then, so that the point is met in the midst of a batch too
                relay = system.start(
                    "relay", arrange="tests.failure.points:die_at", arguments=[point, 1 + number % 2],
                    lease_seconds=0.5, relay_batch=(3, 2_000)[number % 2],
                )  # fmt: skip
                await load.burst(10)
                await dies(relay, load)
                killed[point] += 1
        await system.start("relay", lease_seconds=0.5).ready()
        assert killed == dict.fromkeys(RELAY_POINTS, ROUNDS)
        await assert_everything_agrees(system, load.history)


async def dies(relay: Process, load: Workload) -> None:
    """It met its point; there is always something more to publish until then."""

    async def dead() -> bool:
        if relay.is_running:
            await load.burst(1)
        return not relay.is_running

    await eventually(dead, 15)


@pytest.mark.timeout(240)
async def test_relays_killed_at_random_lose_and_repeat_nothing(system: System) -> None:
    await system.start_all("app", "projector")
    chance = random.Random(18)
    relays = [system.start("relay", lease_seconds=0.5) for _ in range(3)]
    await asyncio.gather(*(relay.ready() for relay in relays))
    async with Workload(system, people=4) as load:
        async with load.running():
            for _ in range(RANDOM_KILLS):
                victim = await publishing(relays)
                await asyncio.sleep(chance.uniform(0, 0.06))  # anywhere in its work
                assert victim.is_running
                victim.kill()
                relays.remove(victim)
                relays.append(system.start("relay", lease_seconds=0.5))
        await assert_everything_agrees(system, load.history)


async def publishing(relays: list[Process]) -> Process:
    """A relay that has a lane now: killing another proves nothing."""

    async def owner() -> Process | None:
        for relay in relays:
            try:
                if (await relay.report()).get("lanes"):
                    return relay
            except OSError:
                continue
            except Exception:  # it is only starting
                continue
        return None

    found: Process = await eventually(owner, 15)
    return found


async def test_a_second_relay_takes_over_within_the_lease(system: System) -> None:
    await system.start_all("app", "projector")
    first, second = system.start("relay", lease_seconds=1), system.start("relay", lease_seconds=1)
    await asyncio.gather(first.ready(), second.ready())
    await eventually(lambda: both_share(first, second))
    async with Workload(system, people=4) as load:
        await load.burst(40)
        first.kill()
        await load.burst(40)

        async def published() -> bool:
            return len(await published_records(system)) == await count_stored(system)

        await eventually(published, within=3 + 3)  # lease and 2 s; as much again for a busy machine
        await assert_everything_agrees(system, load.history)


async def both_share(first: Process, second: Process) -> bool:
    return all([(await relay.report())["lanes"] for relay in (first, second)])
