"""`python -m bench.storing`: a made-up shop's history stored through the append path, whole streams in large batches.

What is left out is HTTP and deciding; answers, versions, events and outbox rows are stored as always.
"""

from __future__ import annotations

import asyncio
import sys
import time
from collections.abc import Iterator
from datetime import datetime
from itertools import islice
from uuid import UUID

import msgspec
import uvloop

from app.store.append import NewEvent, StreamWrite, Submission, append
from app.store.pool import open_pool
from bench.shop_history import Stream, made_up
from domains.shop.published import publish
from kernel.codec import Codec
from kernel.domain import load_codec
from kernel.partitioning import lane_of, partition_of

BATCH = 1_000
AT_ONCE = 2
TOPIC, PARTITIONS, LANES = "lockstep.shop", 12, 1


class Storing(msgspec.Struct, frozen=True, kw_only=True):
    """What to store where."""

    dsn: str
    orders: int
    end: datetime


class Stored(msgspec.Struct, frozen=True):
    events: int
    seconds: float


async def store(storing: Storing) -> Stored:
    codec = load_codec(["domains.shop"])
    batches = _batches(codec, storing)
    count = 0
    async with open_pool(storing.dsn, AT_ONCE, "lockstep-bench") as pool:
        began = time.monotonic()

        async def work() -> None:
            nonlocal count
            # an iterator without awaits inside: the workers share it safely
            for batch in batches:
                outcomes = await append(pool, batch, 60.0)
                assert all(outcome.kind == "stored" for outcome in outcomes)
                count += sum(len(one.events) for one in batch)

        await asyncio.gather(*(work() for _ in range(AT_ONCE)))
        return Stored(count, time.monotonic() - began)


def _batches(codec: Codec, storing: Storing) -> Iterator[list[Submission]]:
    numbers = iter(range(1, 1 << 62))
    made = (_submission(codec, stream, numbers) for stream in made_up(storing.orders, storing.end))
    while batch := list(islice(made, BATCH)):
        yield batch


def _submission(codec: Codec, stream: Stream, numbers: Iterator[int]) -> Submission:
    """One command that made all of a stream."""
    partition = partition_of(stream.key, PARTITIONS)
    metadata = '{"commandId":"bench","principal":"bench"}'
    made = []
    for version, event in enumerate(stream.events, 1):
        kind, schema_version, data = codec.encode(event)
        published, payload = codec.encode_published(publish(stream.name, event))
        event_id = str(UUID(int=7 << 76 | 2 << 62 | next(numbers)))
        made.append(
            NewEvent(
                stream.name, version, event_id, kind, schema_version, data.decode(), metadata, event.occurred_at,
                lane_of(partition, LANES), TOPIC, partition, stream.key, published, None, payload,
            )
        )  # fmt: skip
    write = StreamWrite(stream.name, stream.category, 0, len(made))
    return Submission("bench", stream.name, b"bench", "{}", (write,), (), tuple(made))


if __name__ == "__main__":
    given = msgspec.json.decode(sys.stdin.buffer.read(), type=Storing)
    sys.stdout.buffer.write(msgspec.json.encode(uvloop.run(store(given))))
