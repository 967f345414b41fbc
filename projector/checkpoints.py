"""How far a projection has durably got, per partition. MongoDB says it, in the transaction of the documents; Kafka's
group offsets are never used.

Every write of a projection names the checkpoint's revision it was decided on and raises it: of two projectors that
think a partition theirs, the second one's transaction is Stale and changes nothing.
"""

from __future__ import annotations

from collections.abc import Mapping

import msgspec

from projector.mongo import Mongo, Transactions
from projector.schema import CHECKPOINTS
from projector.writes import Insert, Row, Update, Write


class Checkpoint(msgspec.Struct, frozen=True, kw_only=True):
    """The position of one partition: `next` is the first offset not yet projected."""

    partition: int
    next: int
    revision: int
    last_offset: int | None = None
    last_event_id: str | None = None

    def moved(self, to: int | None, last_offset: int | None, last_event_id: str | None) -> Checkpoint:
        """The checkpoint after a transaction that projected up to offset `to` (None: it touched only documents)."""
        if to is None:
            return msgspec.structs.replace(self, revision=self.revision + 1)
        if last_offset is None:
            return msgspec.structs.replace(self, revision=self.revision + 1, next=to)
        return Checkpoint(
            partition=self.partition,
            next=to,
            revision=self.revision + 1,
            last_offset=last_offset,
            last_event_id=last_event_id,
        )


class Checkpoints:
    """The checkpoints of one projection on one topic."""

    def __init__(self, mongo: Mongo, transactions: Transactions, projection: str, topic: str) -> None:
        self._mongo = mongo
        self._transactions = transactions
        self._prefix = f"{projection}/{topic}"

    async def take(self, beginnings: Mapping[int, int]) -> dict[int, Checkpoint]:
        """These partitions are ours from now on. Whoever held them is fenced: what it has open is aborted, and whatever
        it still tries is Stale. Partitions never projected start at their beginnings. Raises Stale, Unavailable."""
        rows = await self._mongo.find_by_ids(CHECKPOINTS, [self._id(partition) for partition in beginnings])
        await self._transactions.fence(session for row in rows for session in row["owner"])
        known = {row["partition"]: _checkpoint(row) for row in rows}
        owner = self._transactions.ids
        writes: list[Write] = []
        for partition, beginning in beginnings.items():
            if before := known.get(partition):
                known[partition] = before.moved(None, None, None)
                where = {"_id": self._id(partition), "revision": before.revision}
                writes.append(Update(where, {"$set": {"revision": before.revision + 1, "owner": owner}}))
            else:
                known[partition] = Checkpoint(partition=partition, next=beginning, revision=0)
                first = {"partition": partition, "next": beginning, "revision": 0, "owner": owner}
                writes.append(Insert({"_id": self._id(partition), **first}))
        # no transaction: nobody would know whose it is if we were killed in it, and it would hold the checkpoints for a
        # minute; each partition is taken by itself, and what was not taken is the next one's to take
        await self._mongo.compare_and_set(CHECKPOINTS, writes)
        return known

    def advance(self, before: Checkpoint, after: Checkpoint) -> Update:
        """The compare-and-set, to stand in the transaction of the documents."""
        where = {"_id": self._id(before.partition), "revision": before.revision, "next": before.next}
        change: Row = {"next": after.next, "revision": after.revision}
        if after.last_offset != before.last_offset:
            change |= {"lastOffset": after.last_offset, "lastEventId": after.last_event_id}
        return Update(where, {"$set": change})

    def _id(self, partition: int) -> str:
        return f"{self._prefix}/{partition}"


def _checkpoint(row: Row) -> Checkpoint:
    return Checkpoint(
        partition=row["partition"],
        next=row["next"],
        revision=row["revision"],
        last_offset=row.get("lastOffset"),
        last_event_id=row.get("lastEventId"),
    )
