"""The health port of a process that has no HTTP of its own: /livez, /readyz and /metrics, for probes and Prometheus.

Ready means that every dependency answers and the process is not draining. Lag is told and never fatal: a process that
lags and is taken out of service lags more. The API has the same three routes in its own server.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager, suppress
from typing import Any

import msgspec

from kernel.telemetry import get_logger, new_registry, render_metrics

log = get_logger("health")

Check = Callable[[], Awaitable[object]]
"""Returns when the dependency answers, raises when it does not."""

_CHECK_SECONDS = 2.0
_REQUEST_SECONDS = 5.0
_REASONS = {200: "OK", 404: "Not Found", 405: "Method Not Allowed", 503: "Service Unavailable"}


class Health:
    """What a process answers to probes.

    `checks`: dependency → check. `report`: what else an operator wants to see (lag, lanes owned); never fatal.
    """

    def __init__(
        self,
        registry: Any = None,
        *,
        stop: asyncio.Event,
        checks: Mapping[str, Check] | None = None,
        report: Callable[[], Mapping[str, Any]] | None = None,
    ) -> None:
        self._registry = new_registry() if registry is None else registry
        self._stop = stop
        self._checks = checks or {}
        self._report = report
        self.port = 0

    @asynccontextmanager
    async def listening(self, host: str, port: int) -> AsyncIterator[Health]:
        """Probes are answered while the context lasts; `self.port` is the real port (0 asks for a free one)."""
        server = await asyncio.start_server(self._answer, host, port, limit=8_192)
        self.port = server.sockets[0].getsockname()[1]
        log.info("health port open", host=host, port=self.port)
        try:
            yield self
        finally:
            server.close()

    async def readiness(self) -> tuple[int, dict[str, Any]]:
        """(status, body) of /readyz."""
        states = await asyncio.gather(*(_state(check) for check in self._checks.values()))
        dependencies = dict(zip(self._checks, states, strict=True))
        draining = self._stop.is_set()
        ready = not draining and all(state == "up" for state in states)
        body: dict[str, Any] = {"ready": ready, "draining": draining, "dependencies": dependencies}
        if self._report:
            body.update(self._report())
        return (200 if ready else 503), body

    async def _answer(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with suppress(OSError, ValueError, TimeoutError, asyncio.IncompleteReadError, asyncio.LimitOverrunError):
            head = await asyncio.wait_for(reader.readuntil(b"\r\n\r\n"), _REQUEST_SECONDS)
            method, target, _ = head.split(b"\r\n", 1)[0].decode("latin-1").split(" ", 2)
            status, content_type, body = await self._route(method, target.partition("?")[0])
            writer.write(
                f"HTTP/1.1 {status} {_REASONS[status]}\r\ncontent-type: {content_type}\r\n"
                f"content-length: {len(body)}\r\ncache-control: no-store\r\nconnection: close\r\n\r\n".encode()
                + (b"" if method == "HEAD" else body)
            )
            await asyncio.wait_for(writer.drain(), _REQUEST_SECONDS)
        writer.close()

    async def _route(self, method: str, path: str) -> tuple[int, str, bytes]:
        if method not in ("GET", "HEAD"):
            return 405, "text/plain", b"only GET and HEAD\n"
        match path:
            case "/livez":
                return 200, "application/json", b'{"alive":true}'
            case "/readyz":
                status, body = await self.readiness()
                return status, "application/json", msgspec.json.encode(body)
            case "/metrics":
                return 200, *render_metrics(self._registry)
            case _:
                return 404, "text/plain", b"/livez, /readyz and /metrics are here\n"


async def _state(check: Check) -> str:
    try:
        await asyncio.wait_for(check(), _CHECK_SECONDS)
    except Exception as error:
        return f"down: {type(error).__name__}"
    return "up"
