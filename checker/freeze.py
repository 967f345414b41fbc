"""The raw readers: what the three stores hold, as rows in the run's folder; nothing of the system's own code between.

PostgreSQL by a role that only reads, Kafka by assignment from the first offset to the last, MongoDB by plain finds. The
stores must be at rest: nothing here waits for them.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

import asyncpg
import msgspec
from aiokafka import AIOKafkaConsumer, TopicPartition
from pymongo import AsyncMongoClient

from checker.run import FROZEN
from checker.stored import Partition, Record

ROWS = {
    "events": """
        SELECT json_build_object('stream', stream, 'version', version, 'event_id', event_id, 'type', type, 'data', data,
                                 'metadata', metadata, 'position', position, 'occurred_at',
                                 to_char(occurred_at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"'))::text
        FROM all_events ORDER BY stream, version""",
    "streams": "SELECT json_build_array(stream, version)::text FROM streams",
    "commands": "SELECT json_build_array(principal, key, answer)::text FROM commands",
    "outbox": """
        SELECT json_build_object('position', position, 'txid', txid::text::bigint, 'lane', lane, 'event_id', event_id,
                                 'stream', stream, 'version', version)::text
        FROM outbox ORDER BY position""",
    "lanes": """
        SELECT json_build_object('lane', lane, 'epoch', epoch, 'owner', owner, 'passed', passed::text,
                                 'position', position)::text
        FROM relay_lanes ORDER BY lane""",
}
LOOK_AT_LANES = ROWS["lanes"]


class Stores(msgspec.Struct, frozen=True, kw_only=True):
    """Where the three are, and what of them is this system's."""

    postgres_dsn: str
    kafka_bootstrap: str
    mongo_uri: str
    mongo_database: str
    topics: Sequence[str]


async def freeze(folder: Path, stores: Stores) -> None:
    """Everything the stores hold lies in the folder."""
    (folder / FROZEN / "documents").mkdir(parents=True, exist_ok=True)
    await _freeze_postgres(folder / FROZEN, stores.postgres_dsn)
    await _freeze_kafka(folder / FROZEN, stores)
    await _freeze_mongo(folder / FROZEN / "documents", stores)


async def _freeze_postgres(folder: Path, dsn: str) -> None:
    connection = await asyncpg.connect(dsn, server_settings={"default_transaction_read_only": "on", "timezone": "UTC"})
    try:
        async with connection.transaction(isolation="repeatable_read", readonly=True):
            for name, query in ROWS.items():
                with (folder / f"{name}.jsonl").open("wb") as file:
                    async for row in connection.cursor(query, prefetch=5_000):
                        file.write(_one_line(row[0]) + b"\n")
    finally:
        await connection.close()


def _one_line(text: str) -> bytes:
    """PostgreSQL's JSON of a text column may hold line breaks between tokens; inside strings they are escaped."""
    return text.replace("\n", " ").encode()


async def _freeze_kafka(folder: Path, stores: Stores) -> None:
    partitions: list[Partition] = []
    with (folder / "records.jsonl").open("wb") as records, (folder / "uncommitted.jsonl").open("wb") as uncommitted:
        for topic in stores.topics:
            partitions += await _read_topic(stores, topic, "read_committed", records)
            await _read_topic(stores, topic, "read_uncommitted", uncommitted)
    _write(folder / "partitions.jsonl", partitions)


async def _read_topic(stores: Stores, topic: str, isolation: str, file: Any) -> list[Partition]:
    consumer = AIOKafkaConsumer(
        bootstrap_servers=stores.kafka_bootstrap,
        isolation_level=isolation,
        enable_auto_commit=False,
        auto_offset_reset="none",
        max_partition_fetch_bytes=4_000_000,
    )
    await consumer.start()
    try:
        consumer.subscribe([topic])  # only to learn how many partitions there are
        numbers = await _partitions_of(consumer, topic)
        consumer.unsubscribe()
        own = [TopicPartition(topic, number) for number in sorted(numbers)]
        consumer.assign(own)
        await consumer.seek_to_beginning(*own)
        ends = await consumer.end_offsets(own)
        left = {each for each in own if ends[each] > 0}
        while left:
            for each, batch in (await consumer.getmany(*left, timeout_ms=200, max_records=20_000)).items():
                file.writelines(_record(each, one) for one in batch if one.offset < ends[each])
            left = {each for each in left if await consumer.position(each) < ends[each]}
        return [Partition(topic, each.partition, ends[each]) for each in own]
    finally:
        await consumer.stop()


async def _partitions_of(consumer: AIOKafkaConsumer, topic: str) -> set[int]:
    await consumer._client.force_metadata_update()
    found = consumer.partitions_for_topic(topic)
    if not found:
        raise LookupError(f"Kafka has no topic {topic}")
    return set(found)


def _record(partition: TopicPartition, one: Any) -> bytes:
    headers = {name: value.decode(errors="replace") for name, value in one.headers}
    try:
        value = json.dumps(json.loads(one.value)).encode()
    except ValueError:
        value = json.dumps({"not JSON": repr(one.value)}).encode()
    record = Record(
        topic=partition.topic, partition=partition.partition, offset=one.offset, key=(one.key or b"").decode(),
        headers=headers, value=msgspec.Raw(value),
    )  # fmt: skip
    return msgspec.json.encode(record) + b"\n"


async def _freeze_mongo(folder: Path, stores: Stores) -> None:
    async with AsyncMongoClient[dict[str, Any]](stores.mongo_uri) as client:
        database = client[stores.mongo_database]
        for name in await database.list_collection_names():
            with (folder / f"{name}.jsonl").open("wb") as file:
                async for document in database[name].find(batch_size=5_000):
                    file.write(msgspec.json.encode(document, enc_hook=repr) + b"\n")


def _write(path: Path, rows: Iterable[Any]) -> None:
    path.write_bytes(b"".join(msgspec.json.encode(row) + b"\n" for row in rows))
