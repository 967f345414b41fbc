"""What a process says about itself: structured logs on stderr, and metrics in a registry of its own.

A log line is one JSON object in ASCII, so nothing in it can break out of its line or drive a terminal. It names
streams, traces and correlations, never bodies, tokens or secrets: fields of such names are blanked, and of an exception
only the type, the first line and the places are told (a database's DETAIL lines quote rows). Metrics use base units and
few labels.
"""

from __future__ import annotations

import json
import logging
import sys
import traceback
from collections.abc import MutableMapping, Sequence
from typing import Any

import structlog
from prometheus_client import CollectorRegistry, GCCollector, ProcessCollector
from prometheus_client.exposition import CONTENT_TYPE_LATEST, generate_latest
from structlog.contextvars import bound_contextvars as log_context  # trace, correlation, stream around a piece of work
from structlog.typing import FilteringBoundLogger, ProcessorReturnValue

__all__ = [
    "LATENCY_SECONDS",
    "configure_logging",
    "get_logger",
    "log_context",
    "new_registry",
    "render_metrics",
    "trace_id",
]

LATENCY_SECONDS: Sequence[float] = (
    0.001, 0.0025, 0.005, 0.0075, 0.01, 0.015, 0.02, 0.03, 0.05, 0.075, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 300,
)  # fmt: skip
"""Buckets for every latency, so that histograms of different processes can be laid over one another."""

_SECRET = frozenset(
    {"authorization", "body", "cookie", "data", "dsn", "key_material", "password", "payload", "secret", "token"}
)
_LONGEST_TEXT = 2_000
_MOST_FRAMES = 30


def configure_logging(process: str, level: str = "info") -> None:
    """From now on every log line of this process, also those of libraries, is one JSON object on stderr."""
    shared: list[Any] = [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_logger_name,
        structlog.stdlib.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True, key="time"),
        _Named(process),
    ]
    structlog.configure(
        processors=[*shared, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        wrapper_class=structlog.make_filtering_bound_logger(level),
        logger_factory=structlog.stdlib.LoggerFactory(),
        cache_logger_on_first_use=True,
    )
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            processors=[structlog.stdlib.ProcessorFormatter.remove_processors_meta, _tell_exception, _blank, _to_json],
            foreign_pre_chain=shared,
        )
    )
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(level.upper())
    for chatty in ("pymongo", "asyncio", "httpx", "uvicorn"):
        logging.getLogger(chatty).setLevel(max(root.level, logging.WARNING))
    # while a broker is away it says the same error at every retry, thousands of times; who uses it says so once
    logging.getLogger("aiokafka").setLevel(logging.CRITICAL)


def get_logger(name: str) -> FilteringBoundLogger:
    """A logger whose lines carry `name`; it may be made at import, it looks up its configuration when first used."""
    logger: FilteringBoundLogger = structlog.get_logger(name)
    return logger


def trace_id(traceparent: str | None) -> str | None:
    """The trace of a W3C traceparent header, for a log line."""
    parts = (traceparent or "").split("-")
    return parts[1] if len(parts) == 4 and len(parts[1]) == 32 else None


def new_registry() -> CollectorRegistry:
    """A registry that already tells the process's own memory, CPU, descriptors and garbage collections."""
    registry = CollectorRegistry(auto_describe=True)
    ProcessCollector(registry=registry)
    GCCollector(registry=registry)
    return registry


def render_metrics(registry: CollectorRegistry) -> tuple[str, bytes]:
    """(content type, body) of a scrape."""
    return CONTENT_TYPE_LATEST, generate_latest(registry)


class _Named:
    """Puts the process's name into each line."""

    def __init__(self, process: str) -> None:
        self._process = process

    def __call__(self, _: Any, __: str, line: MutableMapping[str, Any]) -> ProcessorReturnValue:
        line["process"] = self._process
        return line


def _tell_exception(_: Any, __: str, line: MutableMapping[str, Any]) -> ProcessorReturnValue:
    info = line.pop("exc_info", None)
    if not info:
        return line
    error = info if isinstance(info, BaseException) else info[1] if isinstance(info, tuple) else sys.exc_info()[1]
    if error is not None:
        line["error"] = _first_line(error)
        line["error_type"] = type(error).__name__
        inner = list(error.exceptions) if isinstance(error, BaseExceptionGroup) else [error.__cause__]
        line["error_because"] = [f"{type(each).__name__}: {_first_line(each)}" for each in inner if each is not None]
        deepest = error
        while isinstance(deepest, BaseExceptionGroup):
            deepest = deepest.exceptions[0]
        frames = traceback.extract_tb(deepest.__traceback__)[-_MOST_FRAMES:]
        line["error_at"] = [f"{frame.filename}:{frame.lineno} {frame.name}" for frame in frames]
    return line


def _first_line(error: BaseException) -> str:
    return (str(error).splitlines() or [""])[0][:_LONGEST_TEXT]


def _blank(_: Any, __: str, line: MutableMapping[str, Any]) -> ProcessorReturnValue:
    for name, value in line.items():
        if name.lower() in _SECRET:
            line[name] = "[not logged]"
        elif isinstance(value, str) and len(value) > _LONGEST_TEXT:
            line[name] = value[:_LONGEST_TEXT] + "…"
    return line


def _to_json(_: Any, __: str, line: MutableMapping[str, Any]) -> str:
    # ensure_ascii also escapes the C1 controls and U+2028, which are line ends or terminal commands to some readers
    return json.dumps(line, default=str, ensure_ascii=True)
