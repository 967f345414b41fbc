"""Relays that die, and relays that stand still for longer than their lease and then go on where they were."""

from __future__ import annotations

import asyncio

from chaos.processes import Process
from chaos.scenarios.scenario import Scenario
from chaos.stage import Stage, publishing
from lockstep_testing.facts import eventually

LEASE = 0.6
GIVEN_UP = ("lane given up", "lane lost")
LONGEST_IN_HAND = 0.05


async def relays_killed(stage: Stage) -> None:
    """Of three relays one that publishes is killed, at a random moment; a new one joins."""
    kills = stage.scale(25, 500)
    system, chance = stage.system, stage.chance
    await system.start_all("app", "projector")
    relays = [system.start("relay", lease_seconds=LEASE) for _ in range(3)]
    await asyncio.gather(*(relay.ready() for relay in relays))
    crowd, killed = stage.crowd(rate=stage.scale(300, 400)), 0
    async with crowd.at_work():
        with stage.fault("relays killed"):
            for _ in range(kills):
                victim = await publishing(relays)
                await asyncio.sleep(chance.uniform(0, LONGEST_IN_HAND))
                victim.kill()
                killed += 1
                relays.remove(victim)
                relays.append(system.start("relay", lease_seconds=LEASE))
    stage.bit("kills of relays at work", killed, kills)


async def zombie_relays(stage: Stage) -> None:
    """One that publishes is stopped for three leases, others take over, and it goes on: it must be refused."""
    rounds = stage.scale(8, 200)
    system = stage.system
    await system.start_all("app", "projector")
    relays = [system.start("relay", lease_seconds=LEASE) for _ in range(2)]
    await asyncio.gather(*(relay.ready() for relay in relays))
    crowd, revived, fenced = stage.crowd(rate=stage.scale(200, 300)), 0, 0
    async with crowd.at_work():
        for _ in range(rounds):
            with stage.fault("a relay stands still"):
                zombie = await publishing(relays)
                await asyncio.sleep(stage.chance.uniform(0, LONGEST_IN_HAND))
                heard = len(zombie.log)
                zombie.freeze()
                await asyncio.sleep(3 * LEASE)
                await publishing([relay for relay in relays if relay is not zombie])
                zombie.revive()
                revived += 1
            fenced += await gave_up(zombie, heard)
    stage.bit("revived", revived, rounds)
    stage.bit("gave their lanes up", fenced, rounds - rounds // 20)


async def gave_up(zombie: Process, heard: int) -> bool:
    """Whether it says, after what was heard, that its lane is no longer its own."""
    try:
        return bool(await eventually(lambda: any(words in zombie.log[heard:] for words in GIVEN_UP), 15))
    except AssertionError:
        return False


SCENARIOS = [
    Scenario(name="S18", title="relays killed at random", play=relays_killed),
    Scenario(name="S19", title="relays stopped for three leases and revived", play=zombie_relays),
]
