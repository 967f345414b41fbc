"""The API through the gateway is the API: what processes answer arrives, and streams end with their readers."""

from __future__ import annotations

import json
import re
from collections.abc import AsyncIterator, Iterator

import httpx
import pytest

from app.description import openapi
from kernel.settings import Settings
from stack.gateway import Gateway
from tests.acceptance.problems import changed, refused
from tests.acceptance.test_changes import changes
from tests.system.facts import eventually
from tests.system.gateway import gateway_before
from tests.system.system import READER, System

LIMIT = 262_144


@pytest.fixture(scope="module")
def gateway(house: System) -> Iterator[Gateway]:
    with gateway_before(house) as gateway:
        yield gateway


@pytest.fixture
async def ann(house: System, gateway: Gateway) -> AsyncIterator[httpx.AsyncClient]:
    async with house.client("ann", port=gateway.port) as client:
        yield client


async def test_a_post_is_written_read_and_its_history_told(ann: httpx.AsyncClient) -> None:
    written = await ann.post("/posts", json={"message": "through the gateway"})
    fresh = {"Consistency-Token": changed(written, 1), "Prefer": "wait=10"}
    path = written.headers["Location"].removeprefix("/api/v1")
    assert (await ann.get(path, headers=fresh)).json()["message"] == "through the gateway"
    assert (await ann.get(f"{path}/events")).json()["events"][0]["type"] == "PostCreated"
    refused(await ann.get("/posts/0190c2a1-7b1e-7000-8000-00000000dead"), 404, "not-found")
    refused(await ann.get(path, headers={"Authorization": "Bearer nobody"}), 401, "unauthenticated")


async def test_the_tag_of_a_compressed_answer_is_good_for_if_match(ann: httpx.AsyncClient) -> None:
    written = await ann.post("/posts", json={"message": "long " * 1_000})
    path = written.headers["Location"].removeprefix("/api/v1")
    fresh = {"Consistency-Token": changed(written, 1), "Prefer": "wait=10", "Accept-Encoding": "zstd, gzip"}
    async with ann.stream("GET", path, headers=fresh) as read:
        assert read.headers["Content-Encoding"] in ("zstd", "gzip")
        tag = read.headers["ETag"]
    assert (await ann.get(path, headers={"If-None-Match": tag, "Accept-Encoding": "gzip"})).status_code == 304
    changed(await ann.put(path, json={"message": "short"}, headers={"If-Match": tag}), 2)
    refused(await ann.put(path, json={"message": "again"}, headers={"If-Match": tag}), 412, "precondition-failed")


async def test_a_body_beyond_the_limit_is_refused_and_nothing_is_stored(house: System, ann: httpx.AsyncClient) -> None:
    before = await house.sql("SELECT count(*) FROM events")
    for size in (LIMIT + 1, LIMIT + 100_000):

        async def pieces(size: int = size) -> AsyncIterator[bytes]:
            yield json.dumps({"message": "x" * size}).encode()

        answer = await ann.post("/posts", content=pieces(), headers={"Content-Type": "application/json"})
        refused(answer, 413, "body-too-large")
    assert await house.sql("SELECT count(*) FROM events") == before


async def test_a_listener_hears_at_once_and_is_forgotten_once_gone(
    house: System, gateway: Gateway, ann: httpx.AsyncClient
) -> None:
    before = await listeners(house)
    async with house.client("listener", [READER], port=gateway.port) as listener, changes(listener) as told:
        assert (await anext(told))[0] == "ready"
        post = (await ann.post("/posts", json={"message": "news"})).json()["id"]
        async for _, data, _ in told:
            if data.get("stream") == f"post-{post}":
                break
        assert await listeners(house) == before + 1

    async def forgotten() -> bool:
        return await listeners(house) == before

    await eventually(forgotten, 3)  # not only when the next ping cannot be written


async def listeners(house: System) -> float:
    async with httpx.AsyncClient() as client:
        told = (await client.get(f"http://127.0.0.1:{house.api_port}/metrics")).text
    found = re.search(r"^lockstep_changes_listeners (\S+)$", told, re.MULTILINE)
    assert found
    return float(found[1])


async def test_the_description_of_all_sides_is_that_of_a_process_of_all_roles(house: System) -> None:
    async with httpx.AsyncClient() as client:
        served = (await client.get(f"http://127.0.0.1:{house.api_port}/openapi.json")).json()
    said = json.loads(openapi(Settings()))
    assert said["paths"] == {path: item for path, item in served["paths"].items() if path.startswith("/api/")}
    assert set(served["paths"]) - set(said["paths"]) == {"/livez", "/readyz"}
    assert said["components"] == served["components"]


async def test_what_only_operators_see_stays_behind(gateway: Gateway) -> None:
    async with httpx.AsyncClient(base_url=f"http://{gateway.address}") as client:
        for path in ("/metrics", "/livez", "/readyz", "/api/v1/%2e%2e/%2e%2e/metrics"):
            refused(await client.get(path), 404, "not-found")
        assert (await client.get("/docs")).status_code == 200
        assert "default-src 'self'" in (await client.get("/docs")).headers["Content-Security-Policy"]
