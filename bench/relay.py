"""relay: how fast one relay drains the outbox into Kafka, against Kafka's own Java producer with records as large.

The rows appear all at once, by one commit, while the relay is running; the time is from that commit to the last row
committed in Kafka. Afterwards everything is read back: each event once, in order.
"""

from __future__ import annotations

import asyncio
import time
from pathlib import Path

import asyncpg

from bench.ground import BenchFailed, Ground, Running, open_ground
from bench.history import LANES, TOPIC, Fact, kafka_row, made_up
from bench.kafka import count_records, java_producer, make_topic
from bench.rounds import Result, alternate, result
from bench.scrape import scrape, watch_until
from kernel.partitioning import lane_of
from relay.records import kafka_record
from stack.server import Progress

COLUMNS = (
    "position", "lane", "topic", "partition", "key", "stream", "version", "event_id", "type", "occurred_at", "payload",
)  # fmt: skip
PEER_TOPIC = "bench.java"
AT_LEAST = 0.5
DRAIN_SECONDS = 120.0


class Drains:
    """The measured side: one relay, given `rows` outbox rows at a time."""

    def __init__(self, ground: Ground, relay: Running, rows: int) -> None:
        self._ground, self._relay, self._rows = ground, relay, rows
        self.facts: list[Fact] = []

    def prepare(self, number: int) -> None:
        self.facts = list(made_up(f"relay-{number}", self._rows, number))

    def run(self, number: int) -> float:
        """Rows a second in one round."""
        self._ground.progress(f"writing {self._rows:,} outbox rows")
        self.prepare(number)
        before = self.published()
        began = asyncio.run(write_outbox(self._ground.dsn("owner"), self.facts))
        goal = before + self._rows
        looks = watch_until(self.published, goal, DRAIN_SECONDS, self._ground.progress, "published")
        if looks[-1][1] != goal:
            raise BenchFailed(f"{looks[-1][1]:,.0f} records were published instead of {goal:,.0f}")
        return self._rows / (looks[-1][0] - began)

    def published(self) -> float:
        return scrape(self._relay.port, "lockstep_relay_published_total")


async def write_outbox(dsn: str, facts: list[Fact]) -> float:
    """The facts are outbox rows, by one commit. Returns the monotonic time just before it."""
    connection = await asyncpg.connect(dsn)
    try:
        async with connection.transaction():
            first = await connection.fetchval("SELECT nextval('log_position')")
            rows = [
                (
                    first + place, lane_of(fact.partition, LANES), TOPIC, fact.partition, fact.stream, fact.stream,
                    fact.version, fact.event_id, fact.type, fact.moment, fact.payload,
                )
                for place, fact in enumerate(facts)
            ]  # fmt: skip
            await connection.copy_records_to_table("outbox", records=rows, columns=COLUMNS)
            await connection.execute("SELECT setval('log_position', $1)", first + len(facts))
            return time.monotonic()
    finally:
        await connection.close()


def record_bytes(facts: list[Fact]) -> int:
    """The mean size of a record: key, value and headers."""
    total = 0
    for fact in facts:
        _, key, value, headers = kafka_record(kafka_row(fact))
        total += len(key) + len(value) + sum(len(name) + len(text) for name, text in headers)
    return round(total / len(facts))


def bench_relay(data: Path | None, rows: int, rounds: int, progress: Progress) -> Result:
    with open_ground(data, progress, servers=("postgres", "kafka")) as ground:
        bootstrap = ground.servers.kafka.bootstrap
        ground.make_database()
        asyncio.run(make_topic(bootstrap, PEER_TOPIC))
        size = record_bytes(list(made_up("size", 2_000)))
        with ground.running("relay") as relay:
            drains = Drains(ground, relay, rows)
            measured = alternate(
                rounds, drains.run, lambda _: java_producer(ground, PEER_TOPIC, rows, size), progress, "rows/s"
            )
        progress("reading everything back")
        counted = asyncio.run(count_records(bootstrap, TOPIC))
    if counted.records != rows * rounds or counted.doubled or counted.out_of_order:
        raise BenchFailed(f"the topic holds {counted} instead of {rows * rounds} records, each once and in order")
    return result(
        "relay",
        measured,
        unit="rows/s",
        limit_is=f"Kafka's ProducerPerformance, {size} bytes a record, idempotent, acks=all",
        at_least=AT_LEAST,
        rows=rows,
        record_bytes=size,
        read_back=counted,
    )
