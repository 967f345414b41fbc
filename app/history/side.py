"""The history side of a process, put together."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from importlib import import_module
from typing import Any

from sqlalchemy.engine import make_url
from sqlalchemy.ext.asyncio import create_async_engine

from app.history.claimed import Claimed
from app.history.reader import HistoryReader
from app.problems import Problem, handler_of
from app.side import Side
from app.store.errors import StoreUnavailable
from kernel.domain import load_codec
from kernel.settings import Settings


@asynccontextmanager
async def open_history(settings: Settings) -> AsyncIterator[Side]:
    """The side while the block lasts. PostgreSQL may be down: history is then answered 503."""
    settings.require("postgres_dsn")
    engine = create_async_engine(
        make_url(settings.postgres_dsn).set(drivername="postgresql+asyncpg"),
        pool_size=2,
        max_overflow=2,
        pool_timeout=2,
        pool_pre_ping=True,
        connect_args={"timeout": 2, "command_timeout": 10, "server_settings": {"application_name": "lockstep-history"}},
    )
    reader = HistoryReader(engine, load_codec(settings.domain_packages))
    try:
        yield Side(
            routes=http_routes(settings),
            dependencies={"history": reader, "claimed": Claimed(engine)},
            exception_handlers={StoreUnavailable: handler_of(_unavailable)},
            checks={"postgres": reader.ping},
        )
    finally:
        await engine.dispose()


def http_routes(settings: Settings) -> list[Any]:
    """The side's routes; nothing connects."""
    return [
        route
        for package in settings.domain_packages
        for route in import_module(f"{package}.history_routes").HISTORY_ROUTES
    ]


def _unavailable(_: StoreUnavailable) -> Problem:
    return Problem(503, "store-unavailable", "the event store did not answer; try again", {"Retry-After": "2"})
