"""The end of every failure test: PostgreSQL, Kafka, MongoDB and what clients were told agree, to the last field.

Each sentence of the promises P1, P2, P3 and P5 is one function here. It reads raw and folds by itself; it imports
nothing of app, relay, projector or domains.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from typing import Any

from chaos.system import System
from lockstep_testing.facts import eventually
from tests.system.history import History
from tests.system.kinds import KINDS
from tests.system.posts import six_digits
from tests.system.raw import (
    Record,
    Stored,
    count_stored,
    documents,
    parked_streams,
    projected_versions,
    published_records,
    stored_events,
)


async def assert_everything_agrees(system: System, history: History | None = None, within: float = 40) -> int:
    """Everything has caught up by itself, and agrees; says how many events there are."""
    await everything_published(system, within)
    await everything_projected(system, within)
    events = await stored_events(system)
    versions_are_contiguous(events)
    each_event_is_published_once(events, await published_records(system))
    assert await parked_streams(system) == []
    documents_equal_the_fold(events, await documents(system))
    if history is not None:
        answers_are_true(events, history, await answered_keys(system))
    return len(events)


async def everything_published(system: System, within: float = 40) -> None:
    """Kafka shows as many records as there are events (more would be as wrong as fewer; that is told elsewhere)."""

    async def published() -> bool:
        found, stored = len(await published_records(system)), await count_stored(system)
        assert found >= stored, f"{found} records for {stored} events"
        return True

    await eventually(published, within, every=0.2)


async def everything_projected(system: System, within: float = 40) -> None:
    """Every stream's document has got to its last version."""

    async def projected() -> bool:
        stored = {row["stream"]: row["version"] for row in await system.sql("SELECT stream, version FROM streams")}
        found = await projected_versions(system)
        behind = {stream: (found.get(stream, 0), version) for stream, version in stored.items()
                  if found.get(stream, 0) < version}  # fmt: skip
        assert not behind, f"{len(behind)} streams are behind, like {next(iter(behind.items()))}"
        return True

    await eventually(projected, within, every=0.2)


def versions_are_contiguous(events: list[Stored]) -> None:
    """P2: 1, 2, 3, … in each stream, positions rising with them, no event id twice."""
    streams: dict[str, list[Stored]] = defaultdict(list)
    for event in events:
        streams[event.stream].append(event)
    for stream, own in streams.items():
        assert [event.version for event in own] == list(range(1, len(own) + 1)), f"versions of {stream}"
        positions = [event.position for event in own]
        assert positions == sorted(positions), f"positions of {stream}"
    assert not _repeated(event.event_id for event in events)


def each_event_is_published_once(events: list[Stored], records: list[Record]) -> None:
    """P3: once for read_committed, in version order, one partition a key, in its domain's topic, nothing without its
    event, the same words."""
    assert not _repeated(record.event_id for record in records), "events published more than once"
    stored = {event.event_id: event for event in events}
    assert stored.keys() == {record.event_id for record in records}
    partitions: dict[str, set[tuple[str, int]]] = defaultdict(set)
    reached: Counter[str] = Counter()
    for record in records:
        event = stored[record.event_id]
        assert (record.stream, record.version) == (event.stream, event.version)
        assert record.version == reached[record.stream] + 1, f"{record.stream}: {record.version} comes out of order"
        reached[record.stream] = record.version
        partitions[record.key].add((record.topic, record.partition))
        kind = KINDS[event.category]
        assert record.topic.endswith(f".{kind.domain}"), f"{event.stream} in {record.topic}"
        expected = kind.published(event.stream, event.type, event.data)
        assert _comparable(record.value) == _comparable(expected), f"{event.stream} version {event.version}"
    assert all(len(found) == 1 for found in partitions.values()), "a key in several partitions"


def documents_equal_the_fold(events: list[Stored], found: dict[str, dict[str, Any]]) -> None:
    """P5: field by field, and not one document more."""
    for category, kind in KINDS.items():
        own = [event for event in events if event.category == category]
        expected = kind.fold((each.stream, each.version, each.type, each.data, each.occurred_at) for each in own)
        assert expected.keys() == set(kind.collections)
        for collection, wanted in expected.items():
            assert found[collection].keys() == wanted.keys(), f"the ids in {collection}"
            for identifier, document in wanted.items():
                assert found[collection][identifier] == document, f"{collection} {identifier}"
    assert {event.category for event in events} <= KINDS.keys()


def answers_are_true(events: list[Stored], history: History, answered: set[tuple[str, str]]) -> None:
    """P1: what was acknowledged is stored exactly once, where it was said to be; what was refused is nowhere."""
    stored: dict[str, list[Stored]] = defaultdict(list)
    for event in events:
        stored[event.metadata.get("correlation_id", "")].append(event)
    for done in history.done:
        own = stored.pop(str(done.correlation), [])
        what = f"{done.method} {done.path} by {done.principal}: {done.outcome} {done.status}, {len(own)} events"
        assert len(own) in (0, done.events), f"stored more or less than once: {what}"
        if done.outcome == "refused":
            assert not own, f"refused and stored: {what}"
            assert (done.principal, done.key) not in answered, f"refused and remembered: {what}"
        elif done.outcome == "acknowledged":
            assert (done.principal, done.key) in answered, f"acknowledged and not remembered: {what}"
            assert own or done.may_change_nothing, f"acknowledged and lost: {what}"
            if own:
                latest = {event.stream: event.version for event in own}
                assert latest == done.versions, what
                assert {event.metadata["principal"] for event in own} == {done.principal}
    assert not stored, f"events that nobody asked for: {list(stored)[:5]}"


async def answered_keys(system: System) -> set[tuple[str, str]]:
    return {(row["principal"], row["key"]) for row in await system.sql("SELECT principal, key FROM commands")}


def _repeated(values: Any) -> list[Any]:
    return [value for value, times in Counter(values).items() if times > 1]


def _comparable(data: dict[str, Any]) -> dict[str, Any]:
    return {name: six_digits(value) if name.endswith(("Date", "At")) or name == "datePosted" else value
            for name, value in data.items()}  # fmt: skip
