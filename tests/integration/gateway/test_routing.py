"""One origin: each request goes to the side that answers it, and what is not meant for outside goes nowhere."""

from __future__ import annotations

import json
import os
import socket

import httpx
import psutil
import pytest

from tests.acceptance.problems import refused
from tests.integration.gateway.conftest import Front

POST = "/api/v1/posts/0190c2a1-7b1e-7000-8000-000000000001"


@pytest.mark.parametrize(
    ("method", "path", "side"),
    [
        ("GET", "/api/v1/posts", "queries"),
        ("HEAD", "/api/v1/posts", "queries"),
        ("GET", POST, "queries"),
        ("GET", f"{POST}/comments?limit=5", "queries"),
        ("GET", "/api/v1/posts/byAuthor/history", "queries"),
        ("GET", "/api/v1/posts/byAuthor/events/", "queries"),
        ("GET", "/api/v1/changes", "queries"),
        ("GET", f"{POST}/history?version=1", "history"),
        ("GET", f"{POST}/events/", "history"),
        ("POST", "/api/v1/posts", "commands"),
        ("PUT", POST, "commands"),
        ("DELETE", f"{POST}", "commands"),
        ("POST", f"{POST}/events", "commands"),
        ("GET", "/docs", "queries"),
        ("GET", "/docs/scalar.js", "queries"),
    ],
)
def test_a_request_goes_to_its_side(front: Front, client: httpx.Client, method: str, path: str, side: str) -> None:
    assert client.request(method, path).status_code == 200
    reached = {one.name: one.paths() for one in front.upstreams if one.received}
    assert reached == {side: [path]}


@pytest.mark.parametrize(
    "path",
    [
        "/metrics", "/livez", "/readyz", "//metrics", "/schema", "/schema/openapi.json", "/api/v2/posts", "/api",
        "/api/v1/../../metrics", "/api/v1/%2e%2e/%2e%2e/metrics", "/docs/../metrics", "/docs/%2e%2e/metrics",
        "/openapi.json/../metrics", "/../described/routes.caddy", "/%2e%2e/described/routes.caddy", "/routes.caddy",
        "/.secret", "/assets/", "/debug/vars", "/config/", "/load",
    ],
)  # fmt: skip
def test_nothing_else_can_be_reached(front: Front, client: httpx.Client, path: str) -> None:
    answer = raw(front, f"GET {path} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")
    assert answer.startswith(b"HTTP/1.1 404 "), answer[:200]
    assert not any(one.received for one in front.upstreams)


def raw(front: Front, request: str) -> bytes:
    """The whole answer to a request as it stands: clients tidy paths up."""
    with socket.create_connection((front.gateway.host, front.gateway.port), timeout=10) as connection:
        connection.sendall(request.encode())
        answer = b""
        while part := connection.recv(65_536):
            answer += part
    return answer


@pytest.mark.parametrize(
    ("method", "path", "allowed"),
    [
        ("OPTIONS", "/api/v1/posts", "GET, HEAD, POST, PUT, PATCH, DELETE"),
        ("POST", "/api/v1/changes", "GET"),
        ("DELETE", "/docs", "GET, HEAD"),
    ],
)
def test_a_method_that_is_not_taken(front: Front, client: httpx.Client, method: str, path: str, allowed: str) -> None:
    answer = client.request(method, path)
    refused(answer, 405, "method-not-allowed")
    assert answer.headers["Allow"] == allowed
    assert not any(one.received for one in front.upstreams)


def test_the_descriptions_are_served_as_they_were_made(front: Front, client: httpx.Client) -> None:
    for name in ("openapi.json", "asyncapi.json"):
        answer = client.get(f"/{name}")
        assert answer.headers["Content-Type"] == "application/json"
        assert answer.json() == json.loads((front.folder / "described" / name).read_text())
        assert client.get(f"/{name}", headers={"If-None-Match": answer.headers["ETag"]}).status_code == 304


def test_the_page_is_served_from_the_same_origin(client: httpx.Client) -> None:
    for path in ("/", "/posts/some/view"):
        page = client.get(path, headers={"Accept": "text/html"})
        assert (page.status_code, page.text) == (200, "<title>the page</title>")
        assert "default-src 'self'" in page.headers["Content-Security-Policy"]
    assert client.get("/assets/app.js").text == "1"
    refused(client.get("/assets/none.js"), 404, "not-found")


def test_without_a_page_there_is_a_problem(front: Front, client: httpx.Client) -> None:
    page = front.folder / "page"
    page.rename(front.folder / "away")
    try:
        refused(client.get("/", headers={"Accept": "text/html"}), 404, "not-found")
    finally:
        (front.folder / "away").rename(page)


def test_it_listens_on_one_port_of_loopback_and_is_not_root(front: Front) -> None:
    caddy = psutil.Process(front.gateway.pid)
    listening = [link.laddr for link in caddy.net_connections("inet") if link.status == psutil.CONN_LISTEN]
    assert [(one.ip, one.port) for one in listening] == [("127.0.0.1", front.gateway.port)]
    assert caddy.uids().effective != 0 or os.geteuid() != 0
