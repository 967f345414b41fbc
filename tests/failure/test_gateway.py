"""P1 behind a gateway, without any key: processes are killed under it, and no command is done twice. Reads notice
nothing.
"""

from __future__ import annotations

import asyncio
import itertools
from collections import Counter

import httpx

from chaos.system import System
from lockstep_testing.facts import eventually
from stack.ports import free_port
from tests.system.agreement import assert_everything_agrees
from tests.system.gateway import gateway_before

KILLS, MOST_KILLS = 4, 40
"""At least, and until a command was in hand when its process died."""
WRITERS, READERS = 8, 3


class Load:
    """People who write without a key, and others who read, through one address; and what each was told."""

    def __init__(self, client: httpx.AsyncClient) -> None:
        self._client = client
        self._numbers = itertools.count()
        self.written: dict[str, int] = {}
        self.read: Counter[int] = Counter()
        self.stopping = False

    async def write(self) -> None:
        while not self.stopping:
            message = f"message {next(self._numbers)}"
            self.written[message] = 0
            self.written[message] = (await self._client.post("/posts", json={"message": message})).status_code

    async def watch(self) -> None:
        while not self.stopping:
            self.read[(await self._client.get("/posts", params={"limit": 5})).status_code] += 1

    def told(self, status: int) -> list[str]:
        return [message for message, answer in self.written.items() if answer == status]


async def test_processes_killed_behind_a_gateway_double_no_command_and_cost_no_read(system: System) -> None:
    ports = {"commands": [free_port(), free_port()], "queries": [free_port(), free_port()], "history": [free_port()]}
    running = {port: system.start("app", http_port=port, role=role) for role, each in ports.items() for port in each}
    others = [system.start("relay"), system.start("projector")]
    await asyncio.gather(*(process.ready() for process in [*running.values(), *others]))
    with gateway_before(system, **ports) as gateway:
        async with system.client("ann", port=gateway.port, timeout=30) as client:
            load = Load(client)
            tasks = [asyncio.create_task(load.write()) for _ in range(WRITERS)]
            tasks += [asyncio.create_task(load.watch()) for _ in range(READERS)]
            for number in range(MOST_KILLS):
                if number >= KILLS and load.told(502):
                    break
                seen = len(load.told(201)), load.read[200]
                await eventually(
                    lambda seen=seen: len(load.told(201)) > seen[0] + 20 and load.read[200] > seen[1] + 20,  # type: ignore[misc]
                    30,
                )
                role = ("commands", "queries")[number % 2]
                port = ports[role][number // 2 % 2]
                running[port].kill()
                running[port] = system.start("app", http_port=port, role=role)
            load.stopping = True
            await asyncio.gather(*tasks)
    rows = await system.sql("SELECT data::jsonb->>'message' AS message FROM events")
    stored = Counter(row["message"] for row in rows)
    assert set(load.read) == {200}, load.read
    assert set(load.written.values()) <= {201, 502, 503}, Counter(load.written.values())
    assert load.told(502), "no command was in hand when its process died"
    assert all(stored[message] == 1 for message in load.told(201))
    assert all(stored[message] <= 1 for message in load.told(502)), "a command was done twice"
    assert not any(stored[message] for message in load.told(503)), "what was never sent was done"
    await assert_everything_agrees(system)
