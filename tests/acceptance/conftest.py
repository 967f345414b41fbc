"""One running system for the folder: app, relay and projector as processes; and people with tokens."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterator
from uuid import uuid4

import httpx
import pytest

from tests.system.system import Ground, System


@pytest.fixture(scope="package")
def house(ground: Ground) -> Iterator[System]:
    """A system that goes on running from test to test; each test writes posts of its own."""
    system = System.open(ground, f"house-{uuid4().hex[:8]}")
    asyncio.run(system.start_all())
    yield system
    system.close()


@pytest.fixture
async def ann(house: System) -> AsyncIterator[httpx.AsyncClient]:
    async with house.client("ann") as client:
        yield client


@pytest.fixture
async def bob(house: System) -> AsyncIterator[httpx.AsyncClient]:
    async with house.client("bob") as client:
        yield client


class Post:
    """A post of ann's, and the token of its last command."""

    def __init__(self, answer: httpx.Response) -> None:
        assert answer.status_code == 201, answer.text
        self.id: str = answer.json()["id"]
        self.path = f"/posts/{self.id}"
        self.fresh = {"Consistency-Token": answer.headers["Consistency-Token"], "Prefer": "wait=10"}


@pytest.fixture
async def post(ann: httpx.AsyncClient) -> Post:
    return Post(await ann.post("/posts", json={"message": "hello"}))


@pytest.fixture
async def staff(house: System) -> AsyncIterator[httpx.AsyncClient]:
    """Somebody of the shop's."""
    async with house.client("sue", ("shop:read", "shop:write")) as client:
        yield client


@pytest.fixture
async def importer(house: System) -> AsyncIterator[httpx.AsyncClient]:
    """Somebody who may also tell of the past."""
    async with house.client("ivy", ("shop:read", "shop:write", "import")) as client:
        yield client
