"""The API describes itself truly: every route is there with a guard and its errors, and the page needs no one else."""

from __future__ import annotations

import re
from typing import Any

import httpx
import pytest
from litestar.routes import HTTPRoute

from app.api import make_api
from app.main import open_sides
from domains.shop.verification import NAMES
from kernel.service import Watchdog
from kernel.settings import Settings
from kernel.telemetry import new_registry
from tests.system.system import System

COMMAND_ERRORS = {"400", "401", "403", "404", "409", "412", "413", "422", "503"}
READ_ERRORS = {"400", "401", "403", "404", "422", "503"}
STREAM_ERRORS = {"401", "403", "422", "429", "503"}
SHOP = {
    ("POST", "/customers"), ("PUT", "/customers/{}/contact"), ("PUT", "/customers/{}/segment"),
    ("PUT", "/customers/{}/region"), ("POST", "/products"), ("PUT", "/products/{}/name"),
    ("PUT", "/products/{}/price"), ("POST", "/promotions"), ("POST", "/promotions/{}/end"), ("POST", "/orders"),
    ("POST", "/orders/{}/ship"), ("POST", "/orders/{}/deliver"), ("POST", "/orders/{}/cancel"),
    ("POST", "/orders/{}/refund"), ("GET", "/customers"), ("GET", "/customers/{}"), ("GET", "/customer-orders"),
    ("GET", "/orders"), ("GET", "/orders/{}"), ("GET", "/products"), ("GET", "/products/{}"), ("GET", "/promotions"),
    ("GET", "/promotions/{}"), ("GET", "/reports/purchases"), ("GET", "/reports/daily-purchases"),
    *(("GET", f"/analytics/{question}") for question in NAMES),
    *(("GET", f"/{kind}/{{}}/{what}") for kind in ("customers", "products", "promotions", "orders")
      for what in ("events", "history")),
}  # fmt: skip


@pytest.fixture
async def root(house: System) -> Any:
    async with httpx.AsyncClient(base_url=f"http://127.0.0.1:{house.api_port}") as client:
        yield client


async def test_every_route_is_described_with_its_errors(root: httpx.AsyncClient) -> None:
    schema = (await root.get("/openapi.json")).json()
    assert schema["openapi"].startswith("3.1")
    described = {
        (method.upper(), re.sub(r"\{[^}]*\}", "{}", path).removeprefix("/api/v1")): operation
        for path, item in schema["paths"].items()
        for method, operation in item.items()
        if path.startswith("/api/v1")
    }
    assert set(described) == {
        ("POST", "/posts"), ("PUT", "/posts/{}"), ("DELETE", "/posts/{}"), ("PUT", "/posts/like/{}"),
        ("DELETE", "/posts/like/{}"), ("POST", "/posts/{}/comments"), ("PUT", "/posts/{}/comments/{}"),
        ("DELETE", "/posts/{}/comments/{}"), ("GET", "/posts"), ("GET", "/posts/{}"), ("GET", "/posts/byAuthor/{}"),
        ("GET", "/posts/withComments"), ("GET", "/posts/withLikes/{}"), ("GET", "/posts/{}/comments"),
        ("GET", "/posts/{}/comments/{}"), ("GET", "/posts/{}/events"), ("GET", "/posts/{}/history"),
        ("GET", "/changes"),
    } | SHOP  # fmt: skip
    for (method, path), operation in described.items():
        wanted = STREAM_ERRORS if path == "/changes" else READ_ERRORS if method == "GET" else COMMAND_ERRORS
        assert wanted <= set(operation["responses"]), (method, path)
        for status in wanted:
            assert "application/problem+json" in operation["responses"][status]["content"], (method, path, status)
        assert operation["security"], (method, path)
        if path.startswith(("/reports/", "/analytics/")):
            assert operation["responses"]["200"]["content"].keys() == {"application/json", "text/csv"}


async def test_every_route_has_a_guard(house: System) -> None:
    """Deny by default: a route that forgets its guard is a hole, so it fails here and not in production."""
    environment = house.environment("app")
    settings = Settings(
        environment="development",
        postgres_dsn=environment["LOCKSTEP_POSTGRES_DSN"],
        mongo_uri=environment["LOCKSTEP_MONGO_URI"],
        namespace=house.name,
        jwt_public_keys=house.ground.keys.public_key_file().read_text(),
    )
    async with open_sides(settings, new_registry(), Watchdog(60)) as sides:
        app = make_api(settings, sides, [])
        handlers = [handler for route in app.routes if isinstance(route, HTTPRoute) for handler in route.route_handlers]
        unguarded = [
            str(handler)
            for handler in handlers
            if not handler.resolve_guards() and "OPTIONS" not in handler.http_methods
        ]
        assert len(handlers) >= 18 + len(SHOP)
        assert not unguarded


@pytest.mark.parametrize("path", ["/docs", "/docs/scalar.js"])
async def test_the_page_needs_nothing_from_elsewhere(root: httpx.AsyncClient, path: str) -> None:
    answer = await root.get(path)
    assert answer.status_code == 200
    if path == "/docs":
        sources = re.findall(r"(?:src|href|data-url)=\"([^\"]*)\"", answer.text)
        assert sources
        assert all(source.startswith("/") and not source.startswith("//") for source in sources)
        policy = answer.headers["Content-Security-Policy"]
        assert "default-src 'self'" in policy
        assert "http" not in policy


async def test_probes_and_metrics_answer_without_a_token(root: httpx.AsyncClient) -> None:
    assert (await root.get("/livez")).status_code == 200
    ready = await root.get("/readyz")
    assert ready.status_code == 200
    assert ready.json()["ready"] is True
    metrics = await root.get("/metrics")
    assert "process_cpu_seconds_total" in metrics.text
