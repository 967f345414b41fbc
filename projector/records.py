"""Kafka records as the projector handles them: decoded, or with the fault that keeps them from being decoded. Pure.

A record always names its stream and version in its headers, so even one whose body cannot be read parks its own stream
and nobody else's. What happens to a faulty record is folding.py's and parking.py's business.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from typing import Any, NamedTuple, Protocol

import msgspec

from kernel.codec import Codec
from kernel.events import PublishedEvent


class Record(Protocol):
    """What is used of a Kafka client's record, and of a parked one."""

    @property
    def topic(self) -> str: ...
    @property
    def partition(self) -> int: ...
    @property
    def offset(self) -> int: ...
    @property
    def timestamp(self) -> int: ...
    @property
    def key(self) -> bytes | None: ...
    @property
    def value(self) -> bytes | None: ...
    @property
    def headers(self) -> Sequence[tuple[str, bytes]]: ...


class Fault(NamedTuple):
    """Why an event cannot be applied. Equal causes have equal fingerprints, whatever the stream."""

    fingerprint: str
    error: str

    @classmethod
    def of(cls, error: BaseException, event_type: str) -> Fault:
        # the place tells causes apart that have one type; the message does not, it quotes ids
        trace = error.__traceback__
        while trace is not None and trace.tb_next is not None:
            trace = trace.tb_next
        place = f"{trace.tb_frame.f_code.co_name}" if trace else ""
        cause = f"{type(error).__name__}\x1f{event_type}\x1f{place}"
        digest = hashlib.blake2s(cause.encode(), digest_size=6).hexdigest()
        return cls(digest, f"{type(error).__name__}: {error}"[:1_000])


class Received:
    """One record with what it says: `event` is set, or `fault` says why not. Version 0 is a version nobody knows."""

    __slots__ = ("event", "fault", "record", "stream", "type", "version")

    def __init__(
        self,
        record: Record,
        stream: str,
        version: int,
        kind: str,
        event: PublishedEvent[Any] | None,
        fault: Fault | None,
    ) -> None:
        self.record = record
        self.stream = stream
        self.version = version
        self.type = kind
        self.event = event
        self.fault = fault


class Unreadable(Exception):
    """A record lacks what every published event carries."""


def receive(record: Record, codec: Codec) -> Received:
    """The record decoded. Never raises: what cannot be decoded comes back with its fault."""
    headers = dict(record.headers)
    key = (record.key or b"").decode(errors="replace")
    stream, version, kind = key or f"{record.topic}/{record.partition}", 0, ""
    try:
        stream = headers["ce_stream"].decode()
        version = int(headers["ce_sequence"])
        kind = headers["ce_type"].decode()
        if version < 1:
            raise Unreadable(f"ce_sequence is {version}; versions start at 1")
        if record.value is None:
            raise Unreadable("the record has no value")
        event = PublishedEvent(
            topic=record.topic,
            partition=record.partition,
            offset=record.offset,
            key=key,
            stream=stream,
            version=version,
            event_id=headers["ce_id"].decode(),
            type=kind,
            occurred_at=headers["ce_time"].decode(),
            event=codec.decode_published(kind, record.value),
        )
    except KeyError as error:
        missing = Unreadable(f"the header {error} is missing")
        return Received(record, stream, version, kind, None, Fault.of(missing, kind))
    except Exception as error:
        return Received(record, stream, max(version, 0), kind, None, Fault.of(error, kind))
    return Received(record, stream, version, kind, event, None)


class StoredRecord(msgspec.Struct, frozen=True):
    """A record that was parked, as it came from Kafka."""

    topic: str
    partition: int
    offset: int
    timestamp: int
    key: bytes | None
    value: bytes | None
    headers: Sequence[tuple[str, bytes]]
