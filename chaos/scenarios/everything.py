"""All of it at random, one fault after another, for as long as the scale says."""

from __future__ import annotations

import asyncio
import time
from collections import Counter
from collections.abc import Awaitable, Callable

from chaos.catching_up import projected
from chaos.scenarios.projectors import moved_on
from chaos.scenarios.scenario import Scenario
from chaos.scenarios.servers import END_ONE
from chaos.stage import Stage

LEASE = 1.0
OURS = {"relay": 2, "projector": 2, "app": 1}


class Faults:
    """Each hurts one thing and mends it again, as a supervisor would."""

    def __init__(self, stage: Stage) -> None:
        self._stage, self._system, self._chance = stage, stage.system, stage.chance
        self.done: Counter[str] = Counter()

    async def one(self) -> None:
        kinds: list[Callable[[], Awaitable[str]]] = [self._kill, self._kill, self._freeze, self._end, self._server]
        with self._stage.fault("at random"):
            self.done[await self._chance.choice(kinds)()] += 1

    async def _kill(self) -> str:
        kind = self._chance.choice(list(OURS))
        victims = [process for process in self._system.processes if process.kind == kind and process.is_running]
        self._chance.choice(victims).kill()
        await self.start(kind)
        return f"{kind} killed"

    async def _freeze(self) -> str:
        kind = self._chance.choice(["relay", "projector"])
        victims = [process for process in self._system.processes if process.kind == kind and process.is_running]
        victim = self._chance.choice(victims)
        victim.freeze()
        await asyncio.sleep(self._chance.uniform(1, 4))
        victim.revive()
        return f"{kind} frozen"

    async def _end(self) -> str:
        statement = END_ONE.format(database=self._system.name)
        await asyncio.to_thread(self._system.servers.postgres.query, statement)
        return "session ended"

    async def _server(self) -> str:
        server = self._chance.choice(self._system.servers.all)
        await asyncio.to_thread(server.kill)
        await asyncio.sleep(self._chance.uniform(0, 2))
        await asyncio.to_thread(server.restart)
        return f"{server.name} killed"

    async def start(self, kind: str) -> None:
        port = self._system.api_port if kind == "app" else 0
        await self._system.start(kind, http_port=port, lease_seconds=LEASE).ready(within=60)


async def everything(stage: Stage) -> None:
    faults, ends = Faults(stage), time.monotonic() + stage.scale(40, 1_800)
    for kind, count in OURS.items():
        for _ in range(count):
            await faults.start(kind)
    await stage.listen()
    crowd = stage.crowd(rate=stage.scale(150, 300))
    async with crowd.at_work():
        while time.monotonic() < ends:
            await faults.one()
            await moved_on(stage, await projected(stage.system), within=120)
    for name in sorted(faults.done):
        stage.bit(name, faults.done[name], 1)
    stage.bit("faults", sum(faults.done.values()), stage.scale(6, 300))


SCENARIOS = [Scenario(name="S41", title="everything at random", play=everything, live_seconds=120)]
