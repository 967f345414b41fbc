"""A real MongoDB for the folder, a database of its own for each test, and the query side served over HTTP."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterator
from typing import Any
from uuid import uuid4

import msgspec
import pytest
from prometheus_client import CollectorRegistry

from app.api import make_api
from app.queries.reader import QueryPlant
from app.queries.side import open_query_side
from app.server import serve_http
from app.side import Side
from kernel.settings import Settings
from stack.launcher import Launcher
from stack.mongo import Mongo
from stack.ports import Ports
from stack.tokens import DevelopmentKeys
from tests.integration.queries.world import Api, World, eventually


@pytest.fixture(scope="session")
def mongo_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Mongo]:
    folder = tmp_path_factory.mktemp("queries-mongo")
    with Launcher() as launcher:
        mongo = Mongo(launcher, folder / "data", folder / "mongo.log", Ports(folder / "ports.json").take("mongo"))
        mongo.start()
        yield mongo
        mongo.stop()


@pytest.fixture
def world(mongo_server: Mongo) -> Iterator[World]:
    world = World(mongo_server.uri, f"queries-{uuid4().hex[:12]}")
    yield world
    world.close()


@pytest.fixture(scope="session")
def keys(tmp_path_factory: pytest.TempPathFactory) -> DevelopmentKeys:
    return DevelopmentKeys(tmp_path_factory.mktemp("queries-keys"))


@pytest.fixture
def settings(world: World, keys: DevelopmentKeys, tmp_path_factory: pytest.TempPathFactory) -> Settings:
    return Settings(
        environment="development",
        mongo_uri=world.uri,
        mongo_database=world.name,
        role="queries",
        http_port=Ports(tmp_path_factory.mktemp("ports") / "ports.json").take("api"),
        jwt_public_keys=keys.public_key_file().read_text(),
    )


class Served(msgspec.Struct, frozen=True):
    api: Api
    queries: QueryPlant
    side: Side


@pytest.fixture
async def served(settings: Settings, keys: DevelopmentKeys) -> AsyncIterator[Served]:
    stop = asyncio.Event()
    async with open_query_side(settings, CollectorRegistry()) as side:
        app = make_api(settings, [side], [])
        serving = asyncio.create_task(serve_http(app, settings.http_host, settings.http_port, stop, 5.0))
        queries: Any = side.dependencies["queries"].of.__self__
        api = Api(f"{settings.http_host}:{settings.http_port}", keys.token)

        async def answers() -> bool:
            try:
                _, writer = await asyncio.open_connection(settings.http_host, settings.http_port)
            except OSError:
                return False
            writer.close()
            return True

        await eventually(answers)
        yield Served(api, queries, side)
        queries.drain()
        stop.set()
        await serving


@pytest.fixture
def api(served: Served) -> Api:
    return served.api
