"""A read model built anew beside the live one: proved equal, switched at once, switched back; and what it survives."""

from __future__ import annotations

import asyncio
import json
import os
import subprocess
import sys
from typing import Any

import httpx
import pytest
from pymongo import MongoClient
from pymongo.database import Database

from chaos.system import System
from lockstep_testing.facts import eventually
from tests.system.agreement import everything_projected

Rows = Database[dict[str, Any]]


@pytest.fixture
async def lively(system: System) -> System:
    """A system with posts, comments and likes in it."""
    await system.start_all()
    async with system.client("ann") as ann:
        for number in range(20):
            post = (await ann.post("/posts", json={"message": f"post {number}"})).json()["id"]
            for text in range(number % 3):
                await ann.post(f"/posts/{post}/comments", json={"comment": f"comment {text}"})
            await ann.put(f"/posts/like/{post}")
    await everything_projected(system)
    return system


@pytest.fixture
def models(lively: System) -> Any:
    with MongoClient[dict[str, Any]](lively.servers.mongo.uri) as client:
        yield client[lively.name]


def lockstep(system: System, *arguments: str) -> tuple[int, dict[str, Any]]:
    """Exit code and JSON of `lockstep projection …`."""
    environment = os.environ | {
        "LOCKSTEP_MONGO_URI": system.servers.mongo.uri,
        "LOCKSTEP_MONGO_DATABASE": system.name,
        "LOCKSTEP_NAMESPACE": system.name,
    }
    command = [sys.executable, "-m", "cli.main", "projection", *arguments, "-o", "json"]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False, timeout=90)
    return done.returncode, json.loads(done.stdout) if done.stdout else {"error": done.stderr}


async def request_rebuild(admin: httpx.AsyncClient, **wish: Any) -> str:
    answer = await admin.post("/rebuilds", json={"projection": "posts"} | wish)
    assert answer.status_code == 202, answer.text
    return answer.headers["Location"].removeprefix("/api/v1")


async def reached(admin: httpx.AsyncClient, place: str, state: str, within: float = 30) -> dict[str, Any]:
    """What is said of the rebuild once it has got to this state."""
    said: dict[str, Any] = {}

    async def is_there() -> bool:
        nonlocal said
        answer = await admin.get(place, headers={"Prefer": "wait=2"})
        said = answer.json()
        assert said.get("state") == state, said
        return True

    await eventually(is_there, within, every=0.1)
    return said


async def test_a_rebuild_is_equal_is_switched_to_and_back(lively: System, models: Rows) -> None:
    async with lively.client("root", ("admin", "posts:read", "posts:write")) as admin:
        place = await request_rebuild(admin)
        told = await reached(admin, place, "following")
        assert told["projected"] == told["events"] == sum(row["version"] for row in models["posts"].find())
        before = (await admin.get("/posts?limit=100")).json()

        code, found = lockstep(lively, "compare", "posts")
        assert (code, found["different"]) == (0, 0)
        assert found["documents"] == sum(models[name].count_documents({}) for name in ("posts", "comments", "likes"))

        # what is written now reaches both
        late = await admin.post("/posts", json={"message": "written meanwhile"})
        fresh = {"Consistency-Token": late.headers["Consistency-Token"], "Prefer": "wait=10"}
        assert lockstep(lively, "switch", "posts")[0] == 0
        assert (await reached(admin, place, "live"))["switchedAt"]
        after = (await admin.get("/posts?limit=100", headers=fresh)).json()
        assert [post["postId"] for post in after["posts"][1:]] == [post["postId"] for post in before["posts"]]
        assert after["posts"][1:] == before["posts"]

        assert lockstep(lively, "rollback", "posts")[0] == 0
        await reached(admin, place, "previous")
        assert (await admin.get("/posts?limit=100", headers=fresh)).json() == after
        assert lockstep(lively, "drop", "posts")[0] == 0
        await eventually_true(lambda: not [name for name in models.list_collection_names() if ".g" in name])


