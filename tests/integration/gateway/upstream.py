"""A process behind the gateway, seen from behind: it answers with what reached it. What the real ones do is theirs."""

from __future__ import annotations

import json
import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

Received = dict[str, Any]
USUAL = {"ETag": '"7"', "Server": "something", "Via": "1.1 something"}
STREAM_PAUSE_SECONDS = 1.5
LARGE = b'{"text":"' + b"the same again " * 1_000 + b'"}'


class Upstream:
    """Says its own name in each answer. `answer_with`: path → headers of its answer; `behave`: path → what it does
    instead, if it says so.
    """

    def __init__(self, name: str) -> None:
        self.name = name
        self.ready = True
        self.received: list[Received] = []
        self.answer_with: dict[str, dict[str, str]] = {}
        self.behave: dict[str, Callable[[BaseHTTPRequestHandler], bool]] = {}
        self._server: _Server | None = None
        self.port = 0
        self.open()

    def open(self) -> None:
        """It listens, on the port it had before."""
        self._server = _Server(("127.0.0.1", self.port), _handler(self))
        self.port = self._server.server_port
        threading.Thread(target=self._server.serve_forever, args=(0.02,), daemon=True).start()

    def close(self) -> None:
        """Nobody listens any more, and no connection is left: as after a kill."""
        if self._server is not None:
            self._server.shutdown()
            self._server.server_close()
            for connection in self._server.connections:
                with suppress(OSError):
                    connection.shutdown(socket.SHUT_RDWR)
            self._server = None

    def paths(self) -> list[str]:
        return [one["path"] for one in self.received]


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 64

    def __init__(self, *arguments: Any) -> None:
        super().__init__(*arguments)
        self.connections: list[socket.socket] = []

    def process_request(self, request: Any, client_address: Any) -> None:
        self.connections.append(request)
        super().process_request(request, client_address)

    def handle_error(self, *_: object) -> None:
        """A connection that broke is what some tests are about."""


def _handler(upstream: Upstream) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def answer(self) -> None:
            if self.path == "/readyz":
                self._send(200 if upstream.ready else 503, b"{}", {})
                return
            upstream.received.append({"path": self.path, "method": self.command, "headers": dict(self.headers.items())})
            body = b"".join(self._body())
            act = upstream.behave.get(self.path)
            if act is not None and act(self):
                return
            said = {"name": upstream.name, "path": self.path, "size": len(body), "headers": dict(self.headers.items())}
            content = LARGE if self.path.endswith("/large") else json.dumps(said).encode()
            self._send(200, content, {**USUAL, **upstream.answer_with.get(self.path, {})})

        def _body(self) -> Iterator[bytes]:
            if self.headers.get("Transfer-Encoding") != "chunked":
                yield self.rfile.read(int(self.headers.get("Content-Length", 0)))
                return
            while size := int(self.rfile.readline() or b"0", 16):
                yield self.rfile.read(size)
                self.rfile.readline()
            self.rfile.readline()

        do_GET = do_HEAD = do_POST = do_PUT = do_DELETE = do_PATCH = answer  # noqa: N815

        def _send(self, status: int, content: bytes, headers: dict[str, str]) -> None:
            self.send_response_only(status)
            for name, value in {"Content-Type": "application/json", **headers}.items():
                self.send_header(name, value)
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            if self.command != "HEAD":
                self.wfile.write(content)

        def log_message(self, *_: object) -> None:
            """Nothing."""

    return Handler


def break_off(handler: BaseHTTPRequestHandler) -> bool:
    """The connection ends without an answer, as of a process that is killed with the request in hand."""
    handler.close_connection = True
    handler.connection.close()
    return True


def two_events(handler: BaseHTTPRequestHandler) -> bool:
    """An event stream with a pause in it, longer than any answer may take to begin."""
    handler.send_response_only(200)
    handler.send_header("Content-Type", "text/event-stream")
    handler.end_headers()
    for number in (1, 2):
        handler.wfile.write(b"data: %d %s\n\n" % (number, b"x" * 2_000))
        handler.wfile.flush()
        time.sleep(STREAM_PAUSE_SECONDS)
    handler.close_connection = True
    return True


def never(handler: BaseHTTPRequestHandler) -> bool:
    """No answer, for longer than the gateway waits."""
    time.sleep(STREAM_PAUSE_SECONDS)
    return break_off(handler)
