"""The command side of a process, put together."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from importlib import import_module
from typing import Any

from prometheus_client import CollectorRegistry

from app.commands.backlog import Backlog
from app.commands.committer import GroupCommitter
from app.commands.encoding import Encoder, Route
from app.commands.http import EXCEPTION_HANDLERS, CommandGate
from app.commands.janitor import Janitor
from app.commands.metrics import CommandMetrics
from app.commands.notifier import Notifier
from app.commands.pipeline import Commands
from app.commands.states import States
from app.side import Side
from app.store.errors import StoreUnavailable
from app.store.pool import Pool, connection_of, open_pool
from kernel.domain import load_codec, load_domain, load_schema
from kernel.service import Watchdog
from kernel.settings import Settings, SettingsError
from kernel.telemetry import get_logger

log = get_logger("commands")


@asynccontextmanager
async def open_commands(settings: Settings, registry: CollectorRegistry, watchdog: Watchdog) -> AsyncIterator[Side]:
    """The side while the block lasts. Waits for PostgreSQL; raises SettingsError when a topic is not recorded."""
    settings.require("postgres_dsn")
    async with open_pool(settings.postgres_dsn, settings.postgres_pool_size, "lockstep-app") as pool:
        codec = load_codec(settings.domain_packages)
        encoder = Encoder(codec, await _routes(pool, settings))
        states, notifier, backlog = (
            States(pool, codec),
            Notifier(settings.postgres_dsn),
            Backlog(pool, settings.outbox_cap),
        )
        metrics = CommandMetrics(registry, backlog=lambda: backlog.depth)

        def committed(seconds: float, outcomes: list[str]) -> None:
            notifier.poke()
            metrics.batch(seconds, outcomes)

        committer = GroupCommitter(
            pool,
            batch=settings.append_batch,
            seconds=settings.command_seconds,
            failed=states.drop,
            committed=committed,
            watchdog=watchdog,
        )
        commands = Commands(pool, states, committer, encoder)

        async def ping() -> None:
            async with connection_of(pool) as connection:
                await connection.fetchval("SELECT 1")

        yield Side(
            routes=http_routes(settings),
            dependencies={"gate": CommandGate(commands, backlog)},
            exception_handlers=EXCEPTION_HANDLERS,
            checks={"postgres": ping},
            loops=[committer.run, backlog.run, notifier.run, Janitor(pool, settings.answers_kept_hours).run],
        )


def http_routes(settings: Settings) -> list[Any]:
    """The side's routes; nothing connects."""
    return [
        route
        for package in settings.domain_packages
        for route in import_module(f"{package}.command_routes").COMMAND_ROUTES
    ]


async def _routes(pool: Pool, settings: Settings) -> dict[str, Route]:
    """Where each domain's events go, from what the database recorded: never from today's settings."""
    while True:
        try:
            async with connection_of(pool) as connection:
                recorded = dict(await connection.fetch("SELECT topic, partitions FROM topics"))
                lanes = await connection.fetchval("SELECT count(*) FROM relay_lanes")
            break
        except StoreUnavailable as error:
            log.warning("waiting for PostgreSQL", error=str(error))
            await asyncio.sleep(1)
    routes = {}
    for package in settings.domain_packages:
        domain = load_domain(package)
        topic = settings.topic(domain.name)
        if topic not in recorded:
            raise SettingsError(
                f"the topic {topic} is not recorded in the database: run `python -m relay.topics` first"
            )
        routes[domain.name] = Route(topic, recorded[topic], lanes, load_schema(package))
    return routes
