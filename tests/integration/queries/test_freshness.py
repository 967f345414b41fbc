"""P6: whoever sends a Consistency-Token reads no older state: they wait, or are told how far behind it is."""

from __future__ import annotations

import asyncio
import time
from uuid import uuid4

import pytest
from pymongo import MongoClient

from domains.posts import published as say
from kernel.projection import Document
from tests.integration.queries.conftest import Served
from tests.integration.queries.world import Api, World


async def test_a_read_waits_for_the_readers_own_write(world: World, api: Api) -> None:
    post_id = world.post()
    wait = {"Consistency-Token": f"post-{post_id}@2", "Prefer": "wait=10"}
    async with api.client("bob") as client:
        reads = [
            asyncio.create_task(client.get(path, headers=wait))
            for path in (f"/posts/{post_id}", "/posts", "/posts/withLikes/1")
        ]
        # a read without the token, sent after them, is answered first: they are waiting
        assert (await client.get(f"/posts/{post_id}")).json()["likes"] == 0
        assert not any(read.done() for read in reads)
        await asyncio.to_thread(world.happened, post_id, say.PostLikedV1(post_id=post_id, by="bob"))
        one, *lists = await asyncio.gather(*reads)
        assert one.json()["likes"] == 1
        assert one.json()["likedByMe"] is True
        assert all([post["likes"] for post in found.json()["posts"]] == [1] for found in lists)


async def test_too_late_says_how_far_behind(world: World, api: Api) -> None:
    post_id, unknown = world.post(), uuid4()
    token = f"post-{post_id}@1, post-{post_id}@9,post-{unknown}@1"
    async with api.client() as client:
        started = time.monotonic()
        answer = await client.get("/posts", headers={"Consistency-Token": token, "Prefer": "wait=0.2"})
        assert 0.2 <= time.monotonic() - started < 2
    assert (answer.status_code, answer.json()["type"]) == (503, "/problems/projection-behind")
    assert int(answer.headers["retry-after"]) >= 1
    assert answer.json()["behind"] == [
        {"stream": f"post-{post_id}", "asked": 9, "reached": 1},
        {"stream": f"post-{unknown}", "asked": 1, "reached": 0},
    ]


async def test_a_tombstone_counts_as_reached(world: World, api: Api) -> None:
    post_id = world.post()
    version = world.happened(post_id, say.PostRemovedV1(post_id=post_id, username="ann"))
    async with api.client() as client:
        answer = await client.get(f"/posts/{post_id}", headers={"Consistency-Token": f"post-{post_id}@{version}"})
        assert answer.status_code == 404


@pytest.mark.parametrize(
    "token",
    [
        "", "x", "post-1", "post-1@", "post-1@-1", "post-1@1.5", "parcel-1@1", "post-1@1,", "post-$ne@1",
        "post-1@" + "9" * 19, ",".join(f"post-{n}@1" for n in range(33)),
    ],
)  # fmt: skip
async def test_what_no_command_ever_answered_is_no_token(world: World, api: Api, token: str) -> None:
    async with api.client() as client:
        answer = await client.get("/posts", headers={"Consistency-Token": token})
        assert (answer.status_code, answer.json()["type"]) == (400, "/problems/bad-token")


async def test_a_hundred_waiting_readers_share_their_questions(world: World, served: Served) -> None:
    waiting = [f"post-{uuid4()}@1" for _ in range(100)]
    with MongoClient[Document](world.uri) as client:
        admin = client.admin

        def opened() -> int:
            return int(admin.command("serverStatus")["opcounters"]["query"])

        reads = await served.queries.current()
        before = opened()
        outcomes = await asyncio.gather(
            *(reads.freshness.wait(token, "wait=1") for token in waiting), return_exceptions=True
        )
        asked = opened() - before
    assert all(type(outcome).__name__ == "ProjectionBehind" for outcome in outcomes)
    # alone, each would have asked some twenty times
    assert 5 < asked < 100
