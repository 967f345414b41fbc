"""Stored events as Kafka records again, by today's mapping and upcasters: what a rebuild reads.

A record is the one that the outbox row was, in the same partition: the key is the one that the stream's first event
gave it, for a stream's key never changes. No traceparent: nobody waits for it.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from importlib import import_module
from typing import TYPE_CHECKING, Any, Final

from kernel.aggregate import Aggregate, own_stream
from kernel.codec import Codec
from kernel.domain import load_codec, load_schema
from kernel.events import EventSchema
from kernel.partitioning import partition_of
from relay.records import KafkaRecord, kafka_record

if TYPE_CHECKING:
    from relay.database import Pool, Record

# the same places and formats as relay.outbox.COLUMNS
WINDOW: Final = """
    SELECT stream, version, event_id::text AS event_id, type, schema_version, data::text AS data,
           to_char(occurred_at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"') AS occurred_at,
           (extract(epoch FROM recorded_at) * 1000)::bigint AS recorded_ms
    FROM all_events WHERE position > $1 AND position <= $2 ORDER BY position
"""
FIRST_EVENTS: Final = """
    SELECT stream, type, schema_version, data::text AS data FROM all_events WHERE version = 1 AND stream = ANY ($1)
"""
COUNT: Final = "SELECT count(*) FROM all_events WHERE position <= $1 AND split_part(stream, '-', 1) = ANY ($2)"
COUNT_SECONDS = 300.0
KEYS_KEPT = 200_000
"""Of streams whose key is not their own name; some 40 MB."""


class CannotReplay(Exception):
    """A stored event does not decode or map with this code: which one, and why."""


class Republisher:
    """Maps the stored events of one domain package that belong to `categories`."""

    def __init__(self, pool: Pool, package: str, categories: Iterable[str], source_topic: str, partitions: int) -> None:
        self._pool = pool
        self._codec: Codec = load_codec([package])
        self._schema: EventSchema = load_schema(package)
        self._source_topic, self._partitions = source_topic, partitions
        aggregates: list[Aggregate[Any]] = import_module(f"{package}.aggregates").AGGREGATES
        self._categories = frozenset(categories)
        self._keyed: Mapping[str, Aggregate[Any]] = {
            each.category: each for each in aggregates if each.key is not own_stream
        }
        self._keys: dict[str, str] = {}

    async def records(self, after: int, upto: int) -> list[tuple[int, KafkaRecord]]:
        """(partition, record) of the window's events, in order of position. Raises CannotReplay."""
        async with self._pool.acquire() as connection, connection.transaction(readonly=True):
            # the relay's sessions have one good plan, and it is another one
            await connection.execute("SET LOCAL enable_bitmapscan = on")
            rows = await connection.fetch(WINDOW, after, upto)
        wanted = [row for row in rows if row["stream"].partition("-")[0] in self._categories]
        await self._learn_keys(wanted)
        return [self._record(row) for row in wanted]

    async def count(self, upto: int) -> int:
        """How many events there are to replay."""
        async with self._pool.acquire() as connection, connection.transaction(readonly=True):
            await connection.execute("SET LOCAL enable_seqscan = on")
            found: int = await connection.fetchval(COUNT, upto, sorted(self._categories), timeout=COUNT_SECONDS)
        return found

    async def _learn_keys(self, rows: Sequence[Record]) -> None:
        unknown = {
            row["stream"]
            for row in rows
            if row["stream"] not in self._keys and row["stream"].partition("-")[0] in self._keyed
        }
        if not unknown:
            return
        while len(self._keys) + len(unknown) > KEYS_KEPT and self._keys:
            del self._keys[next(iter(self._keys))]
        for first in await self._pool.fetch(FIRST_EVENTS, sorted(unknown)):
            aggregate = self._keyed[first["stream"].partition("-")[0]]
            event = self._decoded(first, 1)
            self._keys[first["stream"]] = aggregate.key(first["stream"], aggregate.evolve(aggregate.initial, event))

    def _record(self, row: Record) -> tuple[int, KafkaRecord]:
        stream, version = row["stream"], row["version"]
        event = self._decoded(row, version)
        try:
            kind, payload = self._codec.encode_published(self._schema.publish(stream, event))
        except Exception as error:
            raise CannotReplay(f"{stream} version {version} has no published form: {error!r}") from error
        key = self._keys.get(stream, stream)
        outbox_row: Any = (
            None, None, self._source_topic, None, key, stream, version, row["event_id"], kind, row["occurred_at"],
            row["recorded_ms"], None, payload,
        )  # fmt: skip
        return partition_of(key, self._partitions), kafka_record(outbox_row)

    def _decoded(self, row: Record, version: int) -> Any:
        try:
            return self._codec.decode(row["type"], row["schema_version"], row["data"])
        except Exception as error:  # an upcaster is the domain's own code
            raise CannotReplay(f"{row['stream']} version {version} does not decode: {error!r}") from error
