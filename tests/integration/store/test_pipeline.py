"""Deciding on kept states: fast where nothing else writes, right where somebody does."""

from __future__ import annotations

import asyncio

import asyncpg
import msgspec
import pytest

from app.commands.answers import Replayed
from app.commands.errors import PreconditionFailed
from app.store.pool import Pool
from app.store.read import load, save_snapshot
from domains.posts.post import POST, CreatePost, LikePost, NotYours, PostNotFound, RemovePost, UpdateMessage
from kernel.domain import load_codec
from lockstep_testing.facts import eventually
from tests.integration.store.pipelines import pipeline

ID = "5f0c2a52-9a0e-4f0f-8c2c-0d8f6f1f7b11"
CREATE = CreatePost(author="ann", message="first")


async def test_hundreds_of_likes_of_one_post_each_get_their_own_version(pool: Pool, owner: asyncpg.Connection) -> None:
    async with pipeline(pool) as one:
        await one.do(ID, CREATE, new=True)
        versions = await asyncio.gather(*(one.version_after(ID, LikePost(by=f"p{n}")) for n in range(500)))
    assert sorted(versions) == list(range(2, 502))
    commits = await owner.fetchval("SELECT count(DISTINCT xmin::text) FROM events")
    assert commits < 50  # gathered, not one by one


async def test_a_second_like_changes_nothing_and_is_answered(pool: Pool) -> None:
    async with pipeline(pool) as one:
        await one.do(ID, CREATE, new=True)
        assert await one.version_after(ID, LikePost(by="bob")) == 2
        assert await one.version_after(ID, LikePost(by="bob")) == 2
        both = await asyncio.gather(*(one.version_after(ID, LikePost(by="eve")) for _ in range(8)))
        assert set(both) == {3}


async def test_one_command_over_two_streams_is_stored_whole_or_not_at_all(
    pool: Pool, owner: asyncpg.Connection
) -> None:
    """Two processes write crossing pairs of posts at once: each command is in both streams, at the version it said."""
    posts = [f"{n:08}-0000-4000-8000-000000000000" for n in range(4)]
    async with pipeline(pool) as one, pipeline(pool) as other:
        for post in posts:
            await one.do(post, CREATE, new=True)
        pairs = [(a, b) for a in posts for b in posts if a != b] * 4
        answers = await asyncio.gather(
            *(
                process.edit_both(*pair, f"m{n}")
                for n, (process, pair) in enumerate(zip([one, other] * 24, pairs, strict=True))
            )
        )
        edited = [version for answer in answers for version in answer]
        with pytest.raises(NotYours):
            await one.edit_both(posts[0], posts[1], "mine", second_by="bob")
    written = await owner.fetch("SELECT stream, version, data->>'message' FROM events WHERE type = 'MessageUpdated'")
    assert sorted(edited) == sorted((stream, version) for stream, version, _ in written)
    assert len({message for *_, message in written}) == len(pairs) == len(written) / 2


async def test_a_stale_state_refuses_nobody(pool: Pool) -> None:
    """One process still keeps the state from before another wrote; what it would refuse on it, it looks up first."""
    async with pipeline(pool) as one, pipeline(pool) as other:
        with pytest.raises(PostNotFound):
            await one.do(ID, LikePost(by="bob"))
        await other.do(ID, CREATE, new=True)
        assert await one.version_after(ID, LikePost(by="bob")) == 2
        assert await other.version_after(ID, UpdateMessage(by="ann", message="m"), if_match=2) == 3
        assert await one.version_after(ID, UpdateMessage(by="ann", message="n"), if_match=3) == 4
        await other.do(ID, RemovePost(by="ann"))
        with pytest.raises(PostNotFound):
            await one.do(ID, LikePost(by="eve"))


async def test_two_processes_writing_one_post_lose_no_update(pool: Pool, owner: asyncpg.Connection) -> None:
    async with pipeline(pool) as one, pipeline(pool) as other:
        await one.do(ID, CREATE, new=True)
        versions = await asyncio.gather(
            *(process.version_after(ID, LikePost(by=f"{n}")) for n, process in enumerate([one, other] * 60))
        )
    assert sorted(versions) == list(range(2, 122))
    assert await owner.fetchval("SELECT count(*) FROM claims") == 120


