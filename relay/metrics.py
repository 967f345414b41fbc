"""The relay's metrics, all of one process, in the registry it is given."""

from __future__ import annotations

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram

from kernel.telemetry import LATENCY_SECONDS


class Metrics:
    """`lane` is the only label but for the kind of holder in `held_up`: both are few."""

    def __init__(self, registry: CollectorRegistry) -> None:
        self.published = Counter(
            "lockstep_relay_published", "Records published and committed in Kafka.", ["lane"], registry=registry
        )
        self.batches = Counter("lockstep_relay_batches", "Kafka transactions committed.", ["lane"], registry=registry)
        self.failures = Counter(
            "lockstep_relay_lane_failures", "Times a lane was given up after an error.", ["lane"], registry=registry
        )
        self.lane_owned = Gauge(
            "lockstep_relay_lane_owned", "1 if this relay has the lane.", ["lane"], registry=registry
        )
        self.latency = Histogram(
            "lockstep_relay_publish_latency_seconds",
            "From the beginning of the recording transaction to the commit in Kafka, of each batch's oldest record.",
            buckets=LATENCY_SECONDS,
            registry=registry,
        )
        self.replayed = Counter(
            "lockstep_relay_replayed", "Stored events replayed for rebuilds.", ["projection"], registry=registry
        )
        self.depth = Gauge(
            "lockstep_relay_outbox_depth", "About how many rows wait to be published.", registry=registry
        )
        self.age = Gauge(
            "lockstep_relay_outbox_age_seconds",
            "Age of the oldest row waiting.",
            registry=registry,
        )
        self.stopped_streams = Gauge(
            "lockstep_relay_stopped_streams", "Streams stopped by a missing version.", ["lane"], registry=registry
        )
        self.held_up = Gauge(
            "lockstep_relay_held_up_seconds",
            "Age of the oldest transaction that keeps rows from being published, or VACUUM from cleaning.",
            ["by"],
            registry=registry,
        )
        self.partitions_dropped = Counter(
            "lockstep_relay_outbox_partitions_dropped",
            "Outbox partitions dropped after all was published.",
            registry=registry,
        )
