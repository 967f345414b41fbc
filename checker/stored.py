"""What a frozen run holds, as it lies in its folder: raw rows of the three stores, and what the run says of itself."""

from __future__ import annotations

from typing import Any

import msgspec


class Event(msgspec.Struct, frozen=True, kw_only=True):
    """A row of `events`."""

    stream: str
    version: int
    event_id: str
    type: str
    data: dict[str, Any]
    metadata: dict[str, Any]
    position: int
    occurred_at: str
    """When it happened in the world: UTC with six digits and Z."""

    @property
    def correlation(self) -> str:
        return str(self.metadata.get("correlation_id") or "")


class StreamRow(msgspec.Struct, frozen=True, array_like=True):
    stream: str
    version: int


class Answered(msgspec.Struct, frozen=True, array_like=True):
    """A row of `commands`: the first answer of a key."""

    principal: str
    key: str
    answer: str


class OutboxRow(msgspec.Struct, frozen=True, kw_only=True):
    position: int
    txid: int
    lane: int
    event_id: str
    stream: str
    version: int


class LaneRow(msgspec.Struct, frozen=True, kw_only=True):
    """A row of `relay_lanes`; `ns` where it is one of several looks during the run."""

    lane: int
    epoch: int
    owner: str | None
    passed: str | None
    """A pg_snapshot: xmin:xmax:running."""
    position: int
    ns: int = 0


class Record(msgspec.Struct, frozen=True, kw_only=True):
    """A Kafka record as read_committed shows it."""

    topic: str
    partition: int
    offset: int
    key: str
    headers: dict[str, str]
    value: msgspec.Raw

    @property
    def event_id(self) -> str:
        return self.headers.get("ce_id", "")

    @property
    def stream(self) -> str:
        return self.headers.get("ce_stream", "")

    @property
    def version(self) -> int:
        text = self.headers.get("ce_sequence", "")
        return int(text) if text.isdigit() else 0


class Partition(msgspec.Struct, frozen=True):
    """A partition of a topic, and where it ended when the run was frozen."""

    topic: str
    partition: int
    end: int


class Fault(msgspec.Struct, frozen=True):
    """Something that was done to the system, by the clients' clock."""

    name: str
    began: int
    ended: int


class Bite(msgspec.Struct, frozen=True):
    """How often what a scenario is about happened, and how often it must have for the run to mean anything."""

    seen: int
    least: int


class About(msgspec.Struct, kw_only=True):
    """run.json: what the run was, and what it claims."""

    scenario: str
    seed: int
    scale: str = ""
    faults: list[Fault] = []
    bite: dict[str, Bite] = {}
    healed_ns: int = 0
    caught_up_ns: int | None = None
    """When every lag was first seen to be 0 after the healing; None: it was not, in the time that was waited."""
    live_seconds: float = 0
    """How long catching up may take."""
    duplicates_allowed: int = 0
    broke_off: str = ""
    """Why the scenario could not be played to its end, if it could not."""
