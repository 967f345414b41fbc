"""Kafka for the projector: one projection's records, in order per partition, from the positions MongoDB says.

The group only shares partitions out; its offsets are never committed nor read, and nothing is ever reset: a position
that Kafka does not hold is an OutOfRange. What is done with records stays out.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable, Mapping, Sequence
from contextlib import asynccontextmanager

from aiokafka import AIOKafkaConsumer, ConsumerRebalanceListener, TopicPartition
from aiokafka.errors import KafkaError, NoOffsetForPartitionError, OffsetOutOfRangeError

from projector.records import Record


class OutOfRange(Exception):
    """A checkpoint names an offset that the topic does not hold, or a topic that was made anew."""

    repair = "restore the topic, or rebuild the projection; it goes on by itself once the offset is there"

    def __init__(self, detail: str, partition: int) -> None:
        super().__init__(detail)
        self.partition = partition


class Consumer(ConsumerRebalanceListener):
    """The group member. `assignment` is what it holds now; `epoch` changes with every rebalance."""

    def __init__(self, client: AIOKafkaConsumer, topic: str, drain: Callable[[], Awaitable[None]]) -> None:
        self._client = client
        self._topic = topic
        self._drain = drain
        self._assigned = asyncio.Event()
        self.assignment: frozenset[int] = frozenset()
        self.epoch = 0
        client.subscribe([topic], listener=self)

    async def on_partitions_revoked(self, revoked: Iterable[TopicPartition]) -> None:
        """What is in hand is finished before the partitions go; its successor then finds the checkpoints settled."""
        self.epoch += 1
        self._assigned.clear()
        self.assignment = frozenset()
        await self._drain()

    async def on_partitions_assigned(self, assigned: Iterable[TopicPartition]) -> None:
        self.epoch += 1
        self.assignment = frozenset(tp.partition for tp in assigned)
        self._assigned.set()

    @property
    def width(self) -> int:
        """How many partitions the topic has, as last heard."""
        return len(self._client.partitions_for_topic(self._topic) or ())

    async def assigned(self, within: float) -> bool:
        """True once partitions are assigned (perhaps none, when projectors outnumber them)."""
        try:
            await asyncio.wait_for(self._assigned.wait(), within)
        except TimeoutError:
            return False
        return True

    async def beginnings(self, partitions: Iterable[int]) -> dict[int, int]:
        """Partition → first offset held. Raises KafkaError, TimeoutError."""
        found = await asyncio.wait_for(self._client.beginning_offsets(self._tps(partitions)), 5)
        return {tp.partition: offset for tp, offset in found.items()}

    async def ends(self, partitions: Iterable[int]) -> dict[int, int]:
        """Partition → the offset after the last committed one. Raises KafkaError, TimeoutError."""
        found = await asyncio.wait_for(self._client.end_offsets(self._tps(partitions)), 5)
        return {tp.partition: offset for tp, offset in found.items()}

    def seek(self, positions: Mapping[int, int]) -> None:
        for partition, offset in positions.items():
            self._client.seek(TopicPartition(self._topic, partition), offset)

    async def poll(self, partitions: Iterable[int], limit: int, wait_seconds: float) -> dict[int, Sequence[Record]]:
        """Partition → records, at most `limit` in all; empty when none came in time. Raises OutOfRange, KafkaError."""
        epoch = self.epoch
        try:
            found = await self._client.getmany(
                *self._tps(partitions), timeout_ms=int(wait_seconds * 1000), max_records=limit
            )
        except (OffsetOutOfRangeError, NoOffsetForPartitionError) as error:
            if self.epoch != epoch:
                return {}  # a new assignment has no positions until it is taken
            raise OutOfRange(f"{self._topic} does not hold {error}", min(_partitions_of(error))) from error
        if self.epoch != epoch:
            return {}  # fetched for an assignment that is over
        return {tp.partition: records for tp, records in found.items() if records}

    async def positions(self, partitions: Iterable[int]) -> dict[int, int]:
        """Partition → offset of the next fetch, which is past what a reader is never shown (transaction markers)."""
        return {tp.partition: await self._client.position(tp) for tp in self._tps(partitions)}

    async def reachable(self) -> None:
        """Returns when a broker answers. Raises KafkaError, TimeoutError."""
        await asyncio.wait_for(self._client.topics(), 3)

    def _tps(self, partitions: Iterable[int]) -> list[TopicPartition]:
        return [TopicPartition(self._topic, partition) for partition in partitions]


def _partitions_of(error: KafkaError) -> list[int]:
    argument = error.args[0] if error.args else None
    tps = argument if isinstance(argument, dict) else [argument]
    return [tp.partition for tp in tps if isinstance(tp, TopicPartition)] or [-1]


@asynccontextmanager
async def open_consumer(
    bootstrap: str, topic: str, group: str, drain: Callable[[], Awaitable[None]]
) -> AsyncIterator[Consumer]:
    """A member of the group for as long as the context lasts; on leaving, its partitions go to the others at once."""
    client = AIOKafkaConsumer(
        bootstrap_servers=bootstrap,
        group_id=group,
        isolation_level="read_committed",
        enable_auto_commit=False,
        auto_offset_reset="none",
        # a member that was killed holds its partitions for this long
        session_timeout_ms=6_000,
        heartbeat_interval_ms=1_000,
        # a transaction in hand is finished before partitions go; the broker waits this long for it
        rebalance_timeout_ms=20_000,
        # a paused projection polls nothing and stays a member; who makes no progress is the watchdog's business
        max_poll_interval_ms=2**31 - 1,
        retry_backoff_ms=50,
        metadata_max_age_ms=30_000,
        max_partition_fetch_bytes=1_048_576,
    )
    consumer = Consumer(client, topic, drain)
    await client.start()
    try:
        yield consumer
    finally:
        await client.stop()


__all__ = ["Consumer", "KafkaError", "OutOfRange", "open_consumer"]
