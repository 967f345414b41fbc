"""What finders read through: documents by id, gathered across requests, and sorted pages of a collection.

Finders know this class and no driver. Values that reach a filter are scalars or were built by a finder, never a
reader's JSON.
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from contextlib import AbstractAsyncContextManager
from functools import partial

from app.queries.loader import BatchLoader, Found
from app.queries.mongo import Document, Mongo, Snapshot


class Documents:
    """The documents of the read model. Safe to share between all requests of a process."""

    def __init__(self, mongo: Mongo) -> None:
        self._mongo = mongo
        self._loaders: dict[str, BatchLoader] = {}
        self._versions: dict[str, BatchLoader] = {}

    async def get(self, collection: str, identifier: str) -> Document | None:
        """The document, or None."""
        found = await self._loader(collection).load((identifier,))
        return found.get(identifier)

    def get_many(self, collection: str, identifiers: Sequence[str]) -> asyncio.Future[Found]:
        """Will be those of the documents that exist, by id; the mapping may hold others, too."""
        return self._loader(collection).load(identifiers)

    async def versions(self, collection: str, streams: Sequence[str]) -> dict[str, int]:
        """How far the documents of these streams have got; 0 where there is none yet."""
        loader = self._versions.get(collection)
        if loader is None:
            fetch = partial(self._mongo.find_by_ids, collection, fields={"version": 1})
            loader = self._versions[collection] = BatchLoader(fetch)
        found = await loader.load(streams)
        return {stream: found[stream]["version"] if stream in found else 0 for stream in streams}

    async def page(
        self, collection: str, where: Document, sort: Sequence[tuple[str, int]], limit: int
    ) -> list[Document]:
        """The first `limit` documents that match, in this order."""
        return await self._mongo.find_page(collection, where, sort, limit)

    async def aggregate(self, collection: str, pipeline: Sequence[Document]) -> list[Document]:
        """What the pipeline makes of the collection: sums, mostly."""
        return await self._mongo.aggregate(collection, pipeline)

    def snapshot(self) -> AbstractAsyncContextManager[Snapshot]:
        """Reads that all see the same moment, for answers made of many documents."""
        return self._mongo.snapshot()

    async def close(self) -> None:
        for loader in (*self._loaders.values(), *self._versions.values()):
            await loader.close()

    def _loader(self, collection: str) -> BatchLoader:
        loader = self._loaders.get(collection)
        if loader is None:
            loader = self._loaders[collection] = BatchLoader(partial(self._mongo.find_by_ids, collection))
        return loader
