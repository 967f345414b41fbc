"""The query side of a process, put together."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from importlib import import_module
from typing import Any

from prometheus_client import CollectorRegistry, Gauge

from app.problems import Problem, handler_of
from app.queries.changes import changes_route
from app.queries.errors import QueryError
from app.queries.reader import open_queries
from app.side import Side
from kernel.settings import Settings


@asynccontextmanager
async def open_query_side(settings: Settings, registry: CollectorRegistry) -> AsyncIterator[Side]:
    """The side while the block lasts. MongoDB may be down: reads are then answered 503."""
    settings.require("mongo_uri")
    async with open_queries(settings) as queries:
        listeners = Gauge("lockstep_changes_listeners", "Open streams of live changes", registry=registry)
        listeners.set_function(lambda: queries.feed.listeners)
        yield Side(
            routes=http_routes(settings),
            dependencies={"queries": queries},
            exception_handlers={QueryError: handler_of(_problem)},
            checks={"mongo": queries.mongo.ping},
            drain=queries.drain,
        )


def http_routes(settings: Settings) -> list[Any]:
    """The side's routes; nothing connects."""
    routes = [
        route for package in settings.domain_packages for route in import_module(f"{package}.query_routes").QUERY_ROUTES
    ]
    return [*routes, changes_route]


def _problem(error: QueryError) -> Problem:
    return Problem(error.status, error.problem, error.detail, error.headers, **error.fields)
