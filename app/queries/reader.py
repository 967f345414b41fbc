"""Queries: all of the query side that routes are given, as one object a generation, and the whole with one lifetime."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager

import msgspec

from app.queries.consistency import Freshness, primaries_by_category
from app.queries.documents import Documents
from app.queries.feed import Feed
from app.queries.generations import Live, LiveGenerations
from app.queries.mongo import Mongo
from app.queries.rebuilds import RebuildsSeen
from kernel.domain import load_projections
from kernel.projection import Projection
from kernel.settings import Settings


class Queries(msgspec.Struct, frozen=True):
    """What one request reads: documents, versions to wait for, changes to listen to. All of one generation, whatever
    is switched meanwhile."""

    documents: Documents
    freshness: Freshness
    feed: Feed


class QueryPlant:
    """The query side of a process. Opened by `open_queries`."""

    def __init__(self, mongo: Mongo, projections: Iterable[Projection]) -> None:
        projections = list(projections)
        self._primaries = primaries_by_category(projections)
        self.generations = LiveGenerations(mongo, projections)
        self._seen: dict[Live, Queries] = {}
        self.mongo = mongo
        self.rebuilds = RebuildsSeen(mongo, projections)
        self.feed = Feed(mongo, projections, self.generations)

    async def current(self) -> Queries:
        """What a request that begins now reads. Raises ReadModelUnavailable."""
        live = await self.generations.current()
        queries = self._seen.get(live)
        if queries is None:
            documents = Documents(self.mongo.seen_as(self.generations.names(live)), self.generations.filed(live))
            queries = self._seen[live] = Queries(documents, Freshness(documents, self._primaries), self.feed)
        return queries

    def drain(self) -> None:
        """Open streams of changes are told to come back elsewhere, and end: call it when a stop is asked for."""
        self.feed.drain()

    async def close(self) -> None:
        await self.feed.close()
        await self.generations.close()
        await self.rebuilds.close()
        for queries in self._seen.values():
            await queries.documents.close()


@asynccontextmanager
async def open_queries(
    settings: Settings, projections: Iterable[Projection] | None = None
) -> AsyncIterator[QueryPlant]:
    """The query side of one process. Nothing is connected until the first read: MongoDB may be down meanwhile."""
    if projections is None:
        projections = load_projections(settings.domain_packages)
    mongo = Mongo(settings)
    plant = QueryPlant(mongo, projections)
    try:
        yield plant
    finally:
        plant.drain()
        await plant.close()
        await mongo.close()
