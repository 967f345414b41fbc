"""What the three stores hold, read raw: no code of the system's own stands between them and the test.

Kafka is read as any careful consumer would: read_committed, from the first offset to the last stable one.
"""

from __future__ import annotations

import json
from typing import Any

import msgspec
from aiokafka import AIOKafkaConsumer, TopicPartition
from pymongo import AsyncMongoClient

from tests.system.fold import Collections
from tests.system.system import System

EVENTS = """
    SELECT stream, version, event_id::text AS event_id, type, data::text AS data, metadata::text AS metadata, position
    FROM events ORDER BY stream, version
"""


class Stored(msgspec.Struct, frozen=True):
    """One row of `events`."""

    stream: str
    version: int
    event_id: str
    type: str
    data: dict[str, Any]
    metadata: dict[str, Any]
    position: int


class Record(msgspec.Struct, frozen=True):
    """One Kafka record."""

    topic: str
    partition: int
    offset: int
    key: str
    headers: dict[str, str]
    value: dict[str, Any]

    @property
    def event_id(self) -> str:
        return self.headers["ce_id"]

    @property
    def stream(self) -> str:
        return self.headers["ce_stream"]

    @property
    def version(self) -> int:
        return int(self.headers["ce_sequence"])


async def stored_events(system: System) -> list[Stored]:
    """Every stored event, in order per stream."""
    rows = await system.sql(EVENTS)
    return [
        Stored(
            row["stream"], row["version"], row["event_id"], row["type"], json.loads(row["data"]),
            json.loads(row["metadata"]), row["position"],
        )
        for row in rows
    ]  # fmt: skip


async def count_stored(system: System) -> int:
    return int((await system.sql("SELECT count(*) FROM events"))[0][0])


async def published_records(system: System, isolation: str = "read_committed") -> list[Record]:
    """Every record of the system's topics, in order per partition."""
    consumer = AIOKafkaConsumer(
        bootstrap_servers=system.servers.kafka.bootstrap,
        isolation_level=isolation,
        enable_auto_commit=False,
        auto_offset_reset="none",
    )
    await consumer.start()
    try:
        topics = await system.sql("SELECT topic, partitions FROM topics")
        partitions = [TopicPartition(row["topic"], each) for row in topics for each in range(row["partitions"])]
        consumer.assign(partitions)
        await consumer.seek_to_beginning(*partitions)
        ends = await consumer.end_offsets(partitions)
        records: list[Record] = []
        while any([await consumer.position(each) < ends[each] for each in partitions]):
            for polled in (await consumer.getmany(*partitions, timeout_ms=200)).values():
                records += [_record(one) for one in polled]
        return records
    finally:
        await consumer.stop()


def _record(one: Any) -> Record:
    headers = {name: value.decode() for name, value in one.headers}
    return Record(one.topic, one.partition, one.offset, one.key.decode(), headers, json.loads(one.value))


async def documents(system: System) -> Collections:
    """Every document of the projection's collections, by collection and id."""
    async with AsyncMongoClient[dict[str, Any]](system.servers.mongo.uri) as client:
        database = client[system.name]
        return {
            name: {document["_id"]: document async for document in database[name].find()}
            for name in ("posts", "comments", "likes")
        }


async def projected_versions(system: System) -> dict[str, int]:
    """Stream → version, as the documents have it."""
    async with AsyncMongoClient[dict[str, Any]](system.servers.mongo.uri) as client:
        found = client[system.name]["posts"].find({}, {"version": 1})
        return {document["_id"]: document["version"] async for document in found}


async def parked_streams(system: System) -> list[dict[str, Any]]:
    async with AsyncMongoClient[dict[str, Any]](system.servers.mongo.uri) as client:
        return [document async for document in client[system.name]["projector_parked_streams"].find()]
