"""What a projector measures. Few labels, base units; `write_to_read_seconds` is the service level."""

from __future__ import annotations

import time
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from prometheus_client import Counter, Gauge, Histogram

from kernel.telemetry import LATENCY_SECONDS
from projector.records import Record


class Metrics:
    """The metrics of all projections of a process."""

    def __init__(self, registry: Any) -> None:
        labels = ["projection"]
        self.lag = Gauge(
            "lockstep_projector_lag_records",
            "Records committed in Kafka and not yet projected.",
            labels,
            registry=registry,
        )
        self.events = Counter(
            "lockstep_projector_events_total",
            "Events by what became of them: applied, skipped (seen before) or parked.",
            [*labels, "outcome"],
            registry=registry,
        )
        self.parked_streams = Gauge(
            "lockstep_projector_parked_streams",
            "Streams parked in the partitions held here.",
            labels,
            registry=registry,
        )
        self.partitions = Gauge("lockstep_projector_partitions", "Partitions held here.", labels, registry=registry)
        self.lost = Counter(
            "lockstep_projector_lost_partitions_total",
            "Transactions dropped because another projector had taken over.",
            labels,
            registry=registry,
        )
        self.transaction_seconds = Histogram(
            "lockstep_projector_transaction_seconds",
            "From a batch in hand to its documents committed.",
            labels,
            buckets=LATENCY_SECONDS,
            registry=registry,
        )
        self.write_to_read_seconds = Histogram(
            "write_to_read_seconds",
            "From when an event was stored (its record's time) to its documents readable.",
            labels,
            buckets=LATENCY_SECONDS,
            registry=registry,
        )

    def projected(
        self, projection: str, batches: Iterable[Sequence[Record]], done: Mapping[str, int], seconds: float
    ) -> None:
        for outcome, count in done.items():
            if count:
                self.events.labels(projection, outcome).inc(count)
        self.transaction_seconds.labels(projection).observe(seconds)
        now, readable = time.time(), self.write_to_read_seconds.labels(projection)
        for records in batches:
            # of a backlog a sample will do: an observation costs as much as a fold
            for record in records[:: 1 + len(records) // 16]:
                readable.observe(max(0.0, now - record.timestamp / 1000))
