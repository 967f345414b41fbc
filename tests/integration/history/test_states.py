"""States as of an instant equal the plain fold of the events that count, whatever is kept and however times mix."""

from __future__ import annotations

import random

import asyncpg
import msgspec
from sqlalchemy.ext.asyncio import AsyncEngine

from app.history.reader import Until
from app.history.states import StateReader
from tests.integration.history.tally import CODEC, TALLY, Counted, Row, Tally, folded, minutes, rows, store

KEPT = "SELECT version FROM history_snapshots WHERE stream = 'tally-1' ORDER BY version"


def question(chance: random.Random, events: int) -> Until:
    """Any of the three limits, alone or together."""
    return Until(
        chance.randrange(events + 5) if chance.random() < 0.4 else None,
        minutes(chance.uniform(-1, events + 5)) if chance.random() < 0.4 else None,
        minutes(chance.uniform(-1, events + 5)) if chance.random() < 0.4 else None,
    )


async def agree(reader: StateReader, every: list[Row], until: Until) -> int:
    """The answer is the plain fold's. Returns how many events were folded for it."""
    then = await reader.state(TALLY, "tally-1", until)
    assert (then.state, then.version) == folded(every, until), until
    if then.version:
        last = every[then.version - 1]
        assert (then.occurred_at, then.recorded_at) == (last.occurred_at, last.recorded_at)
    return then.folded


async def test_any_question_is_answered_as_by_the_plain_fold(engine: AsyncEngine, owner: asyncpg.Connection) -> None:
    chance = random.Random(5)
    reader = StateReader(engine, CODEC, keep_every=10)
    every: list[Row] = []
    for disorder in (0.0, 0.03, 0.5):  # the stream grows: late entries come behind states that are kept already
        added = rows(len(every) + 1, 200, chance, disorder)
        every += added
        await store(owner, "tally-1", added)
        for _ in range(50):
            await agree(reader, every, question(chance, len(every)))
    assert len(await owner.fetch(KEPT)) > 30


async def test_a_kept_state_spares_the_events_before_it(engine: AsyncEngine, owner: asyncpg.Connection) -> None:
    every = rows(1, 1_234, random.Random(1), disorder=0)
    await store(owner, "tally-1", every)
    reader = StateReader(engine, CODEC, keep_every=100)
    assert await agree(reader, every, Until(version=1_199)) == 1_199
    assert [row["version"] for row in await owner.fetch(KEPT)] == list(range(100, 1_200, 100))
    assert await agree(reader, every, Until(version=1_199)) == 99
    assert await agree(reader, every, Until()) == 134
    assert await agree(reader, every, Until(version=1_200)) == 0, "a kept state as it is"
    assert await agree(reader, every, Until(version=99)) == 99
    assert await agree(reader, every, Until(as_of=every[549].occurred_at)) == 50
    assert await agree(reader, every, Until(as_known_at=every[549].recorded_at)) == 50


async def test_a_state_of_another_shape_is_not_used_and_gives_way(
    engine: AsyncEngine, owner: asyncpg.Connection
) -> None:
    def doubled(tally: Tally, event: Counted) -> Tally:
        return Tally(tally.count + 2, tally.mix)

    every = rows(1, 30, random.Random(2))
    await store(owner, "tally-1", every)
    reader = StateReader(engine, CODEC, keep_every=10)
    await agree(reader, every, Until())
    newer = msgspec.structs.replace(TALLY, evolve=doubled, state_version=2)
    assert (await reader.state(newer, "tally-1", Until())).state.count == 60
    assert (await reader.state(newer, "tally-1", Until())).folded == 0, "they have taken the place of the old ones"
    assert await agree(reader, every, Until()) == 30, "an older process does not use them"
    assert (await reader.state(newer, "tally-1", Until())).folded == 0, "and does not put its own back"


async def test_an_archived_stream_is_folded_the_same(engine: AsyncEngine, owner: asyncpg.Connection) -> None:
    every = rows(1, 700, random.Random(3))
    await store(owner, "tally-1", every)
    step = "SELECT moved_events FROM archive_closed_v1('', 10, 10, 400, '{tally}', '{Counted}', '0')"
    chance = random.Random(4)
    for moved in (400, 300):  # first a part of it, then all
        assert await owner.fetchval(step) == moved
        for keep_every in (0, 50):
            reader = StateReader(engine, CODEC, keep_every)
            for _ in range(10):
                await agree(reader, every, question(chance, 700))
