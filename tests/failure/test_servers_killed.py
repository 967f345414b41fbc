"""S5, S21, S34: PostgreSQL, the broker and mongod are killed under load, again and again. Clients get definite answers
in the end, our processes come back without a restart of theirs, and everything agrees.
"""

from __future__ import annotations

import asyncio

import pytest

from chaos.system import System
from lockstep_testing.facts import eventually
from stack.server import Server
from tests.system.agreement import assert_everything_agrees
from tests.system.raw import count_stored, projected_versions, published_records
from tests.system.workload import Workload


async def killed_under_load(server: Server, load: Workload, times: int, at_least: int) -> None:
    """`times` kills, each after progress since the one before, with people writing all the while."""
    for _ in range(times):
        seen = load.history.acknowledged
        await eventually(lambda seen=seen: load.history.acknowledged >= seen + at_least, 30)  # type: ignore[misc]
        server.kill()
        await asyncio.to_thread(server.restart)


@pytest.mark.timeout(240)
async def test_postgres_killed_under_load(system: System) -> None:
    await system.start_all()
    pids = [process.pid for process in system.processes]
    async with Workload(system, people=8) as load:
        async with load.running():
            await killed_under_load(system.servers.postgres, load, times=5, at_least=40)
        assert system.processes[0].log.count("batch failed") >= 5, "no commit was in doubt"
        assert not load.history.of("unknown")
        await assert_everything_agrees(system, load.history)
    assert [process.pid for process in system.processes if process.is_running] == pids


@pytest.mark.timeout(240)
async def test_broker_killed_under_load(system: System) -> None:
    await system.start_all()
    pids = [process.pid for process in system.processes]
    broker = system.servers.kafka
    async with Workload(system, people=2) as load:
        async with load.running():
            for outage in ("long", "short"):
                before = len(await published_records(system))
                await eventually(lambda before=before: grown(system, before), 40)  # type: ignore[misc]
                broker.kill()
                stored = await count_stored(system)
                await eventually(lambda stored=stored: written(system, stored + 20), 20)  # type: ignore[misc]
                if outage == "long":  # until the page in hand is given up, in doubt: the cursor in Kafka tells
                    await eventually(lambda: "lane given up" in system.one("relay").log, 40)
                await asyncio.to_thread(broker.restart)
        assert all(done.attempts == 1 for done in load.history.done), "a write noticed that Kafka was down"
        await assert_everything_agrees(system, load.history, within=60)
    assert [process.pid for process in system.processes if process.is_running] == pids


async def grown(system: System, before: int) -> bool:
    return len(await published_records(system)) > before


async def written(system: System, count: int) -> bool:
    return await count_stored(system) >= count


@pytest.mark.timeout(240)
async def test_mongod_killed_under_load(system: System) -> None:
    await system.start_all()
    pids = [process.pid for process in system.processes]
    mongod = system.servers.mongo
    async with Workload(system, people=3) as load:
        async with load.running():
            for _ in range(5):
                before = sum((await projected_versions(system)).values())
                await eventually(lambda before=before: moved_on(system, before), 30)  # type: ignore[misc]
                mongod.kill()
                await asyncio.to_thread(mongod.restart)
        assert all(done.attempts == 1 for done in load.history.done), "a write noticed that MongoDB was down"
        await assert_everything_agrees(system, load.history, within=60)
    assert [process.pid for process in system.processes if process.is_running] == pids


async def moved_on(system: System, before: int) -> bool:
    return sum((await projected_versions(system)).values()) > before
