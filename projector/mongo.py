"""MongoDB for the projector, and the only module that imports its driver: reads, one kind of transaction, indexes.

A transaction is applied whole or not at all, is durable on a majority with its journal when it returns, and says which
of four things happened if it did not: Stale, Refused, Unavailable, or success. What is written stays out.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Iterable, Mapping, Sequence
from contextlib import asynccontextmanager
from types import MappingProxyType
from typing import Any

from bson import Binary
from bson.binary import UUID_SUBTYPE
from bson.errors import BSONError, InvalidDocument
from motor.motor_asyncio import AsyncIOMotorClient, AsyncIOMotorClientSession, AsyncIOMotorCollection
from pymongo import DeleteOne, InsertOne, ReplaceOne, UpdateOne, WriteConcern
from pymongo.errors import (
    BulkWriteError,
    CollectionInvalid,
    ConnectionFailure,
    DocumentTooLarge,
    OperationFailure,
    PyMongoError,
)

from projector.writes import Delete, Insert, Put, Refused, Row, Stale, Taken, Unavailable, Update, Write

_DUPLICATE_KEY = 11_000
_DURABLE = WriteConcern("majority", j=True, wtimeout=10_000)
_ATTEMPTS = 5
_BACKOFF_SECONDS = 0.01


class Mongo:
    """One database. Safe to share among tasks."""

    def __init__(
        self, client: AsyncIOMotorClient[Row], database: str, names: Mapping[str, str] = MappingProxyType({})
    ) -> None:
        self._client = client
        self._name = database
        self._database = client[database]
        self._names = names

    def seen_as(self, names: Mapping[str, str]) -> Mongo:
        """The same database, in which these collections go by other names: those of a generation."""
        return Mongo(self._client, self._name, names)

    async def ping(self) -> None:
        await self._client.admin.command("ping")

    async def find_by_ids(self, collection: str, ids: Sequence[str]) -> list[Row]:
        """The documents that exist among `ids`, in one round trip. Raises Unavailable."""
        return await self.find(collection, {"_id": {"$in": list(ids)}})

    async def find(
        self,
        collection: str,
        where: Mapping[str, Any],
        sort: Sequence[tuple[str, int]] = (),
        limit: int = 0,
        fields: Sequence[str] = (),
    ) -> list[Row]:
        """All (or the first `limit`) documents that match. Raises Unavailable."""
        cursor = self._collection(collection).find(dict(where), projection=list(fields) or None, limit=limit)
        if sort:
            cursor = cursor.sort(list(sort))
        try:
            return await cursor.to_list(None)
        except PyMongoError as error:
            raise Unavailable(f"reading {collection}: {error}") from error

    def transactions(self, at_once: int) -> Transactions:
        """Transactions, so many at once, in sessions of their own."""
        return Transactions(self._client, self._collection, at_once)

    def _collection(self, name: str) -> AsyncIOMotorCollection[Row]:
        return self._database[self._names.get(name, name)]

    async def ensure(self, collection: str, indexes: Iterable[Sequence[tuple[str, int]]], unique: bool = False) -> None:
        """The collection and its indexes exist. Several processes may say so at once."""
        try:
            await self._database.create_collection(self._names.get(collection, collection))
        except CollectionInvalid:
            pass  # it was there
        except OperationFailure as error:
            if error.code != 48:  # NamespaceExists: another process was faster
                raise
        for keys in indexes:
            await self._collection(collection).create_index(list(keys), unique=unique)

    async def compare_and_set(self, collection: str, writes: Sequence[Write]) -> None:
        """Each write by itself, in order, outside any transaction: whoever is killed here leaves nothing open.
        Raises Stale at the first that finds another state than it names (those before it stand), Unavailable."""
        try:
            result = await self._collection(collection).bulk_write(
                [_operation(write) for write in writes], ordered=True
            )
        except PyMongoError as error:
            translated = _translated(error)
            raise (Stale(collection) if isinstance(translated, Taken) else translated) from error
        if result.matched_count + result.inserted_count != len(writes):
            raise Stale(collection)

    async def put(self, collection: str, identifier: str, change: Mapping[str, Any]) -> None:
        """Update one document outside any transaction, making it if need be. Raises Unavailable."""
        try:
            await self._collection(collection).update_one({"_id": identifier}, dict(change), upsert=True)
        except PyMongoError as error:
            raise Unavailable(f"writing {collection}: {error}") from error

    async def drop(self, collection: str) -> None:
        """The collection is gone. Raises Unavailable."""
        try:
            await self._collection(collection).drop()
        except PyMongoError as error:
            raise Unavailable(f"dropping {collection}: {error}") from error

    async def delete(self, collection: str, where: Mapping[str, Any]) -> None:
        """No document matches any more. Raises Unavailable."""
        try:
            await self._collection(collection).delete_many(dict(where))
        except PyMongoError as error:
            raise Unavailable(f"deleting from {collection}: {error}") from error


class Transactions:
    """Transactions in a fixed set of sessions, whose ids a successor needs: a process that is killed in the middle
    leaves its transaction open on the server, holding its documents for a minute, unless somebody ends it."""

    def __init__(
        self, client: AsyncIOMotorClient[Row], collection: Callable[[str], AsyncIOMotorCollection[Row]], at_once: int
    ) -> None:
        self._client = client
        self._collection = collection
        self._at_once = at_once
        self._idle: asyncio.LifoQueue[AsyncIOMotorClientSession] = asyncio.LifoQueue()
        self.ids: list[bytes] = []

    async def open(self) -> None:
        for _ in range(self._at_once):
            session = await self._client.start_session()
            identifier: Any = session.session_id  # motor's annotation says a function; it is the value
            self.ids.append(bytes(identifier["id"]))
            self._idle.put_nowait(session)

    async def close(self) -> None:
        while not self._idle.empty():
            await self._idle.get_nowait().end_session()

    async def fence(self, others: Iterable[bytes]) -> None:
        """What is open in these sessions is aborted, now; nothing of it will be seen. Raises Unavailable."""
        sessions = [{"id": Binary(each, UUID_SUBTYPE)} for each in set(others) - set(self.ids)]
        if not sessions:
            return
        try:
            await self._client.admin.command("killSessions", sessions)
        except PyMongoError as error:
            raise Unavailable(f"ending the predecessor's transactions: {error}") from error

    async def transact(self, writes: Iterable[tuple[str, Sequence[Write]]]) -> None:
        """All of `writes` (collection → writes, in this order), or nothing. Raises Stale, Refused, Unavailable."""
        # of one kind together, and in order: an unordered bulk goes on after a failure, and what comes then is only
        # that the transaction is gone, which hides the reason
        steps = [
            (collection, [_operation(write) for write in sorted(each, key=lambda write: type(write).__name__)])
            for collection, each in writes
            if each
        ]
        session = await self._idle.get()
        try:
            await self._insist(session, steps)
        finally:
            self._idle.put_nowait(session)

    async def _insist(self, session: AsyncIOMotorClientSession, steps: list[tuple[str, list[Any]]]) -> None:
        for attempt in range(1, _ATTEMPTS + 1):
            try:
                await self._attempt(session, steps)
                return
            except PyMongoError as error:
                # a write conflict (somebody commits the same documents just now) or an election: the same again is
                # safe, for every write says what it was decided on
                if not error.has_error_label("TransientTransactionError") or attempt == _ATTEMPTS:
                    raise _translated(error) from error
            except (BSONError, OverflowError, UnicodeEncodeError, TypeError) as error:
                raise Refused(f"{type(error).__name__}: {error}") from error
            await asyncio.sleep(_BACKOFF_SECONDS * 2**attempt)

    async def _attempt(self, session: AsyncIOMotorClientSession, steps: list[tuple[str, list[Any]]]) -> None:
        async with session.start_transaction(write_concern=_DURABLE):
            for collection, operations in steps:
                result = await self._collection(collection).bulk_write(operations, ordered=True, session=session)
                expected = sum(not isinstance(each, DeleteOne) for each in operations)
                if result.matched_count + result.upserted_count + result.inserted_count != expected:
                    raise Stale(collection)
            # commits on leaving; a commit whose answer is lost is asked again by the driver once, which is safe


@asynccontextmanager
async def open_mongo(uri: str, database: str) -> AsyncIterator[Mongo]:
    """MongoDB for as long as the context lasts. Nothing connects before the first question."""
    client: AsyncIOMotorClient[Row] = AsyncIOMotorClient(
        uri, w="majority", journal=True, serverSelectionTimeoutMS=5_000, appname="projector"
    )
    try:
        yield Mongo(client, database)
    finally:
        client.close()


def _operation(write: Write) -> UpdateOne | ReplaceOne[Any] | InsertOne[Any] | DeleteOne:
    match write:
        case Update(where=where, change=change, make=make):
            return UpdateOne(where, change, upsert=make)
        case Put(where=where, document=document):
            return ReplaceOne(where, document, upsert=True)
        case Insert(document=document):
            return InsertOne(dict(document))
        case Delete(id=identifier):
            return DeleteOne({"_id": identifier})


def _translated(error: PyMongoError) -> Exception:
    if isinstance(error, BulkWriteError):
        details = error.details or {}
        failures = details.get("writeErrors", [])
        if any(failure.get("code") == _DUPLICATE_KEY for failure in failures):
            return Taken("an _id is taken")
        if failures:
            return Refused(f"code {failures[0].get('code')}: {failures[0].get('errmsg')}")
    if isinstance(error, InvalidDocument | DocumentTooLarge):
        return Refused(f"{type(error).__name__}: {error}")
    if isinstance(error, ConnectionFailure) or not isinstance(error, OperationFailure):
        return Unavailable(str(error))
    if error.has_error_label("TransientTransactionError") or error.has_error_label("UnknownTransactionCommitResult"):
        return Unavailable(str(error))
    if error.timeout or error.code in _NOT_THE_DATA:
        return Unavailable(f"code {error.code}: {error}")
    return Refused(f"code {error.code}: {error}")


_NOT_THE_DATA = frozenset({13, 18, 50, 64, 91, 189, 251, 256, 263, 10107, 11600, 11602, 13435, 13436})
"""Operation errors that speak of the server, the session or our rights, never of the documents written."""
