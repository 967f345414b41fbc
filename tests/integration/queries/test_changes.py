"""Server-sent events: every change once and in order, resumed without a gap; nobody's connection harms another's."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from typing import Any

import httpx

from app.queries.feed import Feed
from app.queries.listener import Listener
from domains.posts import published as say
from domains.posts.views import POSTS
from tests.integration.queries.conftest import Served
from tests.integration.queries.world import Api, World, eventually, listening


async def test_each_change_is_told_once_in_order_with_its_version(world: World, api: Api) -> None:
    async with api.client() as client, listening(client) as events:
        assert (await anext(events)).name == "ready"
        post_id = world.post(likes=("bob", "cid"))
        comment_id = world.comment(post_id, "hm")
        updated = say.CommentUpdatedV1(
            post_id=post_id, comment_id=comment_id, comment="oh", username="bob", edit_date=world.moment()
        )
        world.happened(post_id, updated)
        told = [await anext(events) for _ in range(5)]
    assert {event.name for event in told} == {"changed"}
    assert [json.loads(event.data) for event in told] == [
        {"stream": f"post-{post_id}", "version": version, "domain": "posts"} for version in range(1, 6)
    ]
    assert sorted(event.last_id for event in told) == [event.last_id for event in told]


async def test_a_listener_hears_only_what_it_asked_for(world: World, api: Api) -> None:
    first, second = world.post(), world.post()
    async with api.client() as client, AsyncExitStack() as stack:
        one = await stack.enter_async_context(listening(client, stream=f"post-{second}"))
        category = await stack.enter_async_context(listening(client, category="post"))
        for events in (one, category):
            await anext(events)
        for post_id in (first, second):
            world.happened(post_id, say.PostLikedV1(post_id=post_id, by="bob"))
        assert json.loads((await anext(one)).data)["stream"] == f"post-{second}"
        assert [json.loads((await anext(category)).data)["stream"] for _ in range(2)] == [
            f"post-{first}", f"post-{second}"
        ]  # fmt: skip
        assert (await client.get("/changes", params={"stream": "$where"})).status_code in (400, 422)


async def test_resuming_by_any_id_gives_what_followed_it_and_then_goes_on(world: World, api: Api) -> None:
    async with api.client() as client:
        async with listening(client) as events:
            start = await anext(events)
            posts = [world.post() for _ in range(20)]
            told = [await anext(events) for _ in posts]
        later = [world.post() for _ in range(700)]  # more than one round, and while nobody listened
        for told_before, last_id in [(told, start.last_id), (told[10:], told[9].last_id), ([], told[-1].last_id)]:
            async with listening(client, last_id) as events:
                assert (await anext(events)).last_id == last_id
                again = [await anext(events) for _ in range(len(told_before) + len(later))]
                assert [event.last_id for event in again[: len(told_before)]] == [e.last_id for e in told_before]
                assert [json.loads(event.data)["stream"] for event in again[len(told_before) :]] == [
                    f"post-{post_id}" for post_id in later
                ]
                live = await asyncio.to_thread(world.post)
                assert json.loads((await anext(events)).data)["stream"] == f"post-{live}"
                later.append(live)


async def test_resuming_amid_changes_neither_misses_nor_repeats_one(world: World, api: Api) -> None:
    post_id = world.post()
    writing = asyncio.create_task(
        asyncio.to_thread(
            lambda: [world.happened(post_id, say.MessageUpdatedV1(post_id=post_id, message=str(n))) for n in range(600)]
        )
    )
    versions: list[int] = []
    resumed = 0
    async with api.client() as client:
        last_id = None
        while not versions or versions[-1] < 601:
            async with listening(client, last_id) as events:
                while not versions or versions[-1] < 601:
                    event = await anext(events)
                    if event.name == "changed":
                        versions.append(json.loads(event.data)["version"])
                    last_id = event.last_id
                    if len(versions) > 20 * (resumed + 1):
                        resumed += 1
                        break  # the connection is cut, and taken up again by the id seen last
    await writing
    assert versions == list(range(versions[0], 602))
    assert resumed >= 20


async def test_an_id_that_cannot_be_resumed_is_answered_by_a_reset(world: World, api: Api) -> None:
    async with api.client() as client:
        async with listening(client) as events:
            real = (await anext(events)).last_id
            await asyncio.to_thread(world.post)
            told = (await anext(events)).last_id
        # a change MongoDB does not hold; others that never were ids
        for gone in ("8200000001" + told[10:], real[:-6], "ABCDEF0123456789", "zzz", "{}"):
            async with listening(client, gone) as events:
                ready, reset = await anext(events), await anext(events)
                assert (ready.name, reset.name, json.loads(reset.data)) == ("ready", "reset", {"reason": "too-old"}), (
                    gone
                )
                post_id = await asyncio.to_thread(world.post)
                assert json.loads((await anext(events)).data)["stream"] == f"post-{post_id}"


async def test_an_id_of_the_future_is_answered_by_a_reset(world: World, served: Served) -> None:
    feed = Feed(served.queries.mongo, [POSTS], served.queries.generations, ping_seconds=0.05)
    sent: list[bytes] = []
    async with serving(feed, Listener(frozenset({"posts"})), sent, last_id="82F00000000000000" + "22B0229296E04"):
        await eventually(lambda: b"unknown-id" in b"".join(sent))
        post_id = await asyncio.to_thread(world.post)
        await eventually(lambda: post_id.encode() in b"".join(sent))
    await feed.close()


async def test_an_idle_connection_is_pinged_with_an_id_to_resume_by(world: World, served: Served) -> None:
    feed = Feed(served.queries.mongo, [POSTS], served.queries.generations, ping_seconds=0.05)
    sent: list[bytes] = []

    def last_ping() -> bytes:
        return max((chunk for chunk in sent if chunk.startswith(b": ping\nid: ")), default=b"")

    async with serving(feed, Listener(frozenset({"posts"}), stream="post-other"), sent):
        first = await eventually(last_ping)
        await asyncio.to_thread(world.post)  # not what it listens to; its place to resume moves on all the same
        await eventually(lambda: last_ping() > first)
    assert feed.listeners == 0
    await feed.close()


@asynccontextmanager
async def serving(
    feed: Feed, listener: Listener, sent: list[bytes], last_id: str | None = None
) -> AsyncIterator[asyncio.Event]:
    """A connection without a network: what it sends goes to `sent`; it reads nothing while the event is clear."""
    stream = await feed.listen("ann", listener, last_id)
    reads = asyncio.Event()
    reads.set()

    async def send(message: Any) -> None:
        await reads.wait()
        sent.append(message.get("body", b""))

    async def receive() -> Any:
        await asyncio.Event().wait()

    task = asyncio.create_task(stream.to_asgi_response()({}, receive, send))
    yield reads
    feed.drain()
    await task


async def test_connections_are_counted_for_each_person_and_freed_when_closed(
    world: World, api: Api, served: Served
) -> None:
    async with api.client("ann") as ann, api.client("bob") as bob:
        async with AsyncExitStack() as stack:
            for _ in range(10):
                await stack.enter_async_context(listening(ann))
            refused = await ann.get("/changes")
            assert (refused.status_code, refused.json()["type"]) == (429, "/problems/too-many-listeners")
            assert "retry-after" in refused.headers
            async with listening(bob) as events:
                assert (await anext(events)).name == "ready"
            assert served.queries.feed.listeners >= 10
        await eventually(lambda: served.queries.feed.listeners == 0)
        async with listening(ann) as events:
            assert (await anext(events)).name == "ready"


async def test_a_full_process_refuses_and_a_stopping_one_says_goodbye(world: World, api: Api, served: Served) -> None:
    served.queries.feed._per_process = 1
    async with api.client() as client:
        async with listening(client) as events:
            await anext(events)
            full = await client.get("/changes")
            assert (full.status_code, full.json()["type"]) == (503, "/problems/too-many-listeners")
            post_id = world.post()
            assert json.loads((await anext(events)).data)["stream"] == f"post-{post_id}"
            served.queries.drain()
            goodbye = await anext(events)
            assert (goodbye.name, json.loads(goodbye.data)) == ("closed", {"reason": "stopping"})
            assert [event async for event in events] == []
        assert (await client.get("/changes")).status_code == 503
    assert served.queries.feed.listeners == 0


async def test_a_stream_ends_with_its_token(world: World, api: Api) -> None:
    async with api.client(hours=1.2 / 3600) as client, listening(client) as events:
        assert [(event.name, event.data) async for event in events] == [
            ("ready", "{}"), ("closed", '{"reason":"token-expired"}')
        ]  # fmt: skip


async def test_who_does_not_read_is_ended_alone(world: World, api: Api, served: Served) -> None:
    """One connection stops reading while thousands of changes come: it is dropped, the other misses nothing."""
    total = 3_000
    feed = served.queries.feed
    stuck: list[bytes] = []
    async with api.client("bob") as bob, listening(bob) as events:
        await anext(events)
        async with serving(feed, Listener(frozenset({"posts"})), stuck) as reads:
            await eventually(lambda: stuck)
            reads.clear()
            assert feed.listeners == 2
            documents = [{"_id": f"post-{n}", "version": 1} for n in range(total)]
            for start in range(0, total, 500):
                await asyncio.to_thread(world.database["posts"].insert_many, documents[start : start + 500])
            told = [json.loads((await anext(events)).data)["stream"] for _ in range(total)]
            assert told == [document["_id"] for document in documents]
            await eventually(lambda: feed.listeners == 1)
    assert len(stuck) < 10


async def test_http_clients_see_an_event_stream(api: Api) -> None:
    async with api.client() as client, client.stream("GET", "/changes") as response:
        assert isinstance(response, httpx.Response)
        assert response.headers["content-type"].startswith("text/event-stream")
        assert response.headers["cache-control"] == "no-store"
