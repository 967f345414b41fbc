"""Read-only plumbing over pymongo's AsyncMongoClient: find by ids, find a page, watch. The only module that imports it.

Reads are of what a majority holds, so nothing that was read is ever rolled back, and all have a time limit. Whatever
the driver raises leaves here as ReadModelUnavailable. Nothing connects before the first read: the API starts, and
answers 503, while MongoDB is down.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from typing import Any, TypeAlias

from bson import Int64
from bson.codec_options import CodecOptions, TypeDecoder, TypeRegistry
from pymongo import AsyncMongoClient
from pymongo.asynchronous.change_stream import AsyncChangeStream
from pymongo.asynchronous.client_session import AsyncClientSession
from pymongo.asynchronous.database import AsyncDatabase
from pymongo.errors import AutoReconnect, ExecutionTimeout, PyMongoError
from pymongo.read_concern import ReadConcern
from pymongo.read_preferences import ReadPreference

from app.queries.errors import ReadModelUnavailable
from kernel.settings import Settings

Document: TypeAlias = Mapping[str, Any]
"""One document as read; shared between requests, so never changed."""

Watch: TypeAlias = AsyncChangeStream[dict[str, Any]]

READ_SECONDS = 4.0
"""No read takes longer, whatever the driver tries again meanwhile."""

_SNAPSHOT_BATCH = 20_000

LIST_SECONDS = 3.0
"""No list may occupy MongoDB for longer; past it the reader is told, and the server has stopped looking."""


class _PlainIntegers(TypeDecoder):
    """A 64-bit integer is an int like any other: the driver's own class of it cannot be encoded as JSON."""

    bson_type = Int64

    def transform_bson(self, value: Int64) -> int:
        return int(value)


_CODEC: CodecOptions[dict[str, Any]] = CodecOptions(type_registry=TypeRegistry([_PlainIntegers()]))


class Mongo:
    """One client of one database. `close` ends its connections."""

    def __init__(self, settings: Settings) -> None:
        settings.require("mongo_uri")
        self._client: AsyncMongoClient[dict[str, Any]] = AsyncMongoClient(
            settings.mongo_uri,
            appname="lockstep-queries",
            # a reader of a dead MongoDB hears so while it still listens, not after the driver's default 30 s
            serverSelectionTimeoutMS=1_500,
            connectTimeoutMS=1_000,
            socketTimeoutMS=5_000,
            waitQueueTimeoutMS=2_000,
            maxPoolSize=64,
        )
        self._database: AsyncDatabase[dict[str, Any]] = self._client.get_database(
            settings.mongo_database,
            codec_options=_CODEC,
            read_concern=ReadConcern("majority"),
            # whatever the address says: with a version from one node and a document from another, reads would be stale
            read_preference=ReadPreference.PRIMARY,
        )

    async def close(self) -> None:
        await self._client.close()

    async def ping(self) -> None:
        """Raises ReadModelUnavailable unless MongoDB answers."""
        try:
            await self._client.admin.command("ping")
        except PyMongoError as error:
            raise unavailable(error) from error

    async def find_by_ids(
        self, collection: str, ids: Sequence[str], fields: Mapping[str, int] | None = None
    ) -> dict[str, Document]:
        """The documents of these ids that exist, by id, in one round trip unless they are very large."""
        where = {"_id": {"$in": ids}}
        # a batch beyond what can be found: the server then knows that it is done and keeps no cursor
        size = len(ids) + 1
        try:
            async with asyncio.timeout(READ_SECONDS):
                try:
                    documents = await self._find(
                        collection, {"filter": where, "projection": fields or {}, "batchSize": size}
                    )
                except AutoReconnect:  # the driver's own cursor tries once more, as it would have anyway
                    documents = await self._database[collection].find(where, fields, batch_size=size).to_list()
        except (PyMongoError, TimeoutError) as error:
            raise unavailable(error) from error
        return {document["_id"]: document for document in documents}

    async def _find(self, collection: str, asked: dict[str, Any]) -> list[dict[str, Any]]:
        """What `find` answers, by the bare command: the driver's cursor took a fifth more of a lookup's time."""
        asked = {"find": collection, **asked, "readConcern": {"level": "majority"}}
        answer = await self._database.command(asked, codec_options=_CODEC)
        documents: list[dict[str, Any]] = answer["cursor"]["firstBatch"]
        while answer["cursor"]["id"]:
            more = {"getMore": Int64(answer["cursor"]["id"]), "collection": collection}
            answer = await self._database.command(more, codec_options=_CODEC)
            documents += answer["cursor"]["nextBatch"]
        return documents

    async def find_page(
        self, collection: str, where: Document, sort: Sequence[tuple[str, int]], limit: int
    ) -> list[Document]:
        """The first `limit` documents that match, in this order, in one round trip."""
        try:
            async with asyncio.timeout(READ_SECONDS):
                cursor = self._database[collection].find(
                    where, sort=sort, limit=limit, batch_size=limit + 1, max_time_ms=int(LIST_SECONDS * 1_000)
                )
                return list(await cursor.to_list())
        except (PyMongoError, TimeoutError) as error:
            raise unavailable(error) from error

    async def aggregate(self, collection: str, pipeline: Sequence[Document]) -> list[Document]:
        """What the pipeline makes of the collection; bounded in time like a list."""
        try:
            async with asyncio.timeout(READ_SECONDS):
                cursor = await self._database[collection].aggregate(
                    list(pipeline), maxTimeMS=int(LIST_SECONDS * 1_000), allowDiskUse=True
                )
                return list(await cursor.to_list())
        except (PyMongoError, TimeoutError) as error:
            raise unavailable(error) from error

    @asynccontextmanager
    async def snapshot(self) -> AsyncIterator[Snapshot]:
        """Reads that all see the same moment, for as long as the block lasts."""
        try:
            async with asyncio.timeout(READ_SECONDS):
                async with self._client.start_session(snapshot=True) as session:
                    yield Snapshot(self._database, session)
        except (PyMongoError, TimeoutError) as error:
            raise unavailable(error) from error

    async def watch(self, pipeline: Sequence[Document], resume_after: Document | None, wait_seconds: float) -> Watch:
        """An open change stream of the database. Raises the driver's errors: resuming has its own ways to fail."""
        return await self._database.watch(
            list(pipeline), resume_after=resume_after, max_await_time_ms=int(wait_seconds * 1_000)
        )


class Snapshot:
    """The read model as it stood at one moment, that of the first read. `documents_read` counts what was found."""

    def __init__(self, database: AsyncDatabase[dict[str, Any]], session: AsyncClientSession) -> None:
        self._database, self._session = database, session
        self.documents_read = 0

    async def find(
        self, collection: str, where: Mapping[str, Any], fields: Sequence[str] = ()
    ) -> list[Mapping[str, Any]]:
        """All documents that match, of these fields only; mostly in one round trip."""
        cursor = self._database[collection].find(
            where, list(fields) or None, session=self._session, batch_size=_SNAPSHOT_BATCH,
            max_time_ms=int(LIST_SECONDS * 1_000),
        )  # fmt: skip
        found = await cursor.to_list()
        self.documents_read += len(found)
        return list(found)


def unavailable(error: Exception) -> ReadModelUnavailable:
    """What the reader is told; addresses and commands stay in the chained error, for the log."""
    if isinstance(error, ExecutionTimeout):
        return ReadModelUnavailable(f"the read model did not find the answer within {LIST_SECONDS:g} s")
    return ReadModelUnavailable("the read model cannot be reached; commands still work")
