"""The documents of a made-up history, as the fold makes them, and the bulk writes that would store them: what
raw MongoDB is measured with. `python -m bench.documents` writes them in transactions, four at once, in a process of
its own. Each write is the cheapest that MongoDB has for it: an insert, or the changed fields by _id.
"""

from __future__ import annotations

import asyncio
import sys
import time
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from itertools import islice
from typing import Any

import msgspec
import uvloop
from pymongo import AsyncMongoClient, DeleteOne, InsertOne, UpdateOne, WriteConcern
from pymongo.asynchronous.client_session import AsyncClientSession

from bench.history import Fact, made_up
from domains.posts.views import POSTS
from kernel.projection import Document, Lookup, Ref

AT_ONCE = 4
Operation = InsertOne[Document] | UpdateOne | DeleteOne
Batch = dict[str, list[Operation]]
"""Collection → bulk operations of one transaction."""


class Writing(msgspec.Struct, frozen=True, kw_only=True):
    """What to write where."""

    uri: str
    database: str
    run: str
    count: int
    seed: int
    batch: int


class Written(msgspec.Struct, frozen=True):
    events: int
    seconds: float


class Folder:
    """All documents of the history so far."""

    def __init__(self) -> None:
        self.documents: dict[Ref, Document] = {}

    def fold(self, facts: Iterable[Fact]) -> dict[Ref, tuple[Document | None, Document | None]]:
        """What the facts change: each document as it stood before the first of them, and stands after the last."""
        changed: dict[Ref, tuple[Document | None, Document | None]] = {}
        for fact in facts:
            event = fact.received()
            primary = Ref(POSTS.primary, fact.stream)
            asked = [primary, *(need for need in POSTS.needs(event) if not isinstance(need, Lookup))]
            changes = dict(POSTS.fold({ref: self.documents[ref] for ref in asked if ref in self.documents}, event))
            document = changes.get(primary) or self.documents[primary]
            changes[primary] = {**document, "version": fact.version}
            for ref, after in changes.items():
                changed[ref] = (changed[ref][0] if ref in changed else self.documents.get(ref)), after
                if after is None:
                    self.documents.pop(ref, None)
                else:
                    self.documents[ref] = after
        return changed


def batches(facts: Iterable[Fact], size: int) -> list[list[tuple[int, Batch]]]:
    """For each writer its batches: (events, operations). A partition has one writer, as with the projector."""
    by_writer: list[list[Fact]] = [[] for _ in range(AT_ONCE)]
    for fact in facts:
        by_writer[fact.partition % AT_ONCE].append(fact)
    folder, made = Folder(), []
    for mine in by_writer:
        work = []
        for part in _pieces(mine, size):
            operations: Batch = defaultdict(list)
            for partition in sorted({fact.partition for fact in part}):
                last = max(fact.number for fact in part if fact.partition == partition)
                operations["checkpoints"].append(UpdateOne({"_id": partition}, {"$set": {"next": last}}, upsert=True))
            for ref, (before, after) in folder.fold(part).items():
                operations[ref.collection].append(_cheapest(ref, before, after))
            work.append((len(part), operations))
        made.append(work)
    return made


def _cheapest(ref: Ref, before: Document | None, after: Document | None) -> Operation:
    if after is None:
        return DeleteOne({"_id": ref.id})
    if before is None:
        return InsertOne(after)
    changed = {field: value for field, value in after.items() if before.get(field) != value}
    return UpdateOne({"_id": ref.id}, {"$set": changed})


async def write(writing: Writing) -> Written:
    """Everything is stored, with the projection's indexes, durable; only the transactions are timed."""
    work = batches(made_up(writing.run, writing.count, writing.seed), writing.batch)
    async with AsyncMongoClient[dict[str, Any]](writing.uri) as client:
        database = client[writing.database]
        await database.create_collection("checkpoints")
        for collection, indexes in POSTS.collections.items():
            await database.create_collection(collection)
            for index in indexes:
                await database[collection].create_index(list(index.keys), unique=index.unique)

        async def one_writer(mine: Sequence[tuple[int, Batch]]) -> None:
            for _, operations in mine:
                async with client.start_session() as session:
                    await _transact(session, operations)

        async def _transact(session: AsyncClientSession, operations: Batch) -> None:
            async with await session.start_transaction(write_concern=WriteConcern("majority", j=True)):
                for collection, each in operations.items():
                    await database[collection].bulk_write(each, ordered=False, session=session)

        began = time.monotonic()
        await asyncio.gather(*(one_writer(mine) for mine in work))
        return Written(writing.count, time.monotonic() - began)


def _pieces(facts: list[Fact], size: int) -> Iterator[list[Fact]]:
    remaining = iter(facts)
    while piece := list(islice(remaining, size)):
        yield piece


if __name__ == "__main__":
    given = msgspec.json.decode(sys.stdin.buffer.read(), type=Writing)
    sys.stdout.buffer.write(msgspec.json.encode(uvloop.run(write(given))))
