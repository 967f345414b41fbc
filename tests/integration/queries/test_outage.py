"""MongoDB gone: readers are told at once and to come back; once it is back, everything goes on by itself."""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import Iterator
from pathlib import Path
from uuid import uuid4

import pytest

from app.queries.hub import Hub
from app.queries.listener import Change, Listener
from app.queries.mongo import Watch
from app.queries.reader import QueryPlant
from domains.posts.views import POSTS
from stack.launcher import Launcher
from stack.mongo import Mongo
from stack.ports import Ports
from tests.integration.queries.conftest import Served
from tests.integration.queries.world import Api, World, eventually, listening


@pytest.fixture
def mongo_server(tmp_path: Path) -> Iterator[Mongo]:
    """A MongoDB of this test's own, to be killed."""
    with Launcher() as launcher:
        mongo = Mongo(launcher, tmp_path / "data", tmp_path / "mongo.log", Ports(tmp_path / "ports.json").take("mongo"))
        mongo.start()
        yield mongo
        mongo.stop()


async def test_readers_of_a_dead_mongodb_are_told_and_listeners_miss_nothing(
    mongo_server: Mongo, world: World, api: Api
) -> None:
    before = world.post()
    async with api.client() as client, listening(client) as events:
        await anext(events)
        assert (await client.get(f"/posts/{before}")).status_code == 200

        mongo_server.kill()
        for path, headers in [
            (f"/posts/{before}", {}),
            ("/posts", {}),
            ("/posts", {"Consistency-Token": f"post-{before}@1"}),
            ("/posts/withComments", {}),
        ]:
            started = time.monotonic()
            answer = await client.get(path, headers=headers)
            assert (answer.status_code, answer.json()["type"]) == (503, "/problems/read-model-unavailable")
            assert int(answer.headers["retry-after"]) >= 1
            assert mongo_server.address not in answer.text
            assert time.monotonic() - started < 5
        assert (await client.get("/changes", headers={"Last-Event-ID": "82" * 20})).status_code == 503

        await asyncio.to_thread(mongo_server.restart)
        after = await asyncio.to_thread(world.post)
        told = await asyncio.wait_for(anext(events), 20)
        assert (told.name, json.loads(told.data)["stream"]) == ("changed", f"post-{after}")

        async def readable() -> bool:
            return (await client.get(f"/posts/{after}")).status_code == 200

        await eventually(readable, within=20)


class HeldBack(Hub):
    """A hub that can be kept from opening its stream again."""

    def __init__(self, plant: QueryPlant) -> None:
        super().__init__(plant.mongo, [POSTS], plant.generations)
        self.asked, self.may_open = asyncio.Event(), asyncio.Event()
        self.may_open.set()

    async def open(self, resume_after: str | None, wait_seconds: float) -> Watch:
        self.asked.set()
        await self.may_open.wait()
        return await super().open(resume_after, wait_seconds)


async def test_changes_made_before_mongodb_is_found_again_are_told(
    mongo_server: Mongo, world: World, served: Served
) -> None:
    hub, listener = HeldBack(served.queries), Listener(frozenset({"posts"}))
    await hub.join(listener)
    hub.asked.clear()
    hub.may_open.clear()
    mongo_server.kill()
    await asyncio.wait_for(hub.asked.wait(), 20)
    await asyncio.to_thread(mongo_server.restart)
    posts = [await asyncio.to_thread(world.post) for _ in range(3)]
    hub.may_open.set()
    told: list[str] = []
    while len(told) < 3:
        entries = await asyncio.wait_for(listener.take(20), 20)
        assert entries
        told += [entry.stream if isinstance(entry, Change) else entry.reason for entry in entries]
    assert told == [f"post-{post_id}" for post_id in posts]
    hub.leave(listener)
    await hub.close()


async def test_a_frozen_mongodb_holds_no_reader_for_long(mongo_server: Mongo, world: World, api: Api) -> None:
    post_id = world.post()
    async with api.client() as client:
        assert (await client.get(f"/posts/{post_id}")).status_code == 200
        mongo_server.suspend()
        try:
            started = time.monotonic()
            answers = await asyncio.gather(*(client.get(f"/posts/{uuid4()}") for _ in range(20)))
            assert {answer.status_code for answer in answers} == {503}
            assert time.monotonic() - started < 9
        finally:
            mongo_server.resume()

        async def readable() -> bool:
            return (await client.get(f"/posts/{post_id}")).status_code == 200

        await eventually(readable, within=20)
