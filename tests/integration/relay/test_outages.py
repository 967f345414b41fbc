"""A server that dies and comes back: the relay goes on by itself, and nothing is lost or doubled (P9; S5, S21)."""

from __future__ import annotations

import asyncio

import pytest

from chaos.system import System
from tests.integration.relay.writing import new_stream, published, write, writer


@pytest.mark.parametrize("name", ["kafka", "postgres"])
async def test_a_killed_server_costs_time_and_nothing_else(system: System, name: str) -> None:
    server = getattr(system.servers, name)
    await system.start_all("relay")
    relay, written = system.one("relay"), 0
    for _ in range(3):
        async with writer(system) as connection:
            for _ in range(100):
                await write(connection, system, new_stream())
                written += 1
        server.kill()
        await asyncio.to_thread(server.restart)
    async with writer(system) as connection:
        await write(connection, system, new_stream())
    await published(system, written + 1, within=40)
    assert relay.is_running
