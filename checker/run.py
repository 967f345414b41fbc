"""A frozen run: a folder, read on demand and kept. Its layout is here and nowhere else.

    run.json  history.jsonl  lanes-seen.jsonl?  canaries.txt?  logs/
    frozen/events.jsonl streams.jsonl commands.jsonl outbox.jsonl lanes.jsonl
    frozen/records.jsonl uncommitted.jsonl partitions.jsonl
    frozen/documents/<collection>.jsonl

Of `uncommitted.jsonl` only how many there are matters: what read_uncommitted shows and read_committed does not.
"""

from __future__ import annotations

from collections import defaultdict
from functools import cached_property
from pathlib import Path
from typing import Any, TypeVar

import msgspec

from checker.history import Operation, commands_of, read_history
from checker.stored import About, Answered, Event, LaneRow, OutboxRow, Partition, Record, StreamRow

ABOUT, HISTORY, LANES_SEEN, CANARIES, LOGS, FROZEN = (
    "run.json", "history.jsonl", "lanes-seen.jsonl", "canaries.txt", "logs", "frozen",
)  # fmt: skip

T = TypeVar("T")


class Run:
    """One run, whatever was frozen of it."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    @cached_property
    def about(self) -> About:
        return msgspec.json.decode((self.folder / ABOUT).read_bytes(), type=About)

    @cached_property
    def operations(self) -> list[Operation]:
        return read_history(self.folder / HISTORY)

    @cached_property
    def commands(self) -> list[Operation]:
        return commands_of(self.operations)

    @cached_property
    def events(self) -> list[Event]:
        """Every stored event, by stream and version."""
        return sorted(self._rows("events", Event), key=lambda event: (event.stream, event.version))

    @cached_property
    def streams(self) -> list[StreamRow]:
        return self._rows("streams", StreamRow)

    @cached_property
    def answered(self) -> dict[tuple[str, str], str]:
        return {(row.principal, row.key): row.answer for row in self._rows("commands", Answered)}

    @cached_property
    def outbox(self) -> list[OutboxRow]:
        return self._rows("outbox", OutboxRow)

    @cached_property
    def lanes(self) -> list[LaneRow]:
        return self._rows("lanes", LaneRow)

    @cached_property
    def lanes_seen(self) -> list[LaneRow]:
        return read_rows(self.folder / LANES_SEEN, LaneRow)

    @cached_property
    def records(self) -> list[Record]:
        """By partition, in order of offset."""
        found = self._rows("records", Record)
        return sorted(found, key=lambda record: (record.topic, record.partition, record.offset))

    @cached_property
    def partitions(self) -> list[Partition]:
        return self._rows("partitions", Partition)

    @cached_property
    def documents(self) -> dict[str, dict[str, dict[str, Any]]]:
        """Collection → id → document."""
        found: dict[str, dict[str, dict[str, Any]]] = {}
        for path in sorted((self.folder / FROZEN / "documents").glob("*.jsonl")):
            rows = read_rows(path, dict[str, Any])
            found[path.stem] = {str(document["_id"]): document for document in rows}
        return found

    @cached_property
    def events_of(self) -> dict[str, list[Event]]:
        """Correlation → the events that its command wrote."""
        found: dict[str, list[Event]] = defaultdict(list)
        for event in self.events:
            found[event.correlation].append(event)
        return found

    @cached_property
    def last_version(self) -> dict[str, int]:
        """Stream → the version of its last event."""
        return {event.stream: event.version for event in self.events}

    @cached_property
    def canaries(self) -> list[str]:
        """Words that no log and no answer may hold: secrets, tokens, and what only bodies held."""
        path = self.folder / CANARIES
        return path.read_text().split() if path.exists() else []

    def _rows(self, name: str, kind: type[T]) -> list[T]:
        return read_rows(self.folder / FROZEN / f"{name}.jsonl", kind)


def read_rows(path: Path, kind: type[T]) -> list[T]:
    """Every line of a file as `kind`; a file that is not there has none."""
    if not path.exists():
        return []
    decode = msgspec.json.Decoder(kind).decode
    with path.open("rb") as lines:
        return [decode(line) for line in lines]
