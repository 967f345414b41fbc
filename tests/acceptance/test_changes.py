"""Server-sent events at /changes: what happened, as it happens; whoever was away goes on where they were."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import httpx

from chaos.system import READER, System


@asynccontextmanager
async def changes(
    client: httpx.AsyncClient, last_id: str | None = None, query: str = ""
) -> AsyncIterator[AsyncIterator[tuple[str, dict[str, object], str]]]:
    """(event, data, id) as they come."""
    headers = {} if last_id is None else {"Last-Event-ID": last_id}
    async with client.stream("GET", f"/changes{query}", headers=headers) as response:
        assert response.status_code == 200, await response.aread()
        assert response.headers["content-type"].startswith("text/event-stream")
        yield parsed(response)


async def parsed(response: httpx.Response) -> AsyncIterator[tuple[str, dict[str, object], str]]:
    name, data, identifier = "", "", ""
    async for line in response.aiter_lines():
        field, _, value = line.partition(": ")
        if field == "event":
            name = value
        elif field == "data":
            data = value
        elif field == "id":
            identifier = value
        elif not line and data:
            yield name, json.loads(data), identifier
            name = data = ""


async def test_a_write_is_told_to_who_listens(house: System, ann: httpx.AsyncClient) -> None:
    async with house.client("listener", [READER]) as listener, changes(listener) as told:
        assert (await anext(told))[0] == "ready"
        post = (await ann.post("/posts", json={"message": "news"})).json()["id"]
        async for name, data, _ in told:
            if data.get("stream") == f"post-{post}":
                assert (name, data) == ("changed", {"stream": f"post-{post}", "version": 1, "domain": "posts"})
                break


async def test_whoever_comes_back_with_the_last_id_misses_nothing(house: System, ann: httpx.AsyncClient) -> None:
    async with house.client("listener", [READER]) as listener:
        async with changes(listener) as told:
            _, _, last = await anext(told)
        posts = []
        for number in range(12):  # while nobody listens
            posts.append((await ann.post("/posts", json={"message": str(number)})).json()["id"])
        fresh = {"Prefer": "wait=10", "Consistency-Token": ",".join(f"post-{post}@1" for post in posts)}
        assert (await ann.get("/posts", headers=fresh)).status_code == 200
        heard: list[str] = []
        while len(heard) < 12:  # a new connection for every three
            async with changes(listener, last) as told:
                async for name, data, identifier in told:
                    if name == "changed":
                        heard.append(str(data["stream"]))
                        last = identifier
                        if len(heard) % 3 == 0:
                            break
        assert sorted(heard) == sorted(f"post-{post}" for post in posts)


async def test_one_stream_only(house: System, ann: httpx.AsyncClient) -> None:
    post = (await ann.post("/posts", json={"message": "watched"})).json()["id"]
    async with house.client("listener", [READER]) as listener, changes(listener, query=f"?stream=post-{post}") as told:
        await anext(told)
        await ann.post("/posts", json={"message": "another"})
        await ann.put(f"/posts/{post}", json={"message": "edited"})
        async for name, data, _ in told:
            assert data["stream"] == f"post-{post}"
            if (name, data["version"]) == ("changed", 2):
                break
