"""An aggregate whose state depends on every event and on their order, and streams of it with times in disorder."""

from __future__ import annotations

import random
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from functools import reduce
from typing import NamedTuple

import asyncpg
import msgspec

from app.history.reader import Until
from kernel.aggregate import Aggregate
from kernel.codec import Codec
from kernel.events import Event, EventSchema, Published


class Counted(Event, frozen=True, kw_only=True):
    n: int


class Tally(msgspec.Struct, frozen=True):
    """`mix` is another one for every other order."""

    count: int = 0
    mix: int = 7


def evolve(tally: Tally, event: Counted) -> Tally:
    return Tally(tally.count + 1, (tally.mix * 31 + event.n) % 1_000_003)


TALLY = Aggregate(category="tally", domain="tallies", initial=Tally(), evolve=evolve, state_type=Tally)
CODEC = Codec(
    [EventSchema(types={"Counted": (Counted, 1)}, upcasters={}, published={}, publish=lambda *_: Published())]
)
BEGIN = datetime(2024, 1, 1, tzinfo=UTC)

STORE = """
    INSERT INTO events (stream, version, event_id, type, schema_version, data, metadata, occurred_at, recorded_at,
                        position)
    SELECT $1, r.version, gen_random_uuid(), 'Counted', 1, jsonb_build_object('n', r.n),
           '{"principal": "ann", "commandId": "c"}', r.occurred_at, r.recorded_at, nextval('log_position')
    FROM unnest($2::bigint[], $3::bigint[], $4::timestamptz[], $5::timestamptz[])
         AS r (version, n, occurred_at, recorded_at)
"""
STAND = """
    INSERT INTO streams (stream, category, version) VALUES ($1, 'tally', $2)
    ON CONFLICT (stream) DO UPDATE SET version = excluded.version
"""


class Row(NamedTuple):
    version: int
    n: int
    occurred_at: datetime
    recorded_at: datetime

    def counts(self, until: Until) -> bool:
        return (
            (until.version is None or self.version <= until.version)
            and (until.as_of is None or self.occurred_at <= until.as_of)
            and (until.as_known_at is None or self.recorded_at <= until.as_known_at)
        )


def minutes(count: float) -> datetime:
    return BEGIN + timedelta(minutes=count)


def rows(first: int, count: int, chance: random.Random, disorder: float = 0.1) -> list[Row]:
    """Event n happens and is recorded in minute n, save a share that happened, or was recorded, at any time before."""

    def at(version: int) -> datetime:
        return minutes(chance.uniform(0, version) if chance.random() < disorder else version)

    return [Row(v, chance.randrange(1_000), at(v), at(v)) for v in range(first, first + count)]


async def store(owner: asyncpg.Connection, stream: str, added: Sequence[Row]) -> None:
    await owner.execute(STORE, stream, *(list(column) for column in zip(*added, strict=True)))
    await owner.execute(STAND, stream, added[-1].version)


def folded(every: Sequence[Row], until: Until) -> tuple[Tally, int]:
    """The state and the last version, by the plain rule."""
    counting = [row for row in every if row.counts(until)]
    return reduce(lambda tally, row: evolve(tally, Counted(n=row.n)), counting, Tally()), (
        counting[-1].version if counting else 0
    )
