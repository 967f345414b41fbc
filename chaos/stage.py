"""What a scenario plays on: one system, its crowd, the clock of faults, and the counts that say whether they bit.

The lanes are looked at all the while, so that the checker can see whether an owner whose time was over ever moved one.
"""

from __future__ import annotations

import asyncio
import random
import time
from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager, contextmanager, suppress
from pathlib import Path

import asyncpg
import httpx
import msgspec

from chaos.crowd import Crowd
from chaos.journal import Journal
from chaos.listener import Listener
from chaos.processes import Process
from chaos.system import System
from checker.freeze import LOOK_AT_LANES
from checker.run import LANES_SEEN
from checker.stored import Bite, Fault
from lockstep_testing.facts import eventually

LOOK_SECONDS = 0.25


class Scale(msgspec.Struct, frozen=True):
    """`smoke` takes seconds and shows that a scenario runs; `full` has the figures of the campaign."""

    name: str

    def __call__(self, smoke: int, full: int) -> int:
        return full if self.name == "full" else smoke


class Stage:
    """One run's."""

    def __init__(self, system: System, journal: Journal, folder: Path, seed: int, scale: Scale) -> None:
        self.system, self.journal, self.folder, self.scale = system, journal, folder, scale
        self.seed, self.chance = seed, random.Random(seed)
        self.faults: list[Fault] = []
        self.bites: dict[str, Bite] = {}
        self.crowds: list[Crowd] = []
        self.listeners: list[Listener] = []
        self.listening = AsyncExitStack()
        self.healed_ns = 0
        """When the last fault was over, if that was before the scenario's end."""

    def crowd(self, people: int = 0, rate: float = 0, ports: Sequence[int] = ()) -> Crowd:
        """Clients of the system; 64 of them at full scale."""
        number = people or self.scale(16, 64)
        self.crowds.append(Crowd(self.system, self.journal, people=number, seed=self.seed, rate=rate, ports=ports))
        return self.crowds[-1]

    async def listen(self) -> None:
        """Somebody hears of changes from now on until the run is at rest."""
        self.listeners.append(Listener(self.system, self.journal, f"listener-{len(self.listeners)}"))
        await self.listening.enter_async_context(self.listeners[-1].listening())

    @contextmanager
    def fault(self, name: str) -> Iterator[None]:
        """What happens in the block is a fault, from its beginning to its end."""
        began = time.monotonic_ns()
        try:
            yield
        finally:
            self.faults.append(Fault(name, began, time.monotonic_ns()))
            self.healed_ns = self.faults[-1].ended

    def bit(self, name: str, seen: int, least: int) -> None:
        """What the scenario is about happened so often; below the least the run proves nothing."""
        self.bites[name] = Bite(seen, least)

    @asynccontextmanager
    async def watching_lanes(self) -> AsyncIterator[None]:
        task = asyncio.create_task(self._watch())
        try:
            yield
        finally:
            task.cancel()
            await asyncio.wait({task})

    async def _watch(self) -> None:
        dsn = self.system.ground.dsn("reader", self.system.name)
        with (self.folder / LANES_SEEN).open("wb") as file:
            while True:
                with suppress(OSError, asyncpg.PostgresError, asyncpg.InterfaceError, TimeoutError):
                    connection = await asyncpg.connect(dsn, timeout=2)
                    try:
                        while True:
                            rows = await connection.fetch(LOOK_AT_LANES, timeout=2)
                            file.writelines(row[0].replace("\n", " ").encode() + b"\n" for row in rows)
                            await asyncio.sleep(LOOK_SECONDS)
                    finally:
                        connection.terminate()
                await asyncio.sleep(LOOK_SECONDS)


async def publishing(relays: Sequence[Process], within: float = 20) -> Process:
    """A relay that has a lane now: hurting another proves nothing."""

    async def owner() -> Process | None:
        for relay in relays:
            try:
                if relay.is_running and not relay.is_frozen and (await relay.report()).get("lanes"):
                    return relay
            except (OSError, httpx.HTTPError, ValueError):  # it is only starting, or just ending
                continue
        return None

    found: Process = await eventually(owner, within)
    return found
