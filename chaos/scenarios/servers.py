"""PostgreSQL, the broker and mongod: killed, frozen, their sessions ended, under load. No process of ours is helped."""

from __future__ import annotations

import asyncio

from chaos.catching_up import projected
from chaos.scenarios.projectors import moved_on
from chaos.scenarios.scenario import Scenario
from chaos.stage import Stage
from chaos.system import System
from stack.server import Server

END_ONE = """
    SELECT count(pg_terminate_backend(pid)) FROM (
        SELECT pid FROM pg_stat_activity WHERE datname = '{database}' AND pid <> pg_backend_pid()
        ORDER BY random() LIMIT 1) AS chosen
"""


async def sessions_ended(stage: Stage) -> None:
    """Twice a second one of the system's sessions at PostgreSQL is ended, whatever it was doing."""
    goal, system = stage.scale(20, 240), stage.system
    await system.start_all()
    crowd, ended = stage.crowd(), 0
    async with crowd.at_work():
        with stage.fault("sessions ended"):
            while ended < goal:
                statement = END_ONE.format(database=system.name)
                ended += int(await asyncio.to_thread(system.servers.postgres.query, statement) or 0)
                await asyncio.sleep(0.5 if stage.scale.name == "full" else 0.1)
    stage.bit("sessions ended", ended, goal)


async def postgres_killed(stage: Stage) -> None:
    await hurt(stage, stage.system.servers.postgres, kills=stage.scale(3, 50), writes_go_on=False)


async def broker_killed(stage: Stage) -> None:
    kills, freezes = stage.scale(2, 30), stage.scale(1, 10)
    await hurt(stage, stage.system.servers.kafka, kills=kills, freezes=freezes, seconds=stage.scale(8, 60))


async def mongod_killed(stage: Stage) -> None:
    kills, freezes = stage.scale(3, 50), stage.scale(1, 5)
    await hurt(stage, stage.system.servers.mongo, kills=kills, freezes=freezes, seconds=stage.scale(6, 20))


async def hurt(
    stage: Stage, server: Server, *, kills: int, freezes: int = 0, seconds: int = 0, writes_go_on: bool = True
) -> None:
    """Killed and frozen so often, each time after documents have moved on since the time before."""
    system = stage.system
    await system.start_all()
    await stage.listen()
    pids = running(system)
    crowd, done, meanwhile = stage.crowd(rate=stage.scale(150, 300)), {"kills": 0, "freezes": 0}, 0
    async with crowd.at_work():
        for number in range(kills + freezes):
            await moved_on(stage, await projected(system), within=120)
            before = stage.journal.acknowledged
            if (number % 3 == 2 and done["freezes"] < freezes) or done["kills"] == kills:
                with stage.fault(f"{server.name} frozen"):
                    await asyncio.to_thread(server.suspend)
                    await asyncio.sleep(seconds)
                    meanwhile += stage.journal.acknowledged - before
                    await asyncio.to_thread(server.resume)
                done["freezes"] += 1
            else:
                with stage.fault(f"{server.name} killed"):
                    await asyncio.to_thread(server.kill)
                    if writes_go_on:
                        await crowd.grown(20)
                    meanwhile += stage.journal.acknowledged - before
                    await asyncio.to_thread(server.restart)
                done["kills"] += 1
    stage.bit("kills", done["kills"], kills)
    if freezes:
        stage.bit("freezes", done["freezes"], freezes)
    if writes_go_on:
        stage.bit("commands acknowledged while it was down", meanwhile, 20 * kills)
    stage.bit("processes of ours that were never restarted", len(pids & running(system)), len(pids))


def running(system: System) -> set[int]:
    return {process.pid for process in system.processes if process.is_running}


SCENARIOS = [
    Scenario(name="S4", title="PostgreSQL sessions ended", play=sessions_ended, live_seconds=10),
    Scenario(name="S5", title="PostgreSQL killed", play=postgres_killed, live_seconds=30),
    Scenario(name="S21", title="the broker killed and frozen", play=broker_killed, live_seconds=60),
    Scenario(name="S34", title="mongod killed and frozen", play=mongod_killed, live_seconds=60),
]
