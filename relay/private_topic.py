"""A rebuild's own topic: the replayed records, behind a first one that says what it is, before a last one a partition.

`<namespace>.rebuild.<projection>.<generation>`, as wide as the domain's topic, so an event is in the partition that it
always had. The first record of partition 0 says from which offsets of the domain's topic the rebuild goes on
afterwards: they were read before the first event was, so what the replay did not see is behind them.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Sequence

import msgspec
from aiokafka import AIOKafkaConsumer, AIOKafkaProducer, TopicPartition
from aiokafka.admin import AIOKafkaAdminClient, NewTopic
from aiokafka.errors import TopicAlreadyExistsError, UnknownTopicOrPartitionError, for_code
from aiokafka.producer.message_accumulator import BatchBuilder

from kernel.projection import rebuild_topic
from kernel.rebuilding import ENDED, STARTED, Ended, Started
from kernel.settings import Settings
from relay.publisher import BATCH_BYTES, RECORD_BYTES
from relay.rebuilds import Rebuild
from relay.records import Header, KafkaRecord

_ANSWER_MS = 5_000
_SENT_SECONDS = 30.0

CONFIG = {
    "cleanup.policy": "delete",
    "retention.ms": str(7 * 24 * 3_600_000),  # of no use once the rebuild has caught up; the next one deletes it sooner
    "max.message.bytes": str(RECORD_BYTES + 100_000),
    "message.timestamp.type": "LogAppendTime",  # the events' own age must not delete them
}


class PrivateTopic:
    """An open producer for one rebuild's topic; an async context."""

    def __init__(self, settings: Settings, rebuild: Rebuild, source_topic: str, partitions: int) -> None:
        self._bootstrap = settings.kafka_bootstrap
        self._source_topic, self.partitions = source_topic, partitions
        self._rebuild = rebuild
        self.name = rebuild_topic(settings.namespace, rebuild.projection, rebuild.generation)
        self._prefix = rebuild_topic(settings.namespace, rebuild.projection, "")
        self._producer = AIOKafkaProducer(
            bootstrap_servers=self._bootstrap,
            enable_idempotence=True,
            max_batch_size=BATCH_BYTES,
            max_request_size=RECORD_BYTES,
        )

    async def __aenter__(self) -> PrivateTopic:
        await self._make()
        await self._producer.start()
        return self

    async def __aexit__(self, *_: object) -> None:
        stopping = asyncio.ensure_future(self._producer.stop())
        done, _pending = await asyncio.wait({stopping}, timeout=2)
        if not done:
            stopping.cancel()
            await self._producer.client.close()

    async def announce(self, upto: int, events: int) -> None:
        """Partition 0 begins with what this is, and from where to go on."""
        origin = await self._ends(self._source_topic)
        started = Started(
            id=str(self._rebuild.id),
            projection=self._rebuild.projection,
            generation=self._rebuild.generation,
            requested_by=self._rebuild.requested_by,
            switch=self._rebuild.switch,
            upto=upto,
            events=events,
            origin=origin,
        )
        await self._say(0, STARTED, started)

    async def send(self, records: Iterable[tuple[int, KafkaRecord]]) -> None:
        """The records are in Kafka, acknowledged, in order per partition."""
        filling: dict[int, BatchBuilder] = {}
        batches: list[tuple[int, BatchBuilder]] = []
        for partition, (timestamp, key, value, headers) in records:
            batch = filling.get(partition)
            if batch is None or batch.append(timestamp=timestamp, key=key, value=value, headers=headers) is None:
                batch = filling[partition] = self._producer.create_batch()
                batch.append(timestamp=timestamp, key=key, value=value, headers=headers)
                batches.append((partition, batch))
        await self._send(batches)

    async def end(self) -> None:
        """Every partition ends with a record that says so: whoever has read past it has read all."""
        ended = Ended(id=str(self._rebuild.id), sent=self._rebuild.sent)
        for partition in range(self.partitions):
            await self._say(partition, ENDED, ended)

    async def _say(self, partition: int, kind: str, value: msgspec.Struct) -> None:
        name = f"rebuild-{self._rebuild.id}"
        headers: list[Header] = [
            ("ce_specversion", b"1.0"),
            ("ce_type", kind.encode()),
            ("ce_id", f"{self._rebuild.id}/{kind}/{partition}".encode()),
            ("ce_stream", name.encode()),
            ("ce_sequence", b"1"),
        ]
        batch = self._producer.create_batch()
        batch.append(timestamp=None, key=name.encode(), value=msgspec.json.encode(value), headers=headers)
        await self._send([(partition, batch)])

    async def _send(self, batches: Sequence[tuple[int, BatchBuilder]]) -> None:
        async with asyncio.timeout(_SENT_SECONDS):
            sent = [await self._producer.send_batch(batch, self.name, partition=each) for each, batch in batches]
            await asyncio.gather(*sent)

    async def _make(self) -> None:
        """The topic is there; those of this projection's earlier rebuilds are not."""
        admin = AIOKafkaAdminClient(bootstrap_servers=self._bootstrap, request_timeout_ms=_ANSWER_MS)
        await admin.start()
        try:
            old = [name for name in await admin.list_topics() if name.startswith(self._prefix) and name != self.name]
            if old:
                await admin.delete_topics(old)
            copies = min(3, len((await admin.describe_cluster())["brokers"]))
            answer = await admin.create_topics([NewTopic(self.name, self.partitions, copies, topic_configs=CONFIG)])
            for _, code, *_ in answer.topic_errors:  # type: ignore[attr-defined]
                if code and for_code(code) is not TopicAlreadyExistsError:  # a relay before us made it
                    raise for_code(code)(self.name)
        finally:
            await admin.close()

    async def _ends(self, topic: str) -> dict[int, int]:
        consumer = AIOKafkaConsumer(bootstrap_servers=self._bootstrap, isolation_level="read_committed")
        await consumer.start()
        try:
            partitions = [TopicPartition(topic, each) for each in range(self.partitions)]
            ends = await asyncio.wait_for(consumer.end_offsets(partitions), _SENT_SECONDS)
        except UnknownTopicOrPartitionError:
            return {}
        finally:
            await consumer.stop()
        return {partition.partition: offset for partition, offset in ends.items()}
