"""Queries: all of the query side that routes are given, as one object with one lifetime."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager

from app.queries.consistency import Freshness, primaries_by_category
from app.queries.documents import Documents
from app.queries.feed import Feed
from app.queries.mongo import Mongo
from kernel.domain import load_projections
from kernel.projection import Projection
from kernel.settings import Settings


class Queries:
    """Documents to read, versions to wait for, changes to listen to. Opened by `open_queries`."""

    def __init__(self, mongo: Mongo, projections: Iterable[Projection]) -> None:
        projections = list(projections)
        self.mongo = mongo
        self.documents = Documents(mongo)
        self.freshness = Freshness(self.documents, primaries_by_category(projections))
        self.feed = Feed(mongo, projections)

    def drain(self) -> None:
        """Open streams of changes are told to come back elsewhere, and end: call it when a stop is asked for."""
        self.feed.drain()

    async def close(self) -> None:
        await self.feed.close()
        await self.documents.close()


@asynccontextmanager
async def open_queries(settings: Settings, projections: Iterable[Projection] | None = None) -> AsyncIterator[Queries]:
    """The query side of one process. Nothing is connected until the first read: MongoDB may be down meanwhile."""
    if projections is None:
        projections = load_projections(settings.domain_packages)
    mongo = Mongo(settings)
    queries = Queries(mongo, projections)
    try:
        yield queries
    finally:
        queries.drain()
        await queries.close()
        await mongo.close()
