"""`python -m projector`: folds published events into MongoDB's documents until asked to stop."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable
from functools import partial

import msgspec
import uvloop

from kernel.codec import Codec
from kernel.domain import load_codec, load_projections
from kernel.health import Health
from kernel.projection import Projection, collection_names, generation_name
from kernel.service import Watchdog, serve, spare_the_collector
from kernel.settings import Settings, SettingsError, read_settings
from kernel.telemetry import configure_logging, new_registry
from projector.checkpoints import Checkpoints
from projector.control import Control
from projector.metrics import Metrics
from projector.mongo import Mongo, open_mongo
from projector.pacing import MOST_AT_ONCE
from projector.runner import Runner
from projector.schema import ensure_schema
from projector.supervisor import Supervisor
from projector.taking import Taking
from projector.unit_of_work import UnitOfWork


async def main(settings: Settings) -> None:
    settings.require("kafka_bootstrap", "mongo_uri")
    projections = chosen(load_projections(settings.domain_packages), settings.projections)
    codec = load_codec(settings.domain_packages)
    registry, watchdog, stop = new_registry(), Watchdog(settings.watchdog_seconds), asyncio.Event()
    metrics = Metrics(registry)
    async with open_mongo(settings.mongo_uri, settings.mongo_database) as mongo:
        await ensure_schema(mongo, projections)
        supervisors = {
            each.name: Supervisor(
                each,
                settings,
                mongo,
                partial(build_generation, each, settings, mongo, codec, metrics, watchdog),
            )
            for each in projections
        }
        health = Health(
            registry,
            stop=stop,
            checks={"mongo": mongo.ping, "kafka": partial(reach_kafka, supervisors.values())},
            report=lambda: {"projections": {k: v for each in supervisors.values() for k, v in each.report().items()}},
        )

        async def run(stop: asyncio.Event) -> None:
            async with asyncio.TaskGroup() as group:
                for supervisor in supervisors.values():
                    group.create_task(supervisor.run(stop))

        async with health.listening(settings.http_host, settings.http_port):
            await serve(run, grace_seconds=settings.grace_seconds, watchdog=watchdog, stop=stop)


async def reach_kafka(supervisors: Iterable[Supervisor]) -> None:
    for supervisor in supervisors:
        await supervisor.reach_kafka()


def build_generation(
    projection: Projection,
    settings: Settings,
    mongo: Mongo,
    codec: Codec,
    metrics: Metrics,
    watchdog: Watchdog,
    generation: int,
    topic: str,
) -> Runner:
    """The loop of one generation of a projection on a topic: the same projection, under the generation's names."""
    named = msgspec.structs.replace(projection, name=generation_name(projection.name, generation))
    seen = mongo.seen_as(collection_names(projection, generation))
    return build(named, settings, seen, codec, metrics, watchdog, topic)


def build(
    projection: Projection,
    settings: Settings,
    mongo: Mongo,
    codec: Codec,
    metrics: Metrics,
    watchdog: Watchdog,
    topic: str | None = None,
) -> Runner:
    """The loop of one projection, with all it needs; on its domain's topic unless another is named."""
    transactions = mongo.transactions(MOST_AT_ONCE)
    checkpoints = Checkpoints(mongo, transactions, projection.name, topic or settings.topic(projection.domain))
    return Runner(
        projection,
        mongo,
        transactions,
        UnitOfWork(mongo, transactions, projection, codec, checkpoints, settings.project_batch),
        Taking(mongo, projection.name, checkpoints),
        Control(mongo, projection.name),
        metrics,
        watchdog,
        settings.project_batch,
    )


def chosen(projections: Iterable[Projection], names: str) -> list[Projection]:
    """The projections to run: those named, or all. Raises SettingsError for a name that no domain has."""
    by_name = {projection.name: projection for projection in projections}
    wanted = [name.strip() for name in names.split(",") if name.strip()] or list(by_name)
    for name in wanted:
        if name not in by_name:
            raise SettingsError(f"LOCKSTEP_PROJECTIONS names {name}; the domains have {', '.join(by_name)}")
    return [by_name[name] for name in wanted]


def start() -> None:
    try:
        settings = read_settings()
        configure_logging("projector", settings.log_level)
        spare_the_collector()
        with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
            runner.run(main(settings))
    except SettingsError as error:
        raise SystemExit(f"projector: {error}") from error
