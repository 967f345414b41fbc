"""What Kafka has of rebuilds: which private topics there are, what each begins with, and whether it is complete."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager

import msgspec
from aiokafka import AIOKafkaConsumer, TopicPartition

from kernel.projection import rebuild_topic
from kernel.rebuilding import ENDED, STARTED, Started
from projector.records import Record

_ANSWER_SECONDS = 5.0


class RebuildTopics:
    """A reader of its own, in no group. Raises KafkaError, TimeoutError."""

    def __init__(self, client: AIOKafkaConsumer, namespace: str) -> None:
        self._client = client
        self._namespace = namespace

    async def newer(self, projection: str, than: int) -> int | None:
        """The newest generation of the projection that has a topic, if it is newer."""
        prefix = rebuild_topic(self._namespace, projection, "")
        topics = await asyncio.wait_for(self._client.topics(), _ANSWER_SECONDS)
        found = [
            int(name[len(prefix) :]) for name in topics if name.startswith(prefix) and name[len(prefix) :].isdigit()
        ]
        return max((generation for generation in found if generation > than), default=None)

    async def started(self, projection: str, generation: int) -> Started | None:
        """What the topic begins with; None while there is nothing in it."""
        partition = TopicPartition(rebuild_topic(self._namespace, projection, generation), 0)
        first = await self._at({partition: 0})
        if partition not in first or dict(first[partition].headers).get("ce_type") != STARTED.encode():
            return None
        return msgspec.json.decode(first[partition].value or b"", type=Started)

    async def ends(self, topic: str) -> dict[int, int] | None:
        """Partition → the offset after its last record, when that record says that all has been replayed."""
        partitions = self._client.partitions_for_topic(topic)
        if not partitions:
            await asyncio.wait_for(self._client.topics(), _ANSWER_SECONDS)
            return None
        tps = [TopicPartition(topic, each) for each in sorted(partitions)]
        ends: Mapping[TopicPartition, int] = await asyncio.wait_for(self._client.end_offsets(tps), _ANSWER_SECONDS)
        last = await self._at({tp: end - 1 for tp, end in ends.items() if end > 0})
        if len(last) < len(tps) or any(dict(each.headers).get("ce_type") != ENDED.encode() for each in last.values()):
            return None
        return {tp.partition: end for tp, end in ends.items()}

    async def _at(self, places: Mapping[TopicPartition, int]) -> dict[TopicPartition, Record]:
        """The record at each place; those that do not come in time are left out."""
        if not places:
            return {}
        self._client.assign(list(places))
        for tp, offset in places.items():
            self._client.seek(tp, offset)
        found: dict[TopicPartition, Record] = {}
        deadline = asyncio.get_running_loop().time() + _ANSWER_SECONDS
        while len(found) < len(places) and asyncio.get_running_loop().time() < deadline:
            missing = [tp for tp in places if tp not in found]
            for tp, records in (await self._client.getmany(*missing, timeout_ms=500)).items():
                for record in records:
                    if record.offset == places[tp]:
                        found[tp] = record
        return found


@asynccontextmanager
async def open_rebuild_topics(bootstrap: str, namespace: str) -> AsyncIterator[RebuildTopics]:
    """Kafka for as long as the context lasts."""
    client = AIOKafkaConsumer(
        bootstrap_servers=bootstrap,
        isolation_level="read_committed",
        enable_auto_commit=False,
        auto_offset_reset="none",
        metadata_max_age_ms=5_000,
        max_partition_fetch_bytes=4_000_000,
    )
    await client.start()
    try:
        yield RebuildTopics(client, namespace)
    finally:
        await client.stop()
