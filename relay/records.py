"""An outbox row as a Kafka record: the CloudEvents 1.0 binary binding, the payload as it was stored.

The partition is the one fixed in the row. The record's timestamp is when the event was recorded, not when it happened:
retention by time goes by it, and an event imported from years ago must not be deleted on arrival.
"""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING

import msgspec

if TYPE_CHECKING:
    from relay.database import Record

Header = tuple[str, bytes]
KafkaRecord = tuple[int, bytes, bytes, list[Header]]
"""Timestamp in milliseconds, key, value, headers."""

_FURTHER = msgspec.json.Decoder(dict[str, str])


def kafka_record(row: Record) -> KafkaRecord:
    """The record of one outbox row."""
    # by place, not by name: this runs for every event there is (relay.outbox.COLUMNS has the places)
    _, _, topic, _, text_key, stream, version, event_id, event_type, occurred_at, recorded_ms, further, payload, *_ = (
        row
    )
    key = text_key.encode()
    headers = [
        *_constant_headers(topic, event_type),
        ("ce_id", event_id.encode()),
        ("ce_time", occurred_at.encode()),
        ("ce_partitionkey", key),
        ("ce_stream", key if stream == text_key else stream.encode()),
        ("ce_sequence", b"%d" % version),
    ]
    if further is not None:
        for name, value in _FURTHER.decode(further).items():
            headers.append((name, value.encode()))
    return recorded_ms, key, payload, headers


@lru_cache(maxsize=1_024)
def _constant_headers(topic: str, event_type: str) -> tuple[Header, ...]:
    return (
        ("ce_specversion", b"1.0"),
        ("ce_type", event_type.encode()),
        # topic <namespace>.<domain> is source /<namespace>/<domain>
        ("ce_source", b"/" + topic.replace(".", "/").encode()),
        ("content-type", b"application/json"),
    )
