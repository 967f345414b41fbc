"""Commits that come late, or in another order than they began: the bug of most event stores is to skip them."""

from __future__ import annotations

import asyncio

import asyncpg

from chaos.catching_up import caught_up, published
from chaos.journal import Client
from chaos.scenarios.scenario import Scenario
from chaos.scripted_writer import ScriptedWriter
from chaos.stage import Stage
from checker.history import Row


class Scripted:
    """A scripted writer whose writes stand in the history: told when its transaction ends, not before."""

    def __init__(self, stage: Stage, writer: ScriptedWriter) -> None:
        self._journal, self._writer = stage.journal, writer
        self._open: list[tuple[Client, Row, str, int]] = []

    @classmethod
    async def begin(cls, stage: Stage) -> Scripted:
        return cls(stage, await ScriptedWriter.begin(stage.system))

    async def create(self, stream: str = "") -> str:
        client = Client(self._journal)
        asked = self._journal.asked(client, "create-post", principal="script", stream=stream, args={"message": "late"})
        stream = await self._writer.create(stream, asked.correlation)
        self._open.append((client, asked, stream, 1))
        return stream

    async def edit(self, stream: str, version: int) -> None:
        client, args = Client(self._journal), {"message": f"text {version}"}
        asked = self._journal.asked(client, "edit-post", principal="script", stream=stream, args=args)
        await self._writer.edit(stream, version, asked.correlation)
        self._open.append((client, asked, stream, version))

    async def commit(self) -> None:
        await self._writer.commit()
        for client, asked, stream, version in self._open:
            self._journal.told(client, asked, ["201"], versions={stream: version})

    async def rollback(self) -> None:
        await self._writer.rollback()
        for client, asked, _, _ in self._open:
            self._journal.told(client, asked, ["422 rolled-back"])


async def lowest_ids_last(stage: Stage) -> None:
    """Writers take the lowest ids and commit last, while thousands behind them commit and are published."""
    rounds, behind = stage.scale(4, 20), stage.scale(150, 5_000)
    await stage.system.start_all()
    crowd, late, overtaken = stage.crowd(), 0, 0
    async with crowd.at_work():
        for _ in range(rounds):
            with stage.fault("a writer holds the lowest ids"):
                writers = [await Scripted.begin(stage) for _ in range(3)]
                for writer in writers:
                    await writer.create()
                before = await published(stage.system)
                began = asyncio.get_running_loop().time()
                await crowd.grown(behind, within=240)
                held = asyncio.get_running_loop().time() - began
                await asyncio.sleep(max(0.0, stage.scale(2, 15) - held))
                # those behind must be out by now: nobody waits for the three
                overtaken += await published(stage.system) - before
                for writer in reversed(writers):
                    await writer.commit()
                    late += 1
    stage.bit("late commits", late, 3 * rounds)
    stage.bit("records that went past them", overtaken, rounds * behind // 2)


async def rollbacks_and_jumps(stage: Stage) -> None:
    """Commits delayed at random, a fifth rolled back, and the sequence jumping as after a crash."""
    rounds = stage.scale(3, 40)
    await stage.system.start_all()
    crowd, counts = stage.crowd(), {"rolled back": 0, "committed late": 0, "jumps": 0}

    async def one() -> None:
        writer = await Scripted.begin(stage)
        await writer.create()
        await asyncio.sleep(stage.chance.uniform(0, 2))
        rolled_back = stage.chance.random() < 0.2
        counts["rolled back" if rolled_back else "committed late"] += 1
        await (writer.rollback() if rolled_back else writer.commit())

    async with crowd.at_work():
        with stage.fault("delayed commits, rollbacks, jumps"):
            for _ in range(rounds):
                writing = [asyncio.create_task(one()) for _ in range(20)]
                await asyncio.to_thread(
                    stage.system.servers.postgres.query,
                    "SELECT setval('log_position', nextval('log_position') + 32)", stage.system.name,
                )  # fmt: skip
                counts["jumps"] += 1
                await asyncio.gather(*writing)
    stage.bit("rolled back", counts["rolled back"], rounds)
    stage.bit("committed late", counts["committed late"], rounds * 10)
    stage.bit("jumps", counts["jumps"], rounds)


async def inverted_ids(stage: Stage) -> None:
    """The second version of a stream under a lower transaction id than its first; relays of tiny and of large pages."""
    pairs = stage.scale(40, 500)
    await stage.system.start_all("app", "projector")
    relay = await stage.system.start("relay", relay_batch=1, lease_seconds=1).ready()
    crowd = stage.crowd(rate=stage.scale(60, 200))
    async with crowd.at_work():
        for batch in (1, 500):
            relay.kill()
            relay = await stage.system.start("relay", relay_batch=batch, lease_seconds=1).ready()
            with stage.fault(f"inverted ids, pages of {batch}"):
                for _ in range(pairs // 10):
                    await asyncio.gather(*(inverted(stage) for _ in range(10)))
    stage.bit("inversions", await inversions(stage), 2 * (pairs // 10) * 10)


async def inverted(stage: Stage) -> None:
    second, first = await Scripted.begin(stage), await Scripted.begin(stage)  # the second has the lower id
    stream = await first.create()
    await first.commit()
    await second.edit(stream, 2)
    await second.commit()


async def inversions(stage: Stage) -> int:
    """Streams of which a later version has an earlier transaction id."""
    rows = await stage.system.sql("""
        SELECT count(*) FROM outbox v1 JOIN outbox v2 ON v2.stream = v1.stream AND v2.version = v1.version + 1
        WHERE v2.txid < v1.txid
    """)
    return int(rows[0][0])


async def idle_writers(stage: Stage) -> None:
    """A transaction that has written stays open, in another database and in this one: everybody else goes on."""
    rounds, went_on = stage.scale(2, 20), 0
    await stage.system.start_all()
    crowd = stage.crowd()
    for _ in range(rounds):
        with stage.fault("idle writers"):
            elsewhere = await asyncpg.connect(stage.system.servers.postgres.dsn("postgres"))
            await elsewhere.execute("BEGIN; SELECT pg_current_xact_id()")
            here = await Scripted.begin(stage)
            await here.create()
            await crowd.burst(stage.scale(100, 2_000))
            went_on += await caught_up(stage.system, within=10) is not None
            await asyncio.gather(here.commit(), elsewhere.execute("ROLLBACK"))
            await elsewhere.close()
    stage.bit("times all others were published and projected meanwhile", went_on, rounds)


SCENARIOS = [
    Scenario(name="S12", title="the lowest ids commit last", play=lowest_ids_last),
    Scenario(name="S13", title="delayed commits, rollbacks, jumps of the sequence", play=rollbacks_and_jumps),
    Scenario(name="S15", title="idle writers, here and in another database", play=idle_writers, live_seconds=5),
    Scenario(name="S14", title="versions and transaction ids in opposite order", play=inverted_ids),
]