async def test_if_match_is_judged_on_what_is_stored(pool: Pool) -> None:
    async with pipeline(pool) as one:
        await one.do(ID, CREATE, new=True)
        results = await asyncio.gather(
            *(one.do(ID, UpdateMessage(by="ann", message=str(n)), if_match=1) for n in range(10)),
            return_exceptions=True,
        )
        refused = [result for result in results if isinstance(result, PreconditionFailed)]
        assert len(refused) == 9
        assert {error.actual for error in refused} == {2}


async def test_a_retry_gets_its_first_answer_where_it_would_now_be_refused(pool: Pool) -> None:
    async with pipeline(pool) as one, pipeline(pool) as other:
        await one.do(ID, CREATE, new=True, key="create")
        await one.do(ID, RemovePost(by="ann"), key="remove")
        for process in (one, other):
            again = await process.do(ID, RemovePost(by="ann"), key="remove")
            assert isinstance(again, Replayed)
            assert again.answer.headers["ETag"] == '"2"'
        assert isinstance(await other.do(ID, CREATE, key="create"), Replayed)


async def test_a_refused_command_leaves_nothing_not_even_its_key(pool: Pool, owner: asyncpg.Connection) -> None:
    async with pipeline(pool) as one:
        await one.do(ID, CREATE, new=True)
        with pytest.raises(NotYours):
            await one.do(ID, RemovePost(by="bob"), key="k")
        assert await one.version_after(ID, UpdateMessage(by="ann", message="m"), key="k") == 2
    assert await owner.fetchval("SELECT count(*) FROM events") == 2


async def test_a_snapshot_spares_the_events_before_it(pool: Pool, owner: asyncpg.Connection) -> None:
    async with pipeline(pool) as one:
        await one.do(ID, CREATE, new=True)
        await asyncio.gather(*(one.do(ID, LikePost(by=f"p{n}")) for n in range(POST.snapshot_every + 20)))

        async def taken() -> int:
            return int(await owner.fetchval("SELECT coalesce(max(version), 0) FROM snapshots"))

        await eventually(taken, within=5)
    version = POST.snapshot_every + 21
    at = await taken()
    assert at >= POST.snapshot_every
    codec = load_codec(["domains.posts"])
    loaded = await load(pool, codec, POST, POST.stream(ID))
    assert (loaded.version, loaded.folded) == (version, version - at)
    assert loaded.state.message == "first"


async def test_a_snapshot_of_another_schema_is_ignored_and_an_older_one_replaces_nothing(
    pool: Pool, owner: asyncpg.Connection
) -> None:
    async with pipeline(pool) as one:
        await one.do(ID, CREATE, new=True)
        await one.do(ID, UpdateMessage(by="ann", message="second"))
    stream, codec = POST.stream(ID), load_codec(["domains.posts"])
    wrong = msgspec.structs.replace(POST.initial, message="wrong")
    newer = msgspec.structs.replace(POST, state_version=2)
    await save_snapshot(pool, POST, stream, wrong, 2)
    assert (await load(pool, codec, POST, stream)).state.message == "wrong"
    assert (await load(pool, codec, newer, stream)).state.message == "second"
    await save_snapshot(pool, newer, stream, (await load(pool, codec, newer, stream)).state, 2)
    await save_snapshot(pool, POST, stream, wrong, 3)
    assert await owner.fetchval("SELECT schema_version FROM snapshots") == 2


async def test_a_client_that_goes_away_takes_nothing_with_it(pool: Pool, owner: asyncpg.Connection) -> None:
    """A commit is never cancelled half-way: what was submitted is stored, and its retry is told so."""
    async with pipeline(pool) as one:
        await one.do(ID, CREATE, new=True)
        tasks = [asyncio.create_task(one.do(ID, LikePost(by=f"p{n}"), key=f"k{n}")) for n in range(50)]
        await asyncio.sleep(0)
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        assert all(task.cancelled() for task in tasks)
        again = await asyncio.gather(*(one.do(ID, LikePost(by=f"p{n}"), key=f"k{n}") for n in range(50)))
    replayed = sum(isinstance(answer, Replayed) for answer in again)
    assert replayed > 0  # the cancelled ones really had been sent
    assert await owner.fetchval("SELECT count(*) FROM events WHERE type = 'PostLiked'") == 50
    assert await owner.fetchval("SELECT version FROM streams") == 51
