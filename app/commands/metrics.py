"""What the command side counts."""

from __future__ import annotations

from collections.abc import Callable

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram

from kernel.telemetry import LATENCY_SECONDS


class CommandMetrics:
    """Commits and what became of their commands; the gauge is read when it is scraped."""

    def __init__(self, registry: CollectorRegistry, *, backlog: Callable[[], int]) -> None:
        self._outcomes = Counter(
            "lockstep_commands", "Commands decided and sent to the store", ["outcome"], registry=registry
        )
        self._sizes = Histogram(
            "lockstep_append_batch_commands",
            "Commands in one commit",
            buckets=(1, 2, 4, 8, 16, 32, 64, 128, 256),
            registry=registry,
        )
        self._seconds = Histogram(
            "lockstep_append_seconds", "One commit, as the app sees it", buckets=LATENCY_SECONDS, registry=registry
        )
        depth = Gauge("lockstep_outbox_depth_events", "Stored and not yet published, about", registry=registry)
        depth.set_function(backlog)

    def batch(self, seconds: float, outcomes: list[str]) -> None:
        self._seconds.observe(seconds)
        self._sizes.observe(len(outcomes))
        for kind in set(outcomes):
            self._outcomes.labels(kind).inc(outcomes.count(kind))
