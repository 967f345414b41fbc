"""Projectors that die, come and go, or stand still while others take over."""

from __future__ import annotations

import asyncio

from chaos.catching_up import projected
from chaos.scenarios.scenario import Scenario
from chaos.stage import Stage
from lockstep_testing.facts import eventually

AT_ONCE = 3
JOIN_SECONDS = 3.0


async def projectors_killed(stage: Stage) -> None:
    """One after another is killed or asked to leave, and another joins: each shares the partitions out anew."""
    kills = stage.scale(5, 300)
    system, chance = stage.system, stage.chance
    await system.start_all("app", "relay")
    projectors = [await system.start("projector").ready() for _ in range(2)]
    await stage.listen()
    crowd, killed, rebalances = stage.crowd(rate=stage.scale(200, 300)), 0, 0
    async with crowd.at_work():
        with stage.fault("projectors killed, joining, leaving"):
            while killed < kills:
                before = await projected(system)
                victim = projectors.pop(chance.randrange(len(projectors)))
                if chance.random() < 0.75:
                    victim.kill()
                    killed += 1
                else:
                    await victim.stop()
                rebalances += 1
                while len(projectors) < chance.randint(2, AT_ONCE):
                    projectors.append(system.start("projector"))
                    rebalances += 1
                await asyncio.gather(*(projector.ready() for projector in projectors))
                await moved_on(stage, before)
                await asyncio.sleep(chance.uniform(0, 0.2))
    stage.bit("kills", killed, kills)
    stage.bit("joins and leaves", rebalances, 2 * kills)


async def zombie_projectors(stage: Stage) -> None:
    """Stopped until others have its partitions, and revived: what it had in hand must change nothing."""
    rounds = stage.scale(2, 100)
    system = stage.system
    await system.start_all("app", "relay")
    projectors = [await system.start("projector").ready() for _ in range(2)]
    crowd, revived = stage.crowd(rate=stage.scale(200, 300)), 0
    async with crowd.at_work():
        for number in range(rounds):
            with stage.fault("a projector stands still"):
                zombie = projectors[number % 2]
                zombie.freeze()
                await asyncio.sleep(stage.scale(12, 30))
                zombie.revive()
                revived += 1
            await zombie.ready()
            await moved_on(stage, await projected(system))
    stage.bit("revived", revived, rounds)


async def moved_on(stage: Stage, before: tuple[int, int], within: float = 60) -> None:
    async def moved() -> bool:
        return await projected(stage.system) > before

    await eventually(moved, within, every=0.2)


SCENARIOS = [
    Scenario(name="S31", title="projectors killed, joining and leaving", play=projectors_killed),
    Scenario(name="S32", title="projectors stopped and revived", play=zombie_projectors),
]
