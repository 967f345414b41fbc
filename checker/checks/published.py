"""C5, C7 and C8: Kafka shows every event and nothing else, in the same words; a key keeps to its one partition and each
of its streams to its order; and nothing is shown twice.
"""

from __future__ import annotations

from collections import Counter
from typing import Any

import msgspec

from checker.notes import Notes
from checker.partitioner import partition_for
from checker.published import published_type, published_value
from checker.run import Run
from checker.stored import Event, Record

_decode = msgspec.json.Decoder(dict[str, Any]).decode


def check_published(run: Run, notes: Notes) -> None:
    stored = {event.event_id: event for event in run.events}
    widths = Counter(partition.topic for partition in run.partitions)
    seen: Counter[str] = Counter()
    reached: dict[str, int] = {}
    partition_of_key: dict[tuple[str, str], int] = {}
    notes.counts["records"] = len(run.records)
    for record in run.records:
        notes.look("C5")
        notes.look("C7")
        notes.look("C8")
        event = stored.get(record.event_id)
        seen[record.event_id] += 1
        if event is None:
            notes.breach("C5", "a record without its event", where=place(record), headers=record.headers)
            continue
        _same_words(record, event, notes)
        first = seen[record.event_id] == 1
        if first and record.version != reached.get(record.stream, 0) + 1:
            notes.breach(
                "C7", f"{record.stream}: version {record.version} comes after {reached.get(record.stream, 0)}",
                where=place(record),
            )  # fmt: skip
        if first:
            reached[record.stream] = max(record.version, reached.get(record.stream, 0))
        own = partition_of_key.setdefault((record.topic, record.key), record.partition)
        if own != record.partition:
            notes.breach("C7", f"the key {record.key} is in partitions {own} and {record.partition}")
        elif first and record.version == 1 and partition_for(record.key, widths[record.topic]) != own:
            notes.breach("C7", f"the key {record.key} is in partition {own}, where no other client looks for it")
    for event in run.events:
        notes.look("C5")
        if event.event_id not in seen:
            notes.breach("C5", f"{event.stream}@{event.version} is stored and not in Kafka", event_id=event.event_id)
    _duplicates(run, seen, notes)


def _same_words(record: Record, event: Event, notes: Notes) -> None:
    if (record.stream, record.version) != (event.stream, event.version):
        notes.breach("C5", f"the record says {record.stream}@{record.version} of {event.stream}@{event.version}")
    if record.headers.get("ce_time") != event.occurred_at:
        notes.breach("C5", f"{event.stream}@{event.version} happened at {event.occurred_at}", kafka=record.headers)
    if record.headers.get("ce_type") != published_type(event):
        notes.breach("C5", f"{event.stream}@{event.version} is published as {record.headers.get('ce_type')}")
    try:
        value: object = _decode(record.value)
    except msgspec.DecodeError as error:
        value = str(error)
    wanted = published_value(event)
    if value != wanted:
        notes.breach("C5", f"{event.stream}@{event.version} is published in other words", kafka=value, stored=wanted)


def _duplicates(run: Run, seen: Counter[str], notes: Notes) -> None:
    repeated = {event_id: times for event_id, times in seen.items() if times > 1}
    count = sum(repeated.values()) - len(repeated)
    notes.counts["duplicates"] = count
    if count > run.about.duplicates_allowed:
        for event_id, times in list(repeated.items())[:20]:
            notes.breach("C8", f"the event {event_id} is {times} times in Kafka")
        for _ in range(len(repeated) - 20):
            notes.breaches["C8"] += 1


def place(record: Record) -> str:
    return f"{record.topic}/{record.partition}/{record.offset}"
