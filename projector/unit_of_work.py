"""One MongoDB transaction for a batch: documents, parked events, and the checkpoints of all its partitions.

So what is projected and how far it got can never disagree, whatever dies between. When the data itself cannot be
written, the batch is halved until the one event at fault stands alone; that one is parked.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime
from typing import NamedTuple

from kernel.codec import Codec
from kernel.events import wire_time
from kernel.projection import Projection
from projector.checkpoints import Checkpoint, Checkpoints
from projector.documents import Loaded, document_writes
from projector.folding import Folded, Need, fold_batch
from projector.mongo import Mongo, Transactions
from projector.parking import discard_first, park, queued_events, settle
from projector.records import Fault, Received, Record, receive
from projector.schema import CHECKPOINTS, PARKED_STREAMS, parked_id
from projector.writes import Insert, Put, Refused, Row, Taken, Write


class Tenure:
    """What a projector knows while it holds its partitions; a new one is made whenever that is in doubt."""

    def __init__(self, checkpoints: Mapping[int, Checkpoint], parked: Mapping[int, set[str]], loaded: Loaded) -> None:
        self.checkpoints = dict(checkpoints)
        self.parked = dict(parked)
        self.loaded = loaded
        self.filled: set[tuple[int, str]] = set()
        """(partition, parked stream) whose missing version has come: its queue is due."""


class Move(NamedTuple):
    """Where a partition's checkpoint goes."""

    next: int
    last_offset: int | None
    last_event_id: str | None


class Done(NamedTuple):
    """What a unit of work did."""

    applied: int
    skipped: int
    parked: int


