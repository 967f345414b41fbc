"""Processes that are asked to stop and replaced one by one, as a new version is rolled out; nobody may notice."""

from __future__ import annotations

import asyncio
import time

from chaos.scenarios.scenario import Scenario
from chaos.stage import Stage
from lockstep_testing.facts import eventually
from stack.probes import listens

LONGEST_EXIT_SECONDS = 10.0
KINDS = ("app", "relay", "projector")


async def rolling_restart(stage: Stage) -> None:
    """Each kind in turn: a new process is ready before the old one is asked to go."""
    rounds, system = stage.scale(2, 50), stage.system
    await system.start_all()
    await stage.listen()
    crowd, prompt, restarts = stage.crowd(rate=stage.scale(150, 300)), 0, 0
    async with crowd.at_work():
        with stage.fault("rolling restart"):
            for _ in range(rounds):
                for kind in KINDS:
                    old = system.one(kind)
                    new = await system.start(kind, http_port=system.api_port if kind == "app" else 0).ready()
                    # on a port that both share the old one may have said so
                    await eventually(lambda new=new: listens(new.pid, new.port), 20)  # type: ignore[misc]
                    asked = time.monotonic()
                    await old.stop(within=30)
                    prompt += time.monotonic() - asked <= LONGEST_EXIT_SECONDS
                    restarts += 1
                    await crowd.grown(20)
    stage.bit("restarts", restarts, rounds * len(KINDS))
    stage.bit("gone within 10 s", prompt, restarts)


async def apps_killed(stage: Stage) -> None:
    """The API's only process is killed with commands in hand, and a new one started in its place."""
    kills, system = stage.scale(8, 200), stage.system
    await system.start_all()
    crowd, killed = stage.crowd(), 0
    async with crowd.at_work():
        with stage.fault("the API killed"):
            for _ in range(kills):
                await crowd.grown(20)
                await asyncio.sleep(stage.chance.uniform(0, 0.05))
                system.one("app").kill()
                killed += 1
                system.start("app", http_port=system.api_port)
    stage.bit("kills", killed, kills)
    stage.bit("attempts whose outcome was not told", stage.journal.in_doubt, 2 * kills)


SCENARIOS = [
    Scenario(name="S38", title="everything restarted one by one", play=rolling_restart),
    Scenario(name="S45", title="the API killed with commands in hand", play=apps_killed),
]
