"""The version rule and the parking rule, on a small projection of counters that look one another up."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import msgspec
import pytest

from kernel.codec import Codec
from kernel.events import EventSchema, Published, PublishedEvent
from kernel.projection import Changes, Document, Documents, Index, Lookup, Projection, Ref
from projector.folding import Folded, Need, fold_batch
from projector.records import Received, StoredRecord, receive


class Counted(Published, frozen=True, kw_only=True):
    by: int


class Renamed(Published, frozen=True, kw_only=True):
    name: str


def needs(event: PublishedEvent[Any]) -> Iterable[Ref | Lookup]:
    return (Lookup("lines", "counter", event.stream),) if isinstance(event.event, Renamed) else ()


def fold(documents: Documents, event: PublishedEvent[Any]) -> Changes:
    """Each count is a line of its own, which carries the counter's name: a rename touches all of them."""
    counter = Ref("counters", event.stream)
    match event.event:
        case Counted(by=13):
            raise ValueError("thirteen")
        case Counted(by=0):
            return {}
        case Counted(by=-1):
            return {counter: None}
        case Counted(by=by):
            before = documents.get(counter, {"_id": counter.id, "total": 0})
            line = Ref("lines", f"{event.stream}/{event.version}")
            return {
                counter: {**before, "total": before["total"] + by},
                line: {"_id": line.id, "counter": event.stream, "name": ""},
            }
        case Renamed(name=name):
            lines = {ref: {**line, "name": name} for ref, line in documents.items() if ref.collection == "lines"}
            return {counter: {**documents[counter], "name": name}, **lines}
    raise AssertionError


COUNTERS = Projection(
    name="counters",
    domain="counters",
    categories=("counter",),
    primary="counters",
    collections={"counters": (), "lines": (Index((("counter", 1),)),)},
    needs=needs,
    fold=fold,
)
CODEC = Codec(
    [EventSchema(types={}, upcasters={}, published={"Counted": Counted, "Renamed": Renamed}, publish=lambda _, e: e)]
)


def record(stream: str, version: int, event: Published | bytes, **headers: str) -> Received:
    value = event if isinstance(event, bytes) else msgspec.json.encode(event)
    kind = "Unknown" if isinstance(event, bytes) else type(event).__name__
    given = {"ce_id": "1", "ce_type": kind, "ce_time": "t", "ce_stream": stream, "ce_sequence": str(version)} | headers
    stored = StoredRecord(
        topic="t",
        partition=0,
        offset=version,
        timestamp=0,
        key=stream.encode(),
        value=value,
        headers=[(name, text.encode()) for name, text in given.items()],
    )
    return receive(stored, CODEC)


def count(stream: str, version: int, by: int = 1) -> Received:
    return record(stream, version, Counted(by=by))


def folded(
    *batch: Received,
    documents: dict[Ref, Document | None] | None = None,
    lines: dict[str, set[Ref]] | None = None,
    parked: Iterable[str] = (),
) -> Folded:
    need = Need(COUNTERS, batch)
    found = {lookup: (lines or {}).get(lookup.value, set()) for lookup in need.lookups}
    return fold_batch(COUNTERS, batch, need, documents or {}, found, set(parked))


def at(stream: str, version: int, total: int = 0) -> dict[Ref, Document | None]:
    return {Ref("counters", stream): {"_id": stream, "version": version, "total": total}}


def total(outcome: Folded, stream: str) -> tuple[int, int]:
    document = outcome.changes[Ref("counters", stream)]
    assert document is not None
    return document["version"], document["total"]


def test_the_next_versions_are_applied_in_order_and_each_document_is_written_once() -> None:
    outcome = folded(*(count("counter-a", version, by=version) for version in (1, 2, 3)))
    assert total(outcome, "counter-a") == (3, 6)
    assert len(outcome.applied) == 3
    assert len(outcome.changes) == 4  # the counter, and three lines


def test_a_version_that_is_not_newer_changes_no_document() -> None:
    outcome = folded(count("counter-a", 1), count("counter-a", 2), documents=at("counter-a", 2))
    assert (outcome.skipped, outcome.changes, outcome.waiting) == (2, {}, [])


def test_a_version_further_on_waits_and_everyone_else_flows() -> None:
    outcome = folded(count("counter-a", 3), count("counter-b", 1), count("counter-a", 4), documents=at("counter-a", 1))
    assert [(each.stream, each.version, fault) for each, fault in outcome.waiting] == [
        ("counter-a", 3, None),
        ("counter-a", 4, None),
    ]
    assert [ref.id for ref in outcome.changes] == ["counter-b", "counter-b/1"]


def test_the_missing_version_is_applied_when_it_comes_and_the_queue_behind_it_is_due() -> None:
    outcome = folded(count("counter-a", 2), documents=at("counter-a", 1), parked=["counter-a"])
    assert total(outcome, "counter-a")[0] == 2
    assert outcome.filled == {"counter-a"}
    same_batch = folded(count("counter-a", 2), count("counter-a", 1))
    assert same_batch.filled == {"counter-a"}


@pytest.mark.parametrize(
    "bad",
    [
        count("counter-a", 2, by=13),
        record("counter-a", 2, b"{}"),
        record("counter-a", 2, b"not json", ce_type="Counted"),
        record("counter-a", 2, Counted(by=1), ce_type="Renamed"),
    ],
)
def test_what_cannot_be_decoded_or_folded_parks_its_stream_with_those_behind_it(bad: Received) -> None:
    outcome = folded(count("counter-a", 1), bad, count("counter-a", 3), count("counter-b", 1))
    waiting = [(each.version, fault is not None) for each, fault in outcome.waiting]
    assert waiting == [(2, True), (3, False)]
    assert total(outcome, "counter-a") == (1, 1)
    assert total(outcome, "counter-b") == (1, 1)


def test_the_same_cause_has_the_same_fingerprint_in_every_stream_and_another_cause_another() -> None:
    outcome = folded(count("counter-a", 1, by=13), count("counter-b", 1, by=13), record("counter-c", 1, b"{}"))
    first, second, other = (fault.fingerprint for _, fault in outcome.waiting if fault)
    assert first == second != other


def test_a_record_without_stream_or_version_parks_under_its_key() -> None:
    bad = record("counter-a", 1, Counted(by=1), ce_sequence="x")
    ((waiting, fault),) = folded(bad).waiting
    assert (waiting.stream, waiting.version) == ("counter-a", 0)
    assert fault


def test_an_event_that_changes_nothing_still_moves_the_version() -> None:
    outcome = folded(count("counter-a", 1), count("counter-a", 2, by=0))
    assert total(outcome, "counter-a") == (2, 1)


def test_a_fold_that_deletes_its_primary_document_is_parked() -> None:
    outcome = folded(count("counter-a", 2, by=-1), documents=at("counter-a", 1))
    assert "NotAllowed" in str(outcome.waiting[0][1])


def test_a_lookup_finds_what_was_stored_and_what_the_batch_has_just_made() -> None:
    stored = Ref("lines", "counter-a/1")
    outcome = folded(
        count("counter-a", 2),
        record("counter-a", 3, Renamed(name="new")),
        documents=at("counter-a", 1) | {stored: {"_id": stored.id, "counter": "counter-a", "name": "old"}},
        lines={"counter-a": {stored}},
    )
    names = [line["name"] for ref, line in outcome.changes.items() if ref.collection == "lines" and line]
    assert names == ["new", "new"]


def test_a_fold_never_sees_its_own_changes_to_what_was_given() -> None:
    before = at("counter-a", 1, total=5)
    folded(count("counter-a", 2), documents=before)
    assert before == at("counter-a", 1, total=5)
