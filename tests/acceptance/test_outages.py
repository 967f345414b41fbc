"""P9 over HTTP: what is down stops only what needs it, and what was down catches up by itself."""

from __future__ import annotations

from collections.abc import AsyncIterator
from uuid import uuid4

import httpx
import pytest

from chaos.system import System
from lockstep_testing.facts import eventually
from tests.system.agreement import assert_everything_agrees
from tests.system.workload import Workload


@pytest.fixture
async def ann(system: System) -> AsyncIterator[httpx.AsyncClient]:
    await system.start_all()
    async with system.client("ann") as client:
        yield client


@pytest.fixture
async def load(system: System, ann: httpx.AsyncClient) -> AsyncIterator[Workload]:
    async with Workload(system) as load:
        yield load


async def test_reads_go_on_without_postgres(system: System, ann: httpx.AsyncClient, load: Workload) -> None:
    await load.burst(60)
    written = (await ann.post("/posts", json={"message": "before"})).headers["Consistency-Token"]
    post = written.partition("@")[0].removeprefix("post-")
    seen = await ann.get(f"/posts/{post}", headers={"Consistency-Token": written})
    assert seen.status_code == 200
    system.servers.postgres.kill()
    assert (await ann.get(f"/posts/{post}")).content == seen.content
    assert (await ann.get("/posts")).status_code == 200
    key = {"Idempotency-Key": uuid4().hex}
    refused = await ann.post("/posts", json={"message": "meanwhile"}, headers=key)
    assert refused.status_code == 503
    assert int(refused.headers["Retry-After"]) > 0
    assert refused.json()["type"] == "/problems/outcome-unknown"
    history = await ann.get(f"/posts/{post}/history")
    assert history.status_code == 503
    assert "Retry-After" in history.headers
    assert (await system.one("app").report())["dependencies"]["postgres"] != "up"
    system.servers.postgres.restart()

    async def stored() -> bool:
        return (await ann.post("/posts", json={"message": "meanwhile"}, headers=key)).status_code == 201

    await eventually(stored, 15)
    await load.burst(30)
    await assert_everything_agrees(system)


async def test_writes_go_on_without_kafka_and_are_published_later(
    system: System, ann: httpx.AsyncClient, load: Workload
) -> None:
    await load.burst(30)
    system.servers.kafka.kill()
    await load.burst(120)
    assert all(done.outcome != "unknown" and done.status < 500 for done in load.history.done)
    assert all(done.attempts == 1 for done in load.history.done)
    written = await ann.post("/posts", json={"message": "unread"})
    token = {"Consistency-Token": written.headers["Consistency-Token"], "Prefer": "wait=0.1"}
    behind = await ann.get(f"/posts/{written.json()['id']}", headers=token)
    assert behind.status_code == 503
    assert behind.json()["type"] == "/problems/projection-behind"
    assert (await ann.get("/posts")).status_code == 200
    system.servers.kafka.restart()
    await load.burst(30)
    await assert_everything_agrees(system)


async def test_writes_go_on_without_mongodb_and_are_read_later(
    system: System, ann: httpx.AsyncClient, load: Workload
) -> None:
    await load.burst(30)
    system.servers.mongo.kill()
    await load.burst(120)
    assert all(done.attempts == 1 for done in load.history.done)
    unread = await ann.get("/posts")
    assert unread.status_code == 503
    assert unread.json()["type"] == "/problems/read-model-unavailable"
    assert int(unread.headers["Retry-After"]) > 0
    system.servers.mongo.restart()
    await load.burst(30)
    await assert_everything_agrees(system)
    assert (await ann.get("/posts")).status_code == 200


async def test_likes_taken_back_and_given_again_while_nobody_projects(system: System, ann: httpx.AsyncClient) -> None:
    """One batch then deletes, makes and makes again documents of one collection."""
    post = (await ann.post("/posts", json={"message": "liked"})).json()["id"]
    people = [system.client(f"person-{number}") for number in range(6)]
    for person in people[:4]:
        await person.put(f"/posts/like/{post}")
    await assert_everything_agrees(system)
    await system.one("projector").stop()
    for person in people:
        await person.delete(f"/posts/like/{post}")
    for person in people[2:]:
        assert (await person.put(f"/posts/like/{post}")).status_code == 200
    await system.start("projector").ready()
    await assert_everything_agrees(system)
    assert (await ann.get(f"/posts/{post}")).json()["likes"] == 4
    for person in people:
        await person.aclose()