async def test_a_comparison_finds_what_was_tampered_with(lively: System, models: Rows) -> None:
    async with lively.client("root", ("admin",)) as admin:
        await reached(admin, await request_rebuild(admin), "following")
    post = models["posts"].find_one() or {}
    models["posts"].update_one({"_id": post["_id"]}, {"$set": {"likes": 999}})
    extra = models["likes"].find_one() or {}
    models["likes"].insert_one(extra | {"_id": "nobody"})
    lost = models["comments"].find_one() or {}
    models["comments"].delete_one({"_id": lost["_id"]})
    code, found = lockstep(lively, "compare", "posts")
    assert (code, found["different"]) == (1, 3)
    assert {(each["collection"], each["id"], tuple(each["fields"])) for each in found["differences"]} == {
        ("posts", post["_id"], ("likes",)), ("likes", "nobody", ()), ("comments", lost["_id"], ()),
    }  # fmt: skip


async def test_a_damaged_read_database_is_restored(lively: System, models: Rows) -> None:
    """As CQRS Plus asks for it: one request, and readers get what the events say."""
    async with lively.client("root", ("admin", "posts:read")) as admin, lively.client("ann") as ann:
        before = (await ann.get("/posts?limit=100")).json()
        models["posts"].update_many({}, {"$set": {"message": "damaged"}})
        models["likes"].delete_many({})
        assert (await ann.post("/RestoreReadDb")).status_code == 403
        first, again = [await admin.post(path) for path in ("/RestoreReadDb", "/RetoreReadDb")]
        assert (first.status_code, again.status_code) == (202, 202)
        assert again.json() == first.json()  # one is under way
        await reached(admin, first.headers["Location"].removeprefix("/api/v1"), "live")
        await eventually_equal(lambda: ann.get("/posts?limit=100"), before)


async def test_relay_and_projector_killed_during_a_rebuild(lively: System, models: Rows) -> None:
    async with lively.client("root", ("admin",)) as admin:
        lively.one("projector").kill()
        place = await request_rebuild(admin)
        lively.one("relay").kill()
        await asyncio.gather(*(lively.start(kind).ready() for kind in ("relay", "projector")))
        await reached(admin, place, "following", within=60)
    assert lockstep(lively, "compare", "posts")[1]["different"] == 0


async def test_readers_during_switches_never_go_back(new_system: Any) -> None:
    """Sequential reads of one session, without tokens, over two processes, with writes going on."""
    system: System = new_system()
    await system.start_all()
    other = await system.start("app").ready()
    async with system.client("ann") as ann, system.client("root", ("admin",)) as admin:
        post = (await ann.post("/posts", json={"message": "0"})).json()["id"]
        await everything_projected(system)
        place, done = await request_rebuild(admin), asyncio.Event()
        await reached(admin, place, "following")
        failures: list[int] = []

        async def write() -> None:
            number = 0
            while not done.is_set():
                number += 1
                answer = await ann.put(f"/posts/{post}", json={"message": str(number)})
                failures.extend([answer.status_code] if answer.status_code >= 500 else [])

        async def read() -> int:
            seen, reads = 0, 0
            async with system.client("ann") as one, system.client("ann", port=other.port) as two:
                while not done.is_set():
                    for client in (one, two):
                        answer = await client.get(f"/posts/{post}")
                        assert answer.status_code == 200, answer.text
                        version = answer.json()["version"]
                        assert version >= seen, f"{version} after {seen}"
                        seen, reads = version, reads + 1
            return reads

        async def switch() -> None:
            try:
                for turn in ("switch", "rollback", "rollback", "rollback"):
                    code, said = await asyncio.to_thread(lockstep, system, turn, "posts")
                    assert code == 0, said
            finally:
                done.set()

        _, reads, more, _ = await asyncio.gather(write(), read(), read(), switch())
        assert reads + more > 200
        assert failures == []


async def eventually_true(fact: Any, within: float = 20) -> None:
    async def true() -> bool:
        return bool(fact())

    await eventually(true, within)


async def eventually_equal(read: Any, wanted: Any, within: float = 20) -> None:
    async def equal() -> bool:
        assert (await read()).json() == wanted
        return True

    await eventually(equal, within)
