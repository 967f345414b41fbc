"""project: events a second that one projector turns into documents, against raw MongoDB storing the very same documents
in transactions as large, four at once, with nothing to decode or fold. Afterwards both databases are compared.
"""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any

import msgspec
from pymongo import MongoClient

from bench.documents import Writing, Written
from bench.ground import BenchFailed, Ground, open_ground, run_module
from bench.history import TOPIC, made_up
from bench.kafka import make_topic, produce
from bench.rounds import Result, alternate, result
from bench.scrape import scrape, watch_until
from domains.posts.views import POSTS
from stack.server import Progress

AT_LEAST = 0.5
RUN, SEED, BATCH = "project", 1, 1_000
PROJECT_SECONDS = 180.0


def bench_project(data: Path | None, events: int, rounds: int, progress: Progress) -> Result:
    with open_ground(data, progress, servers=("kafka", "mongo")) as ground:
        bootstrap = ground.servers.kafka.bootstrap
        progress(f"producing {events:,} events")
        asyncio.run(make_topic(bootstrap, TOPIC))
        asyncio.run(produce(bootstrap, TOPIC, made_up(RUN, events, SEED)))
        measured = alternate(
            rounds,
            lambda number: projector_rate(ground, f"ours-{number}", events),
            lambda number: raw_rate(ground, f"raw-{number}", events),
            progress,
            "events/s",
        )
        progress("comparing the documents")
        compared = compare(ground.servers.mongo.uri, f"ours-{rounds}", f"raw-{rounds}")
    return result(
        "project",
        measured,
        unit="events/s",
        limit_is=f"the same documents by raw transactional bulk writes, {BATCH:,} events each, four at once",
        at_least=AT_LEAST,
        events=events,
        documents_compared=compared,
    )


def projector_rate(ground: Ground, database: str, events: int) -> float:
    """Events a second between the first look that saw any and the one that saw all; starting up does not count."""
    with ground.running("projector", LOCKSTEP_MONGO_DATABASE=database) as projector:

        def applied() -> float:
            return scrape(projector.port, "lockstep_projector_events_total", outcome="applied")

        looks = watch_until(applied, events, PROJECT_SECONDS, ground.progress, "projected")
    began, first = next((moment, count) for moment, count in looks if count > 0)
    ended, last = looks[-1]
    if last != events:
        raise BenchFailed(f"{last:,.0f} events were applied instead of {events:,}")
    if ended == began:
        raise BenchFailed("everything was projected before the first look: give more --rows")
    return (last - first) / (ended - began)


def raw_rate(ground: Ground, database: str, events: int) -> float:
    writing = Writing(
        uri=ground.servers.mongo.uri, database=database, run=RUN, count=events, seed=SEED, batch=BATCH
    )  # fmt: skip
    written = run_module("bench.documents", msgspec.json.encode(writing), Written)
    return written.events / written.seconds


def compare(uri: str, ours: str, raw: str) -> int:
    """How many documents there are; each is the same in both. Raises BenchFailed."""
    total = 0
    with MongoClient[dict[str, Any]](uri) as client:
        for collection in POSTS.collections:
            expected = {document["_id"]: document for document in client[raw][collection].find()}
            found = {document["_id"]: document for document in client[ours][collection].find()}
            if found != expected:
                differ = [key for key in expected.keys() | found.keys() if found.get(key) != expected.get(key)]
                raise BenchFailed(f"{len(differ)} documents of {collection} differ, {differ[0]} for one")
            total += len(found)
    return total
