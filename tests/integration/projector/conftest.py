"""Real Kafka and MongoDB for the projector's tests; every test has a topic, a database and a group of its own."""

from __future__ import annotations

import asyncio
import os
import subprocess
import sys
import uuid
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable, Iterator, Mapping
from contextlib import asynccontextmanager, contextmanager
from typing import Any

import pytest
from prometheus_client import CollectorRegistry
from pymongo import AsyncMongoClient

from chaos.system import Ground
from domains.posts.views import POSTS
from kernel.codec import Codec
from kernel.domain import load_codec
from kernel.projection import Document, Projection
from kernel.service import Watchdog
from kernel.settings import Settings
from projector.main import build
from projector.metrics import Metrics
from projector.mongo import open_mongo
from projector.runner import Runner
from projector.schema import CHECKPOINTS, ensure_schema
from tests.integration.projector.feed import Message, documents_by_plain_fold, make_topic, send

PARTITIONS = 4
Rows = list[dict[str, Any]]


@pytest.fixture(scope="session")
def addresses(ground: Ground) -> tuple[str, str]:
    """(Kafka's bootstrap, MongoDB's URI)."""
    return ground.servers.kafka.bootstrap, ground.servers.mongo.uri


class Place:
    """One test's own topic and database, and ways to look at them."""

    def __init__(self, bootstrap: str, mongo_uri: str) -> None:
        self.name = f"t{uuid.uuid4().hex[:12]}"
        self.settings = Settings(
            namespace=self.name,
            domains="domains.posts",
            kafka_bootstrap=bootstrap,
            mongo_uri=mongo_uri,
            mongo_database=self.name,
            project_batch=200,
        )
        self.topic = self.settings.topic("posts")
        self._client: AsyncMongoClient[dict[str, Any]] = AsyncMongoClient(mongo_uri)
        self.db = self._client[self.name]

    async def open(self) -> None:
        await make_topic(self.settings.kafka_bootstrap, self.topic, PARTITIONS)

    async def close(self) -> None:
        await self._client.drop_database(self.name)
        await self._client.close()

    async def send(self, messages: Iterable[Message]) -> None:
        await send(self.settings.kafka_bootstrap, self.topic, PARTITIONS, messages)

    async def rows(self, collection: str, where: Mapping[str, Any] | None = None) -> Rows:
        return await self.db[collection].find(where or {}).to_list()

    async def post(self, stream: str) -> Document:
        return await self.db.posts.find_one({"_id": stream}) or {}

    async def versions(self) -> int:
        """How many events have been applied, by the documents themselves."""
        return sum(row["version"] for row in await self.rows("posts"))

    async def documents(self, projection: Projection = POSTS) -> dict[str, dict[str, Document]]:
        return {name: {row["_id"]: row for row in await self.rows(name)} for name in projection.collections}

    async def plain_fold(self) -> dict[str, dict[str, Document]]:
        return await documents_by_plain_fold(self.settings.kafka_bootstrap, self.topic, PARTITIONS)

    async def checkpoints(self) -> dict[int, int]:
        return {row["partition"]: row["next"] for row in await self.rows(CHECKPOINTS)}

    @asynccontextmanager
    async def projecting(self, projection: Projection = POSTS, codec: Codec | None = None) -> AsyncIterator[Runner]:
        """A projector runs in this process for as long as the context lasts, and then leaves as one that is stopped."""
        stop, settings = asyncio.Event(), self.settings
        async with open_mongo(settings.mongo_uri, settings.mongo_database) as mongo:
            await ensure_schema(mongo, [projection])
            runner = build(
                projection,
                settings,
                mongo,
                codec or load_codec(["domains.posts"]),
                Metrics(CollectorRegistry()),
                Watchdog(60),
            )
            group = f"{settings.namespace}.projector.{projection.name}"
            running = asyncio.create_task(runner.run(settings.kafka_bootstrap, self.topic, group, stop))
            try:
                yield runner
            finally:
                stop.set()
                await asyncio.wait_for(running, 15)

    @contextmanager
    def process(self) -> Iterator[subprocess.Popen[bytes]]:
        """A projector as a process of its own; killed on leaving, if it still runs."""
        names = ("namespace", "domains", "kafka_bootstrap", "mongo_uri", "mongo_database", "project_batch")
        given = {f"LOCKSTEP_{name.upper()}": str(getattr(self.settings, name)) for name in names}
        environment = os.environ | given | {"LOCKSTEP_HTTP_PORT": "0", "LOCKSTEP_LOG_LEVEL": "error"}
        with subprocess.Popen([sys.executable, "-m", "projector"], env=environment) as process:
            try:
                yield process
            finally:
                process.kill()


@pytest.fixture
async def place(addresses: tuple[str, str]) -> AsyncIterator[Place]:
    place = Place(*addresses)
    await place.open()
    yield place
    await place.close()


async def eventually(fact: Callable[[], Awaitable[Any]], within: float = 20.0) -> Any:
    """The fact's first true value. Fails with its last one when it does not come true in time."""
    end = asyncio.get_running_loop().time() + within
    while True:
        found = await fact()
        if found:
            return found
        if asyncio.get_running_loop().time() > end:
            raise AssertionError(f"not within {within} s: {getattr(fact, '__name__', fact)} is {found!r}")
        await asyncio.sleep(0.05)
