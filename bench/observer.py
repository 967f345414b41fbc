"""`python -m bench.observer`: notes when each event is seen in Kafka and when each version is seen in MongoDB.

Kafka as a read_committed consumer, MongoDB as a change stream on the primary documents, which tells of what a majority
has only: both see nothing earlier than any reader could. Runs until its standard input closes; says "ready" before.
"""

from __future__ import annotations

import asyncio
import sys
import time
from pathlib import Path
from typing import Any

import msgspec
import uvloop
from aiokafka import AIOKafkaConsumer, TopicPartition
from pymongo import AsyncMongoClient


class Observing(msgspec.Struct, frozen=True, kw_only=True):
    """What to look at, and the file that gets what was seen."""

    bootstrap: str
    topic: str
    partitions: int
    uri: str
    database: str
    collection: str
    file: str


class Seen(msgspec.Struct):
    """Unix nanoseconds. Kafka: stream, version, recorded (ms), seen. MongoDB: stream, version, seen."""

    kafka: list[tuple[str, int, int, int]] = []
    mongo: list[tuple[str, int, int]] = []


async def observe(observing: Observing) -> Seen:
    """All that was seen until standard input closed."""
    seen, ended = Seen(), asyncio.get_running_loop().create_future()
    asyncio.get_running_loop().add_reader(sys.stdin.fileno(), ended.cancel)
    consumer = AIOKafkaConsumer(
        bootstrap_servers=observing.bootstrap, isolation_level="read_committed", fetch_max_wait_ms=500,
        fetch_min_bytes=1,
    )  # fmt: skip
    await consumer.start()
    places = [TopicPartition(observing.topic, partition) for partition in range(observing.partitions)]
    consumer.assign(places)
    await consumer.seek_to_end(*places)
    # the end is looked up only when asked for: from now on nothing is missed
    for place in places:
        await consumer.position(place)
    async with AsyncMongoClient[dict[str, Any]](observing.uri) as client:
        fields = ("documentKey", "fullDocument.version", "updateDescription.updatedFields.version")
        pipeline = [{"$project": dict.fromkeys(fields, 1)}]
        async with await client[observing.database][observing.collection].watch(pipeline) as changes:
            print("ready", flush=True)
            readers = [
                asyncio.create_task(_read_kafka(consumer, seen)), asyncio.create_task(_read_changes(changes, seen)),
            ]  # fmt: skip
            await asyncio.wait([ended, *readers], return_when=asyncio.FIRST_COMPLETED)
            for reader in readers:
                if reader.done():
                    reader.result()
                reader.cancel()
            await asyncio.wait(readers)
    await consumer.stop()
    return seen


async def _read_kafka(consumer: AIOKafkaConsumer, seen: Seen) -> None:
    while True:
        polled = await consumer.getmany(timeout_ms=500)
        now = time.time_ns()
        for records in polled.values():
            for record in records:
                headers = dict(record.headers)
                stream, version = headers["ce_stream"].decode(), int(headers["ce_sequence"])
                seen.kafka.append((stream, version, record.timestamp, now))


async def _read_changes(changes: Any, seen: Seen) -> None:
    async for change in changes:
        now = time.time_ns()
        after = change.get("fullDocument") or change.get("updateDescription", {}).get("updatedFields") or {}
        if "version" in after:
            seen.mongo.append((change["documentKey"]["_id"], after["version"], now))


if __name__ == "__main__":
    given = msgspec.json.decode(sys.argv[1], type=Observing)
    Path(given.file).write_bytes(msgspec.json.encode(uvloop.run(observe(given))))
