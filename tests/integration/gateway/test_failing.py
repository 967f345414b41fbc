"""Processes that are gone, silent or unwell: what can be asked again is, what may have been done is not, and whoever
asks is told so in the house's own words.
"""

from __future__ import annotations

import socket
import time
from collections.abc import Iterator
from contextlib import suppress

import httpx
import pytest

from tests.acceptance.problems import refused
from tests.integration.gateway.conftest import Front, until
from tests.integration.gateway.upstream import STREAM_PAUSE_SECONDS, break_off, never, two_events

LIMIT = 262_144
PATH = "/api/v1/posts"


def test_a_read_whose_process_dies_is_answered_by_another(front: Front, client: httpx.Client) -> None:
    front.queries.behave[PATH] = break_off
    for _ in range(8):
        assert client.get(PATH).status_code == 200
    assert front.queries.received, "none was sent there"


@pytest.mark.parametrize("method", ["POST", "DELETE"])
@pytest.mark.parametrize(
    ("content", "headers"), [(b"{}", {}), (b"", {}), (b"{}", {"Idempotency-Key": "1"})], ids=["body", "none", "key"]
)
def test_a_command_is_sent_once_whatever_becomes_of_it(
    front: Front, client: httpx.Client, method: str, content: bytes, headers: dict[str, str]
) -> None:
    assert client.post(PATH).status_code == 200  # a connection is kept: that it may be stale is no reason either
    front.commands.received.clear()
    front.commands.behave[PATH] = break_off
    answer = client.request(method, PATH, content=content, headers=headers)
    refused(answer, 502, "outcome-unknown")
    assert len(front.commands.received) == 1
    assert int(answer.headers["Retry-After"]) > 0
    assert answer.json()["instance"] == PATH


def test_a_silent_process_is_not_waited_for_without_end(front: Front, client: httpx.Client) -> None:
    front.commands.behave[PATH] = never
    refused(client.post(PATH), 504, "outcome-unknown")
    assert len(front.commands.received) == 1
    front.history.behave[f"{PATH}/a/events"] = never
    refused(client.get(f"{PATH}/a/events"), 504, "upstream-timeout")


def test_without_any_process_a_request_waits_a_little_and_is_told(front: Front, client: httpx.Client) -> None:
    front.history.close()
    try:
        answer = refused_by(client.get(f"{PATH}/a/events"))
        assert answer.headers["X-Request-Id"]
        assert client.get(PATH).status_code == 200
        assert client.post(PATH).status_code == 200
    finally:
        front.history.open()
    until(lambda: client.get(f"{PATH}/a/events").status_code == 200)


def refused_by(answer: httpx.Response) -> httpx.Response:
    assert answer.status_code in (502, 503), answer.text
    problem = refused(answer, answer.status_code, "no-upstream" if answer.status_code == 503 else "upstream-failed")
    assert problem["instance"] == f"{PATH}/a/events"
    assert int(answer.headers["Retry-After"]) > 0
    return answer


def test_a_process_that_is_not_ready_gets_no_requests_until_it_is(front: Front, client: httpx.Client) -> None:
    def names_of_eight() -> set[int]:
        for one in front.upstreams:
            one.received.clear()
        assert {client.get(PATH).status_code for _ in range(8)} == {200}
        return {one.port for one in front.upstreams if one.received}

    front.queries.ready = False
    until(lambda: names_of_eight() == {front.other_queries.port}, 10)
    front.queries.ready = True
    until(lambda: names_of_eight() == {front.queries.port, front.other_queries.port}, 10)


def test_a_process_killed_and_started_again_costs_reads_nothing(front: Front, client: httpx.Client) -> None:
    for one in (front.queries, front.other_queries):
        one.close()
        assert {client.get(PATH).status_code for _ in range(20)} == {200}
        one.open()
        one.received.clear()
        until(lambda one=one: client.get(PATH).status_code == 200 and one.received, 10)  # type: ignore[misc]


@pytest.mark.parametrize("declared", [True, False], ids=["declared", "chunked"])
def test_a_body_has_a_limit(front: Front, client: httpx.Client, declared: bool) -> None:
    def body(size: int) -> bytes | Iterator[bytes]:
        return b"x" * size if declared else iter([b"x" * size])

    answer = client.post(PATH, content=body(LIMIT))
    assert (answer.status_code, declared and answer.json()["size"]) == (200, declared and LIMIT)
    refused(client.post(PATH, content=body(LIMIT + 1)), 413, "body-too-large")
    assert client.get(PATH).status_code == 200


def test_headers_have_a_limit(front: Front, client: httpx.Client) -> None:
    assert client.get(PATH, headers={"Consistency-Token": "x" * 8_192}).status_code == 200
    reached = len(front.queries.received) + len(front.other_queries.received)
    answer = sent(front, f"GET {PATH} HTTP/1.1\r\nHost: x\r\nX-Long: {'x' * 60_000}\r\n\r\n".encode())
    assert answer[:13] in (b"HTTP/1.1 431 ", b"")
    assert len(front.queries.received) + len(front.other_queries.received) == reached


def test_a_stream_goes_on_past_every_time_limit_and_comes_as_it_is(front: Front, client: httpx.Client) -> None:
    path = "/api/v1/changes"
    front.queries.behave[path] = front.other_queries.behave[path] = two_events
    with client.stream("GET", path, headers={"Accept-Encoding": "gzip, zstd"}) as answer:
        assert answer.headers["Content-Type"] == "text/event-stream"
        assert "Content-Encoding" not in answer.headers
        asked = time.monotonic()
        events = (line for line in answer.iter_lines() if line)
        assert next(events).startswith("data: 1")
        assert time.monotonic() - asked < STREAM_PAUSE_SECONDS / 2, "it was kept back"
        assert next(events).startswith("data: 2")


@pytest.mark.parametrize("path", [PATH, "/api/v1/changes", "/docs", "/openapi.json", "/nothing"])
@pytest.mark.parametrize("method", ["POST", "GET"])
@pytest.mark.parametrize("chunked", [True, False], ids=["chunked", "declared"])
def test_what_is_left_of_a_body_is_never_the_next_request(
    front: Front, client: httpx.Client, method: str, path: str, chunked: bool
) -> None:
    """The body is made of requests, so that wherever reading it stops the rest would be one."""
    inner = b"GET /api/v1/posts/smuggled HTTP/1.1\r\nHost: x\r\n\r\n"
    body = inner * (600_000 // len(inner))
    length, frame = ("Transfer-Encoding: chunked", b"%x\r\n%s\r\n0\r\n\r\n" % (len(body), body))
    if not chunked:
        length, frame = f"Content-Length: {len(body)}", body
    answer = sent(front, f"{method} {path} HTTP/1.1\r\nHost: x\r\n{length}\r\n\r\n".encode() + frame)
    assert answer.count(b"HTTP/1.1 ") <= 1, answer[-300:]
    assert not any("smuggled" in reached for one in front.upstreams for reached in one.paths())


def test_a_strange_address_cannot_speak_in_a_problem(front: Front) -> None:
    answer = sent(front, b'GET /"},"detail":"all%20is%20well HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n')
    assert b"/problems/" in answer or b" 400 " in answer
    assert b"is well" not in answer
    assert b"is%20well" not in answer


def sent(front: Front, request: bytes) -> bytes:
    """All that comes back until the connection ends; it may end while the request is still being sent."""
    answer = b""
    with socket.create_connection((front.gateway.host, front.gateway.port), timeout=5) as connection:
        with suppress(ConnectionError):
            connection.sendall(request)
        with suppress(ConnectionError):
            while part := connection.recv(65_536):
                answer += part
    return answer