class UnitOfWork:
    """Projects batches of one projection. Units over disjoint partitions may run at once."""

    def __init__(
        self,
        mongo: Mongo,
        transactions: Transactions,
        projection: Projection,
        codec: Codec,
        checkpoints: Checkpoints,
        batch: int,
    ) -> None:
        self._mongo = mongo
        self._transactions = transactions
        self._projection = projection
        self._codec = codec
        self._checkpoints = checkpoints
        self._batch = batch
        self._prefixes = tuple(f"{category}-" for category in projection.categories)

    async def project(
        self, tenure: Tenure, records: Mapping[int, Sequence[Record]], ends: Mapping[int, int] | None = None
    ) -> Done:
        """The records (partition → in order) are projected. Raises Stale (another projector owns a partition),
        Unavailable. `ends`: checkpoints that move without records, past what the consumer does not show."""
        batch: list[Received] = []
        moves: dict[int, Move] = {partition: Move(end, None, None) for partition, end in (ends or {}).items()}
        for partition, each in records.items():
            received = [receive(record, self._codec) for record in each]
            last = received[-1]
            moves[partition] = Move(last.record.offset + 1, last.record.offset, record_id(last.record))
            # what cannot be read is ours: nobody knows whose else it might be
            batch.extend(one for one in received if one.version == 0 or one.stream.startswith(self._prefixes))
        try:
            return await self._commit(tenure, batch, moves)
        except Refused:
            done = await self._halve(tenure, batch)
            await self._commit(tenure, [], moves)
            return done

    async def _halve(self, tenure: Tenure, batch: Sequence[Received]) -> Done:
        """The batch in smaller transactions that leave the offsets where they are: a crash between them repeats what
        the version rule then skips."""
        try:
            return await self._commit(tenure, batch, {})
        except Refused as error:
            if len(batch) == 1:
                batch[0].fault = Fault.of(error, batch[0].type)
                return await self._commit(tenure, batch, {})
        middle = len(batch) // 2
        first = await self._halve(tenure, batch[:middle])
        second = await self._halve(tenure, batch[middle:])
        return Done(*(a + b for a, b in zip(first, second, strict=True)))

    async def _commit(self, tenure: Tenure, batch: Sequence[Received], moves: Mapping[int, Move]) -> Done:
        need = Need(self._projection, batch)
        documents, found = await tenure.loaded.load(need)
        parked = _Parked(tenure, {received.stream: received.record.partition for received in batch})
        folded = fold_batch(self._projection, batch, need, documents, found, parked)
        writes = park(self._projection.name, folded.waiting, parked, _now())
        partitions = {received.record.partition for received in batch}
        try:
            new = document_writes(self._projection.primary_collections, documents, folded.changes, Insert)
            await self._transact(tenure, partitions, moves, writes | new)
        except Taken:
            put = document_writes(self._projection.primary_collections, documents, folded.changes, Put)
            await self._transact(tenure, partitions, moves, writes | put)
        tenure.loaded.keep(documents, folded.changes)
        for received, _ in folded.waiting:
            tenure.parked[received.record.partition].add(received.stream)
        tenure.filled |= {(parked.partitions[stream], stream) for stream in folded.filled}
        return Done(len(folded.applied), folded.skipped, len(folded.waiting))

    async def retry(self, tenure: Tenure, partition: int, stream: str) -> bool:
        """Fold a parked stream's queue again, and give up its first event if a discard was asked for. True: it is free.
        Raises Stale, Unavailable."""
        state = await self._mongo.find_by_ids(PARKED_STREAMS, [parked_id(self._projection.name, stream)])
        request: Row = state[0].get("request") or {} if state else {}
        if request.get("kind") == "discard":
            await self._discard(tenure, partition, stream, request)
        limit = self._batch
        while True:
            queue = await queued_events(self._mongo, self._projection.name, stream, limit)
            batch = [receive(record, self._codec) for record in queue]
            need = Need(self._projection, batch)
            documents, found = await tenure.loaded.load(need)
            folded = fold_batch(self._projection, batch, need, documents, found, ())
            more = len(queue) == limit
            try:
                writes = settle(self._projection.name, stream, batch, folded, more, _now())
                writes |= document_writes(self._projection.primary_collections, documents, folded.changes)
                await self._transact(tenure, {partition}, {}, writes)
            except Refused as error:
                if len(batch) > 1:
                    limit = 1  # one of them cannot be written; those before it can
                    continue
                documents, folded = {}, Folded()
                folded.waiting = [(batch[0], Fault.of(error, batch[0].type))]
                writes = settle(self._projection.name, stream, batch, folded, more, _now())
                await self._transact(tenure, {partition}, {}, writes)
            tenure.loaded.keep(documents, folded.changes)
            if folded.waiting:
                return False
            if not more:
                tenure.parked[partition].discard(stream)
                return True

    async def _discard(self, tenure: Tenure, partition: int, stream: str, request: Row) -> None:
        queue = await queued_events(self._mongo, self._projection.name, stream, 1)
        if not queue:
            return
        first = receive(queue[0], self._codec)
        folded, writes = await discard_first(self._mongo, tenure.loaded, self._projection, first, request, _now())
        documents, _ = await tenure.loaded.load(Need(self._projection, [first]))
        writes |= document_writes(self._projection.primary_collections, documents, folded.changes)
        await self._transact(tenure, {partition}, {}, writes)
        tenure.loaded.keep(documents, folded.changes)

    async def _transact(
        self, tenure: Tenure, touched: Iterable[int], moves: Mapping[int, Move], writes: Mapping[str, Sequence[Write]]
    ) -> None:
        """`writes` and the checkpoints in one transaction; partitions only `touched` keep their offset."""
        after: dict[int, Checkpoint] = {}
        for partition in {*touched, *moves}:
            move = moves.get(partition, Move(tenure.checkpoints[partition].next, None, None))
            after[partition] = tenure.checkpoints[partition].moved(*move)
        advance = [self._checkpoints.advance(tenure.checkpoints[each], after[each]) for each in sorted(after)]
        # the checkpoints come first: who lost a partition learns it before it has sent the documents
        await self._transactions.transact([(CHECKPOINTS, advance), *writes.items()])
        tenure.checkpoints |= after


class _Parked:
    """Whether a stream is parked, asked of the partition it is in."""

    def __init__(self, tenure: Tenure, partitions: Mapping[str, int]) -> None:
        self._tenure = tenure
        self.partitions = partitions

    def __contains__(self, stream: object) -> bool:
        return stream in self._tenure.parked[self.partitions[str(stream)]]


def record_id(record: Record) -> str:
    """The event id a record carries, for recognising it later."""
    for name, value in record.headers:
        if name == "ce_id":
            return value.decode(errors="replace")
    return ""


def _now() -> str:
    return wire_time(datetime.now(UTC))
