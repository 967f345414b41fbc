"""The archive of closed streams: what moves, what stays, and that nobody who reads or writes need know of it."""

from __future__ import annotations

import asyncio
import json
from datetime import timedelta
from typing import Any
from uuid import uuid4

import asyncpg
import pytest

from app.commands.answers import Replayed
from app.store.append import append
from app.store.pool import Pool
from app.store.read import LOAD, load
from domains.posts.post import POST, AlreadyExists, CreatePost, LikePost, PostNotFound, RemovePost
from kernel.domain import load_codec
from tests.integration.store.closing import archive, assert_whole, counts, everything, write_removed_posts
from tests.integration.store.pipelines import PACKAGE, pipeline
from tests.integration.store.submissions import submission

PUBLISHED = "UPDATE relay_lanes SET passed = pg_current_snapshot()"


async def test_only_closed_quiet_and_published_streams_move(pool: Pool, owner: asyncpg.Connection) -> None:
    closed, opened = uuid4().hex, uuid4().hex
    async with pipeline(pool) as commands:
        for post in (closed, opened):
            await commands.do(post, CreatePost(author="ann", message="m"), new=True)
            await commands.do(post, LikePost(by="bob"))
        await commands.do(closed, RemovePost(by="ann"))
    before = await everything(owner)
    assert (await archive(pool)).events == 0, "nothing is published"
    await owner.execute(PUBLISHED)
    held = "INSERT INTO relay_held_rows SELECT * FROM outbox WHERE stream = $1"
    await owner.execute(held, POST.stream(closed))
    assert (await archive(pool)).events == 0, "the relay holds it back"
    await owner.execute("DELETE FROM relay_held_rows")
    assert (await archive(pool, quiet_for=timedelta(days=1))).events == 0, "it is too young"
    moved = await archive(pool)
    assert (moved.looked, moved.streams, moved.events) == (2, 1, 3)
    assert await counts(owner) == (2, 3)
    assert await everything(owner) == before
    await assert_whole(owner)
    assert (await archive(pool)).events == 0


async def test_a_command_on_an_archived_stream_is_decided_as_before(pool: Pool, owner: asyncpg.Connection) -> None:
    post = uuid4().hex
    async with pipeline(pool) as commands:
        first = await commands.do(post, CreatePost(author="ann", message="m"), new=True, key="first")
        await commands.do(post, RemovePost(by="ann"))
    await owner.execute(PUBLISHED)
    assert (await archive(pool)).events == 2
    async with pipeline(pool) as commands:  # another process: it has kept nothing
        with pytest.raises(PostNotFound):
            await commands.do(post, LikePost(by="bob"))
        with pytest.raises(AlreadyExists):
            await commands.do(post, CreatePost(author="ann", message="again"))
        again = await commands.do(post, CreatePost(author="ann", message="m"), new=True, key="first")
        assert isinstance(again, Replayed)
        assert again.answer == first
    loaded = await load(pool, load_codec([PACKAGE]), POST, POST.stream(post))
    assert (loaded.version, loaded.folded, loaded.state.removed) == (2, 2, True)


async def test_versions_stay_unique_and_contiguous_over_both_tables(pool: Pool, owner: asyncpg.Connection) -> None:
    await write_removed_posts(owner, 1, events=3)
    assert (await archive(pool)).events == 3
    insert = """
        INSERT INTO events (stream, version, event_id, type, schema_version, data, metadata, occurred_at, position)
        SELECT 'post-00001', v, gen_random_uuid(), 'PostLiked', 1, '{"by": "x"}', '{}', now(), nextval('log_position')
        FROM unnest($1::bigint[]) v
    """
    for versions in ([1], [2], [3], [5], [1, 2, 3, 4], [3, 4]):
        with pytest.raises(asyncpg.PostgresError, match="cannot follow") as refused:
            await owner.execute(insert, versions)
        assert refused.value.sqlstate == "LS409", versions
    # no domain of ours appends behind what closes a stream; one that did would find the next version free, and no other
    assert [one.kind for one in await append(pool, [submission(("post-00001", 0, 1))], 5)] == ["conflict"]
    assert [one.kind for one in await append(pool, [submission(("post-00001", 3, 2))], 5)] == ["stored"]
    await owner.execute(PUBLISHED)
    assert (await archive(pool)).events == 0, "its last event closes nothing any more"
    await assert_whole(owner)
    loaded = await load(pool, load_codec([PACKAGE]), POST, "post-00001")
    assert (loaded.version, loaded.folded) == (5, 5)


