"""Parked streams: an event that cannot be applied waits, with those behind it, while everyone else flows.

What is parked is written in the transaction that moves the checkpoint past it, so it is neither lost nor doubled: its
id is its place. Retrying and discarding fold again in the same way; the driver and the moment stay out.
"""

from __future__ import annotations

from collections.abc import Container, Iterable

from kernel.projection import Projection
from projector.documents import Loaded
from projector.folding import Folded, Need
from projector.mongo import Mongo
from projector.records import Fault, Received, StoredRecord
from projector.schema import DISCARDED, PARKED_EVENTS, PARKED_STREAMS, parked_id
from projector.writes import Delete, Insert, Row, Update, Write

GAP = "gap"
"""The fingerprint of streams whose next version has not arrived."""


def park(
    projection: str, waiting: Iterable[tuple[Received, Fault | None]], parked: Container[str], now: str
) -> dict[str, list[Write]]:
    """The writes that park these events; a stream not yet parked gets its reason from its first one."""
    events: dict[str, Row] = {}
    streams: dict[str, Write] = {}
    for received, fault in waiting:
        row = _event_row(projection, received)
        events[row["_id"]] = row
        identifier = parked_id(projection, received.stream)
        if received.stream not in parked and identifier not in streams:
            reason = {
                "projection": projection,
                "stream": received.stream,
                "topic": received.record.topic,
                "partition": received.record.partition,
                "version": received.version,
                "type": received.type,
                "parkedAt": now,
                "attempts": 1,
                **_why(fault, received),
            }
            streams[identifier] = Update({"_id": identifier}, {"$setOnInsert": reason}, make=True)
    if not events:
        return {}
    return {
        PARKED_STREAMS: list(streams.values()),
        PARKED_EVENTS: [
            Update({"_id": identifier}, {"$setOnInsert": _without_id(row)}, make=True)
            for identifier, row in events.items()
        ],
    }


def settle(
    projection: str, stream: str, tried: Iterable[Received], folded: Folded, more: bool, now: str
) -> dict[str, list[Write]]:
    """The writes after folding the head of a parked stream's queue again: what is applied or old leaves it; the stream
    is freed when nothing waits and no `more` is queued, or carries the reason it still waits for."""
    still = {id(received): fault for received, fault in folded.waiting}
    gone: list[Write] = [Delete(event_id(projection, each)) for each in tried if id(each) not in still]
    identifier = parked_id(projection, stream)
    state: list[Write] = []
    if folded.waiting:
        first, fault = folded.waiting[0]
        why = {"version": first.version, "type": first.type, "triedAt": now, **_why(fault, first)}
        state = [Update({"_id": identifier}, {"$set": why, "$inc": {"attempts": 1}, "$unset": {"request": ""}})]
    elif not more:
        state = [Delete(identifier)]
    return {PARKED_EVENTS: gone, PARKED_STREAMS: state}


async def parked_streams(mongo: Mongo, projection: str, partitions: Iterable[int]) -> dict[int, set[str]]:
    """Partition → its parked streams."""
    found: dict[int, set[str]] = {partition: set() for partition in partitions}
    where = {"projection": projection, "partition": {"$in": list(found)}}
    for row in await mongo.find(PARKED_STREAMS, where, fields=["partition", "stream"]):
        found[row["partition"]].add(row["stream"])
    return found


async def queued_events(mongo: Mongo, projection: str, stream: str, limit: int) -> list[StoredRecord]:
    """The head of a parked stream's queue, in order."""
    rows = await mongo.find(
        PARKED_EVENTS, {"projection": projection, "stream": stream}, sort=[("version", 1), ("offset", 1)], limit=limit
    )
    return [
        StoredRecord(
            topic=row["topic"],
            partition=row["partition"],
            offset=row["offset"],
            timestamp=row["timestamp"],
            key=row["key"],
            value=row["value"],
            headers=[(name, value) for name, value in row["headers"]],
        )
        for row in rows
    ]


async def discard_first(
    mongo: Mongo, loaded: Loaded, projection: Projection, first: Received, request: Row, now: str
) -> tuple[Folded, dict[str, list[Write]]]:
    """(change, writes) that give up what a parked stream waits for: its first event if that one fails, or the versions
    missing before it. The document is left as it is, but for its version, so that the next event fits."""
    need = Need(projection, [first])
    primary = projection.primary_ref(first.stream)
    documents, _ = await loaded.load(need)
    current = documents[primary]
    at: int = current["version"] if current is not None else 0
    missing = first.version > at + 1
    folded = Folded()
    if first.version > at:
        folded.changes[primary] = {
            **(current or {"_id": first.stream}),
            "version": first.version - 1 if missing else first.version,
        }
    audit = {
        **_event_row(projection.name, first),
        "discardedAt": now,
        "reason": request.get("reason", ""),
        "by": request.get("by", ""),
        "missing": [at + 1, first.version - 1] if missing else None,
    }
    del audit["_id"]  # given up twice (after a rebuild) is recorded twice
    gone: list[Write] = [] if missing else [Delete(event_id(projection.name, first))]
    # the request is used up in the same transaction: a crash after it must not give up the next event, too
    asked = Update({"_id": parked_id(projection.name, first.stream)}, {"$set": {"request": {"kind": "retry"}}})
    return folded, {DISCARDED: [Insert(audit)], PARKED_EVENTS: gone, PARKED_STREAMS: [asked]}


def event_id(projection: str, received: Received) -> str:
    return f"{projection}/{received.stream}/{received.version}/{received.record.offset}"


def _event_row(projection: str, received: Received) -> Row:
    record = received.record
    return {
        "_id": event_id(projection, received),
        "projection": projection,
        "stream": received.stream,
        "version": received.version,
        "type": received.type,
        "topic": record.topic,
        "partition": record.partition,
        "offset": record.offset,
        "timestamp": record.timestamp,
        "key": record.key,
        "value": record.value,
        "headers": [[name, value] for name, value in record.headers],
    }


def _why(fault: Fault | None, received: Received) -> Row:
    if fault is None:
        return {"fingerprint": GAP, "error": f"a version before {received.version} has not arrived"}
    return {"fingerprint": fault.fingerprint, "error": fault.error}


def _without_id(row: Row) -> Row:
    return {field: value for field, value in row.items() if field != "_id"}
