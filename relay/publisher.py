"""Publishes a lane's pages: each in one Kafka transaction together with the cursor that stands after it.

Invariant: a record is visible to read_committed exactly when the cursor that has passed it is. The transactional id is
the lane's, so starting a publisher fences whoever had the lane before and ends what they had begun. A publisher that
has failed once is thrown away: aiokafka would commit a transaction although a batch in it failed.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterable
from types import TracebackType
from typing import TYPE_CHECKING, TypeAlias

import aiokafka.producer.sender
from aiokafka import AIOKafkaProducer, TopicPartition
from aiokafka.admin import AIOKafkaAdminClient
from aiokafka.producer.message_accumulator import BatchBuilder
from aiokafka.structs import OffsetAndMetadata

from kernel.settings import Settings
from relay.records import kafka_record

if TYPE_CHECKING:
    from relay.database import Record

TRANSACTION_SECONDS = 10.0
"""How long read_committed readers wait at most for a relay that died within a transaction and had no successor."""
REQUEST_SECONDS = 5.0
RETRY_BACKOFF_MS = 3
"""Kafka 4 answers while it still completes the transaction before, and aiokafka then sleeps for this long."""
aiokafka.producer.sender.BACKOFF_OVERRIDE = 0.002
"""The same for a transaction's first request, where aiokafka ignores its own setting and sleeps 20 ms: seconds."""
BATCH_BYTES = 900_000
"""A record batch of one partition; below a broker's usual message.max.bytes of 1 MB. The default of 16 kB throttles."""
RECORD_BYTES = 2_000_000
"""The largest record; topics are made to take it."""


Batches: TypeAlias = list[tuple[str, int, BatchBuilder]]
"""Record batches with their topic and partition, in the order they are to be sent."""


class PublishFailed(Exception):
    """The page may or may not have been published; Kafka's cursor tells. This publisher is no longer of use."""


class Publisher:
    """One lane's transactional producer; an async context, in which it has fenced all others of the lane."""

    def __init__(self, bootstrap: str, *, lane: int, transactional_id: str, group: str, cursor_topic: str) -> None:
        self._group = group
        self._cursor_partition = TopicPartition(cursor_topic, lane)
        self._bootstrap = bootstrap
        self._transactional_id = transactional_id
        self._producer: AIOKafkaProducer | None = None

    async def __aenter__(self) -> Publisher:
        self._producer = AIOKafkaProducer(
            bootstrap_servers=self._bootstrap,
            client_id=self._transactional_id,
            transactional_id=self._transactional_id,
            transaction_timeout_ms=int(TRANSACTION_SECONDS * 1_000),
            request_timeout_ms=int(REQUEST_SECONDS * 1_000),
            retry_backoff_ms=RETRY_BACKOFF_MS,
            max_batch_size=BATCH_BYTES,
            max_request_size=RECORD_BYTES,
            linger_ms=0,
        )
        try:
            async with asyncio.timeout(TRANSACTION_SECONDS + REQUEST_SECONDS):
                await self._producer.start()
        except Exception as error:
            await self._throw_away()
            raise PublishFailed(f"cannot take the lane in Kafka: {error!r}") from error
        except BaseException:
            await self._throw_away()
            raise
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self._throw_away()

    async def committed(self) -> str | None:
        """Kafka's cursor of this lane, or None. Certain behind the fence: nobody else can move it now."""
        admin = AIOKafkaAdminClient(bootstrap_servers=self._bootstrap, request_timeout_ms=int(REQUEST_SECONDS * 1_000))
        try:
            async with asyncio.timeout(2 * REQUEST_SECONDS):
                await admin.start()
                found = await admin.list_consumer_group_offsets(self._group, partitions=[self._cursor_partition])
        except Exception as error:
            raise PublishFailed(f"cannot read the lane's cursor from Kafka: {error!r}") from error
        finally:
            await admin.close()
        offset = found.get(self._cursor_partition)
        return offset.metadata if offset is not None and offset.offset >= 0 else None

    def encode(self, rows: Iterable[Record]) -> Batches:
        """The rows in record batches of one partition each, in order; a full one is followed by the next. Nothing is
        sent, so it can be done while the page before is on its way."""
        assert self._producer is not None
        filling: dict[tuple[str, int], BatchBuilder] = {}
        batches: Batches = []
        for row in rows:
            timestamp, key, value, headers = kafka_record(row)
            place = row["topic"], row["partition"]
            batch = filling.get(place)
            if batch is None or batch.append(timestamp=timestamp, key=key, value=value, headers=headers) is None:
                batch = filling[place] = self._producer.create_batch()
                batch.append(timestamp=timestamp, key=key, value=value, headers=headers)
                batches.append((*place, batch))
        return batches

    async def publish(self, batches: Batches, cursor: str, number: int) -> None:
        """Batches and cursor are committed in Kafka, all or none. Raises PublishFailed when that is uncertain."""
        assert self._producer is not None
        try:
            async with asyncio.timeout(TRANSACTION_SECONDS + REQUEST_SECONDS):
                await self._transact(self._producer, batches, OffsetAndMetadata(number, cursor))
        except Exception as error:
            raise PublishFailed(f"publishing failed: {error!r}") from error

    async def _transact(
        self,
        producer: AIOKafkaProducer,
        batches: Batches,
        cursor: OffsetAndMetadata,
    ) -> None:
        sent: list[asyncio.Future[object]] = []
        await producer.begin_transaction()
        try:
            for topic, partition, batch in batches:
                sent.append(await producer.send_batch(batch, topic, partition=partition))
            await producer.send_offsets_to_transaction({self._cursor_partition: cursor}, self._group)
        except BaseException:
            # not waited for: with the broker gone they never end; whoever starts next aborts them
            for batch_sent in sent:
                batch_sent.add_done_callback(_heard)
            raise
        # every one, before any commit: a transaction is committed happily without the batch that failed
        results = await asyncio.gather(*sent, return_exceptions=True)
        for result in results:
            if isinstance(result, BaseException):
                raise result
        await producer.commit_transaction()

    async def _throw_away(self) -> None:
        producer, self._producer = self._producer, None
        if producer is None:
            return
        stopping = asyncio.ensure_future(producer.stop())
        done, _ = await asyncio.wait({stopping}, timeout=1)
        if not done:
            # it waits for a broker that does not answer; what it has in hand is aborted by whoever starts next
            stopping.cancel()
            if producer._sender.sender_task is not None:
                producer._sender.sender_task.cancel()
            await producer.client.close()
        elif not stopping.cancelled():
            stopping.exception()


def _heard(sent: asyncio.Future[object]) -> None:
    """Its failure is no surprise to anyone."""
    if not sent.cancelled():
        sent.exception()


def lane_publisher(settings: Settings, lane: int) -> Publisher:
    """The publisher of a lane of this system."""
    return Publisher(
        settings.kafka_bootstrap,
        lane=lane,
        transactional_id=f"{settings.namespace}.relay.{lane}",
        group=f"{settings.namespace}.relay",
        cursor_topic=settings.cursor_topic,
    )