async def test_a_long_stream_moves_in_parts_and_is_whole_in_between(pool: Pool, owner: asyncpg.Connection) -> None:
    await write_removed_posts(owner, 1, events=25, prefix="a")
    await write_removed_posts(owner, 3, events=3, prefix="b")
    before, seen = await everything(owner), []
    step = "SELECT * FROM archive_closed_v1($1, 100, 100, 10, '{post}', '{PostRemoved}', '0')"
    after: str | None = ""
    while after is not None:
        after, *_, moved = await pool.fetchrow(step, after)
        seen.append(moved)
        assert await everything(owner) == before
        await assert_whole(owner)
        loaded = await load(pool, load_codec([PACKAGE]), POST, "post-a00001")
        assert (loaded.version, loaded.folded, loaded.state.removed) == (25, 25, True)
    assert seen == [10, 10, 5 + 3 + 2, 1 + 3]
    assert await counts(owner) == (0, 34)


async def test_a_limit_is_kept_to(pool: Pool, owner: asyncpg.Connection) -> None:
    await write_removed_posts(owner, 7)
    assert [(await archive(pool, limit=3)).streams for _ in range(4)] == [3, 3, 1, 0]


async def test_appends_and_the_archive_at_once_lose_nothing(pool: Pool, owner: asyncpg.Connection) -> None:
    streams, rounds = 40, 12
    await write_removed_posts(owner, streams)
    await owner.execute(PUBLISHED)
    stored = 0

    async def write(number: int) -> None:
        """Goes on behind whatever version the stream is at, as a domain would that opens what it had closed."""
        nonlocal stored
        stream, version = f"post-{number:05d}", 3
        for _ in range(rounds):
            (outcome,) = await append(pool, [submission((stream, version, 1))], 5)
            assert outcome.kind == "stored", outcome
            version, stored = version + 1, stored + 1

    async def sweep() -> int:
        """`PostLiked` closes too, and what is not published moves as well: as much as there can be."""
        moved, after = 0, ""
        step = "SELECT * FROM archive_closed_v1($1, 7, 100, 20, '{post,post}', '{PostRemoved,PostLiked}', '0')"
        while moved < streams * (rounds + 3):
            await owner.execute(PUBLISHED)
            following, *_, events = await owner.fetchrow(step, after)
            moved, after = moved + events, following or ""
        return moved

    moved, *_ = await asyncio.wait_for(asyncio.gather(sweep(), *(write(n + 1) for n in range(streams))), 30)
    assert (moved, stored) == (streams * (rounds + 3), streams * rounds)
    assert await counts(owner) == (0, moved)
    await assert_whole(owner)


def nodes(plan: dict[str, Any]) -> list[dict[str, Any]]:
    return [plan, *(node for child in plan.get("Plans", []) for node in nodes(child))]


async def test_an_append_does_not_look_into_the_archive_and_readers_use_its_key(
    pool: Pool, owner: asyncpg.Connection
) -> None:
    await write_removed_posts(owner, 2_000, prefix="closed")
    await archive(pool)
    await append(pool, [submission(("post-open", 0, 2))], 5)
    await owner.execute("SET plan_cache_mode = force_generic_plan")
    await owner.execute(f"PREPARE load (text, bigint) AS {LOAD}")
    page = "SELECT * FROM all_events WHERE stream = $1 AND version > $2 ORDER BY version LIMIT 500"
    await owner.execute(f"PREPARE page (text, bigint) AS {page}")

    async def scans(execute: str) -> dict[str, dict[str, Any]]:
        found = await owner.fetchval(f"EXPLAIN (ANALYZE, FORMAT JSON) EXECUTE {execute}")
        return {node["Relation Name"]: node for node in nodes(json.loads(found)[0]["Plan"]) if "Relation Name" in node}

    opened = await scans("load ('post-open', 1)")
    assert opened["events_archive"]["Actual Loops"] == 0
    assert opened["events"]["Actual Rows"] == 2
    for execute in ("load ('post-closed00001', 1)", "page ('post-closed00001', 0)"):
        found = await scans(execute)
        assert found["events_archive"]["Actual Rows"] == 3
        assert "Seq Scan" not in {found[table]["Node Type"] for table in ("events", "events_archive")}
