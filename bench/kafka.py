"""Kafka for benches: topics made, a history produced fast, all read back and counted, and Java's own producer."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Mapping
from typing import Any

import msgspec
from aiokafka import AIOKafkaConsumer, AIOKafkaProducer, TopicPartition
from aiokafka.admin import AIOKafkaAdminClient, NewTopic

from bench.ground import BenchFailed, Ground
from bench.history import PARTITIONS, Fact, kafka_row
from relay.records import kafka_record

BATCH_BYTES = 500_000
_RATE = re.compile(r"records sent, ([0-9.]+) records/sec")


class Counted(msgspec.Struct, frozen=True):
    """What a read_committed consumer finds in a topic."""

    records: int
    doubled: int
    out_of_order: int


async def make_topic(bootstrap: str, topic: str, partitions: int = PARTITIONS) -> None:
    admin = AIOKafkaAdminClient(bootstrap_servers=bootstrap)
    await admin.start()
    try:
        await admin.create_topics([NewTopic(topic, partitions, 1, topic_configs={"retention.ms": "-1"})])
    finally:
        await admin.close()


async def produce(bootstrap: str, topic: str, facts: Iterable[Fact]) -> None:
    """The facts are in the topic as the relay would have put them there."""
    producer = AIOKafkaProducer(
        bootstrap_servers=bootstrap, acks="all", enable_idempotence=True, max_batch_size=BATCH_BYTES
    )
    await producer.start()
    filling: dict[int, Any] = {}
    try:
        for fact in facts:
            timestamp, key, value, headers = kafka_record(kafka_row(fact))
            batch = filling.get(fact.partition)
            if batch is None or batch.append(timestamp=timestamp, key=key, value=value, headers=headers) is None:
                if batch is not None:
                    await (await producer.send_batch(batch, topic, partition=fact.partition))
                batch = filling[fact.partition] = producer.create_batch()
                batch.append(timestamp=timestamp, key=key, value=value, headers=headers)
        for partition, batch in filling.items():
            await (await producer.send_batch(batch, topic, partition=partition))
    finally:
        await producer.stop()


async def count_records(bootstrap: str, topic: str, partitions: int = PARTITIONS) -> Counted:
    """Every committed record of the topic, by stream and version."""
    consumer = AIOKafkaConsumer(
        bootstrap_servers=bootstrap, isolation_level="read_committed", auto_offset_reset="earliest",
        max_partition_fetch_bytes=4_000_000, fetch_max_bytes=50_000_000,
    )  # fmt: skip
    await consumer.start()
    seen: Counter[tuple[bytes, int]] = Counter()
    last: dict[bytes, int] = {}
    out_of_order = 0
    try:
        places = [TopicPartition(topic, partition) for partition in range(partitions)]
        consumer.assign(places)
        ends: Mapping[TopicPartition, int] = await consumer.end_offsets(places)
        while any([await consumer.position(place) < ends[place] for place in places]):
            for records in (await consumer.getmany(timeout_ms=500)).values():
                for record in records:
                    headers = dict(record.headers)
                    stream, version = headers["ce_stream"], int(headers["ce_sequence"])
                    if not seen[stream, version]:
                        out_of_order += version != last.get(stream, 0) + 1
                        last[stream] = version
                    seen[stream, version] += 1
    finally:
        await consumer.stop()
    return Counted(seen.total(), sum(times - 1 for times in seen.values()), out_of_order)


def java_producer(ground: Ground, topic: str, records: int, record_bytes: int) -> float:
    """Records a second of Kafka's own ProducerPerformance: idempotent, acks=all, its defaults otherwise."""
    done = ground.servers.kafka.tool(
        "org.apache.kafka.tools.ProducerPerformance",
        [
            "--topic", topic, "--num-records", str(records), "--record-size", str(record_bytes), "--throughput", "-1",
            "--producer-props", f"bootstrap.servers={ground.servers.kafka.bootstrap}", "acks=all",
            "enable.idempotence=true",
        ],
    )  # fmt: skip
    rates = _RATE.findall(done.stdout.decode())
    if done.returncode or not rates:
        raise BenchFailed(f"ProducerPerformance failed: {(done.stdout + done.stderr).decode()[-1000:]}")
    return float(rates[-1])  # the last line sums up
