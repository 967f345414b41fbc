"""Probes and metrics of an app process, on its own port: the same three routes that every process answers."""

from __future__ import annotations

from typing import Any

from litestar import Response
from litestar.handlers import HTTPRouteHandler
from prometheus_client import CollectorRegistry

from app.auth import anyone
from app.routing import get
from kernel.health import Health
from kernel.telemetry import render_metrics


def health_routes(health: Health, registry: CollectorRegistry) -> list[HTTPRouteHandler]:
    """/livez, /readyz and /metrics."""

    @get("/livez", guards=[anyone], tags=["health"], summary="The process runs")
    async def livez() -> dict[str, bool]:
        return {"alive": True}

    @get("/readyz", guards=[anyone], tags=["health"], summary="Dependencies answer and the process is not draining")
    async def readyz() -> Response[dict[str, Any]]:
        status, body = await health.readiness()
        return Response(body, status_code=status)

    @get("/metrics", guards=[anyone], include_in_schema=False)
    async def metrics() -> Response[bytes]:
        media_type, body = render_metrics(registry)
        return Response(body, media_type=media_type)

    return [livez, readyz, metrics]
