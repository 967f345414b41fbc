"""Whoever lost a partition changes nothing any more, and a lost position is told, never reset."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import pytest
from aiokafka import AIOKafkaConsumer, TopicPartition
from aiokafka.admin import AIOKafkaAdminClient, RecordsToDelete

from domains.posts.views import POSTS
from kernel.domain import load_codec
from kernel.projection import PROJECTIONS
from projector.checkpoints import Checkpoints
from projector.documents import Loaded
from projector.mongo import Mongo, Transactions, open_mongo
from projector.records import Record
from projector.schema import CHECKPOINTS, ensure_schema
from projector.unit_of_work import Tenure, UnitOfWork
from projector.writes import Stale, Update
from tests.integration.projector.conftest import PARTITIONS, Place, eventually
from tests.integration.projector.feed import Story, make_topic


@pytest.fixture
async def mongo(place: Place) -> AsyncIterator[Mongo]:
    async with open_mongo(place.settings.mongo_uri, place.name) as mongo:
        await ensure_schema(mongo, [POSTS])
        yield mongo


class Projector:
    """One projector's transactions and unit of work, driven step by step."""

    def __init__(self, mongo: Mongo, topic: str) -> None:
        self.mongo = mongo
        self.transactions: Transactions = mongo.transactions(1)
        self.checkpoints = Checkpoints(mongo, self.transactions, "posts", topic)
        self.unit = UnitOfWork(mongo, self.transactions, POSTS, load_codec(["domains.posts"]), self.checkpoints, 100)

    async def take(self) -> Tenure:
        if not self.transactions.ids:
            await self.transactions.open()
        taken = await self.checkpoints.take(dict.fromkeys(range(PARTITIONS), 0))
        return Tenure(taken, {number: set() for number in taken}, Loaded(self.mongo))


async def test_a_zombies_late_transaction_changes_nothing(place: Place, mongo: Mongo) -> None:
    story = Story()
    await place.send(story.chapter(posts=3, events=20))
    records = await read_all(place, 23)
    zombie, successor = Projector(mongo, place.topic), Projector(mongo, place.topic)
    of_zombie = await zombie.take()
    of_successor = await successor.take()
    with pytest.raises(Stale):
        await zombie.unit.project(of_zombie, records)
    assert await place.versions() == 0
    await successor.unit.project(of_successor, records)
    before = await place.documents()
    with pytest.raises(Stale):
        await zombie.unit.project(of_zombie, records)
    assert await place.documents() == before == await place.plain_fold()


async def test_taking_a_partition_ends_what_a_killed_projector_left_open(place: Place, mongo: Mongo) -> None:
    killed, successor = Projector(mongo, place.topic), Projector(mongo, place.topic)
    await killed.take()
    session = killed.transactions._idle.get_nowait()  # as a SIGKILL leaves it: written to, and never committed
    session.start_transaction()
    where = {"_id": f"posts/{place.topic}/0"}
    await killed.mongo._database[CHECKPOINTS].update_one(where, {"$set": {"next": 99}}, session=session)
    async with asyncio.timeout(5):  # it would stay open for a minute
        await successor.take()
    assert (await place.checkpoints())[0] == 0
    await session.end_session()


async def test_a_transaction_cancelled_in_the_middle_leaves_nothing(place: Place, mongo: Mongo) -> None:
    await place.send(Story().chapter(posts=20, events=300))
    records, cancelled = await read_all(place, 320), 0
    for delay in (0.005, 0.01, 0.02, 0.03):
        projector = Projector(mongo, place.topic)
        tenure = await projector.take()
        try:
            async with asyncio.timeout(delay):
                await projector.unit.project(tenure, records)
        except TimeoutError:
            cancelled += 1
        except Stale:
            pass  # a cancelled commit had won
        assert await place.versions() in (0, 320)
    assert cancelled
    successor = Projector(mongo, place.topic)
    await successor.unit.project(await successor.take(), records)
    assert await place.documents() == await place.plain_fold()


async def test_a_write_that_finds_another_state_is_stale_and_the_whole_transaction_with_it(
    place: Place, mongo: Mongo
) -> None:
    projector = Projector(mongo, place.topic)
    await projector.take()
    late = Update({"_id": f"posts/{place.topic}/1", "revision": 99}, {"$set": {"next": 1}})
    fine = Update({"_id": f"posts/{place.topic}/0"}, {"$set": {"next": 1}})
    with pytest.raises(Stale):
        await projector.transactions.transact([(CHECKPOINTS, [fine, late])])
    assert set((await place.checkpoints()).values()) == {0}


async def test_an_offset_kafka_no_longer_holds_stops_the_projection_and_is_told(place: Place) -> None:
    story = Story()
    await place.send(story.chapter(posts=10, events=50))
    async with place.projecting():
        await eventually(lambda: _all(place, 60))
    before = await place.checkpoints()
    await place.send(story.chapter(posts=10, events=200))
    await forget(place)
    async with place.projecting():
        fault = await eventually(lambda: told(place))
    assert "stands at" in fault["error"]
    assert "rebuild" in fault["repair"]
    assert await place.checkpoints() == before


async def test_a_topic_made_anew_under_a_projection_is_noticed(place: Place) -> None:
    await place.send(Story(seed=1).chapter(posts=10, events=10))
    async with place.projecting():
        await eventually(lambda: _all(place, 20))
    admin = AIOKafkaAdminClient(bootstrap_servers=place.settings.kafka_bootstrap)
    await admin.start()
    try:
        await admin.delete_topics([place.topic])
        await eventually(lambda: gone(admin, place.topic))
    finally:
        await admin.close()
    await make_topic(place.settings.kafka_bootstrap, place.topic, PARTITIONS)
    await place.send(Story(seed=2).chapter(posts=50, events=100))
    async with place.projecting():
        fault = await eventually(lambda: told(place))
    assert "made anew" in fault["error"]
    assert await place.versions() == 20


async def read_all(place: Place, events: int) -> dict[int, list[Record]]:
    """Partition → its records; `events` in all, for those just committed become visible a moment later."""
    consumer = AIOKafkaConsumer(
        bootstrap_servers=place.settings.kafka_bootstrap,
        isolation_level="read_committed",
        enable_auto_commit=False,
        auto_offset_reset="earliest",
    )
    await consumer.start()
    try:
        consumer.assign([TopicPartition(place.topic, number) for number in range(PARTITIONS)])
        found: dict[int, list[Record]] = {}
        async with asyncio.timeout(20):
            while sum(map(len, found.values())) < events:
                for tp, records in (await consumer.getmany(timeout_ms=500)).items():
                    found.setdefault(tp.partition, []).extend(records)
    finally:
        await consumer.stop()
    return found


async def forget(place: Place) -> None:
    """Retention has passed everything there is."""
    admin = AIOKafkaAdminClient(bootstrap_servers=place.settings.kafka_bootstrap)
    await admin.start()
    try:
        everything = {TopicPartition(place.topic, number): RecordsToDelete(-1) for number in range(PARTITIONS)}
        await admin.delete_records(everything)
    finally:
        await admin.close()


async def gone(admin: AIOKafkaAdminClient, topic: str) -> bool:
    return topic not in await admin.list_topics()


async def told(place: Place) -> dict[str, Any] | None:
    rows = await place.rows(PROJECTIONS)
    return rows[0].get("fault") if rows else None


async def _all(place: Place, events: int) -> bool:
    return await place.versions() == events
