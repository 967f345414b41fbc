"""The append on a real PostgreSQL: what is stored, what is refused, and that a refusal harms no neighbour."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

import asyncpg

from app.store.append import Submission, append
from app.store.errors import RaceLost
from app.store.pool import Pool
from tests.integration.store.submissions import claim, submission


async def kinds(pool: Pool, *batch: Submission) -> list[str]:
    return [outcome.kind for outcome in await append(pool, batch, 5)]


async def stored(owner: asyncpg.Connection) -> list[tuple[str, int]]:
    """Every (stream, version), after checking that each event has its outbox row at the same position."""
    events = await owner.fetch("SELECT stream, version, event_id, position FROM events ORDER BY position")
    outbox = await owner.fetch("SELECT stream, version, event_id, position FROM outbox ORDER BY position")
    assert events == outbox
    heads = {stream: version for stream, version, *_ in events}
    assert dict(await owner.fetch("SELECT stream, version FROM streams")) == heads
    return [(stream, version) for stream, version, *_ in events]


async def test_several_streams_in_one_command_are_stored_together(pool: Pool, owner: asyncpg.Connection) -> None:
    assert await kinds(pool, submission(("a", 0, 2), ("b", 0, 1))) == ["stored"]
    assert await kinds(pool, submission(("b", 1, 1), ("a", 2, 1), ("c", 0, 1))) == ["stored"]
    assert sorted(await stored(owner)) == [("a", 1), ("a", 2), ("a", 3), ("b", 1), ("b", 2), ("c", 1)]


async def test_one_stream_in_conflict_refuses_the_whole_command(pool: Pool, owner: asyncpg.Connection) -> None:
    await kinds(pool, submission(("a", 0, 1)))
    (outcome,) = await append(pool, [submission(("b", 0, 1), ("a", 0, 1))], 5)
    assert (outcome.kind, outcome.actual) == ("conflict", 1)
    assert await stored(owner) == [("a", 1)]
    assert await owner.fetchval("SELECT count(*) FROM commands") == 1


async def test_a_stream_that_is_only_read_must_still_stand_as_it_was_and_stays(
    pool: Pool, owner: asyncpg.Connection
) -> None:
    await kinds(pool, submission(("read", 0, 2)))
    batch = [
        submission(("a", 0, 1), ("read", 2, 0)),
        submission(("b", 0, 1), ("read", 2, 0)),
        submission(("read", 2, 1)),
        submission(("c", 0, 1), ("read", 3, 0)),
    ]
    assert await kinds(pool, *batch) == ["stored"] * 4
    (outcome,) = await append(pool, [submission(("d", 0, 1), ("read", 2, 0))], 5)
    assert (outcome.kind, outcome.actual) == ("conflict", 3)
    assert sorted(await stored(owner)) == [("a", 1), ("b", 1), ("c", 1), ("read", 1), ("read", 2), ("read", 3)]


async def test_a_refusal_harms_no_neighbour_save_those_decided_upon_it(pool: Pool, owner: asyncpg.Connection) -> None:
    await kinds(pool, submission(("a", 0, 1)))
    batch = [
        submission(("x", 0, 1)),
        submission(("a", 0, 1), ("b", 0, 1)),  # a stands at 1
        submission(("b", 1, 1)),  # decided on what the one before would have left
        submission(("b", 2, 1), ("y", 0, 1)),
        submission(("y", 1, 1)),
        submission(("z", 0, 1)),
        submission(("x", 1, 1)),
    ]
    expected = ["stored", "conflict", "redecide", "redecide", "redecide", "stored", "stored"]
    assert await kinds(pool, *batch) == expected
    assert sorted(await stored(owner)) == [("a", 1), ("x", 1), ("x", 2), ("z", 1)]


async def test_a_chain_on_one_stream_goes_into_one_batch(pool: Pool, owner: asyncpg.Connection) -> None:
    assert set(await kinds(pool, *(submission(("hot", n, 1)) for n in range(200)))) == {"stored"}
    assert await stored(owner) == [("hot", n) for n in range(1, 201)]


async def test_a_command_without_events_is_stored_only_at_the_version_it_was_decided_on(
    pool: Pool, owner: asyncpg.Connection
) -> None:
    await kinds(pool, submission(("a", 0, 1)))
    assert (
        await kinds(pool, submission(("a", 1, 0)), submission(("a", 1, 1)), submission(("a", 2, 0))) == ["stored"] * 3
    )
    assert await kinds(pool, submission(("a", 1, 0))) == ["conflict"]
    assert await stored(owner) == [("a", 1), ("a", 2)]


async def test_a_key_gives_its_first_answer_and_refuses_another_request(pool: Pool, owner: asyncpg.Connection) -> None:
    first = submission(("a", 0, 1), key="k")
    assert await kinds(pool, first) == ["stored"]
    replayed, reused = [
        (await append(pool, [again], 5))[0]
        for again in (submission(("a", 0, 1), key="k"), submission(("a", 0, 1), key="k", body=b"2"))
    ]
    assert (replayed.kind, replayed.answer) == ("replayed", first.answer)
    assert reused.kind == "key-reused"
    assert await stored(owner) == [("a", 1)]


async def test_claims_are_taken_required_and_released_with_the_events(pool: Pool, owner: asyncpg.Connection) -> None:
    async def outcome(version: int, *claims: object) -> str:
        return (await kinds(pool, submission(("a", version, 1), claims=claims)))[0]  # type: ignore[arg-type]

    assert await outcome(0, claim("require", "v")) == "claim-missing"
    assert await outcome(0, claim("take", "v")) == "stored"
    assert await outcome(1, claim("take", "v", "bob")) == "claim-taken"
    assert await outcome(1, claim("require", "v", "bob")) == "claim-foreign"
    assert await outcome(1, claim("require", "v")) == "stored"
    assert await outcome(2, claim("release", "v", "bob")) == "claim-foreign"
    assert await outcome(2, claim("release", "v")) == "stored"
    assert await outcome(3, claim("release", "v")) == "claim-missing"
    assert await outcome(3, claim("take", "v", "bob")) == "stored"
    assert await stored(owner) == [("a", 1), ("a", 2), ("a", 3), ("a", 4)]
    assert [tuple(row) for row in await owner.fetch("SELECT value, holder FROM claims")] == [("v", "bob")]


async def test_of_many_who_race_for_key_claim_or_stream_one_wins(pool: Pool, owner: asyncpg.Connection) -> None:
    async def until_known(one: Submission) -> str:
        while True:
            try:
                return (await kinds(pool, one))[0]
            except RaceLost:
                continue

    async def race(racers: Sequence[Submission]) -> dict[str, int]:
        found = await asyncio.gather(*map(until_known, racers))
        return {kind: found.count(kind) for kind in set(found)}

    assert await race([submission((f"k{n}", 0, 1), key="same") for n in range(8)]) == {"stored": 1, "replayed": 7}
    assert await race([submission(("s", 0, 1)) for _ in range(8)]) == {"stored": 1, "conflict": 7}
    takers = [submission((f"c{n}", 0, 1), claims=(claim("take", "one"),)) for n in range(8)]
    assert await race(takers) == {"stored": 1, "claim-taken": 7}
    assert len(await stored(owner)) == 3


async def test_batches_of_two_processes_over_the_same_streams_never_deadlock(
    pool: Pool, owner: asyncpg.Connection
) -> None:
    """Locks are taken in one sorted order, whatever order the commands came in."""
    names = [f"s{n:02}" for n in range(20)]
    await kinds(pool, *(submission((name, 0, 1)) for name in names))
    deadlocks = "SELECT deadlocks FROM pg_stat_database WHERE datname = current_database()"

    async def rounds(order: list[str], version: int) -> None:
        for _ in range(25):
            outcomes = await append(pool, [submission((name, version, 1)) for name in order], 5)
            version = max(version, max(o.actual or version + 1 for o in outcomes))

    await asyncio.gather(rounds(names, 1), rounds(names[::-1], 1), rounds(names[10:] + names[:10], 1))
    await owner.execute("SELECT pg_stat_force_next_flush()")
    assert await owner.fetchval(deadlocks) == 0
    await stored(owner)
