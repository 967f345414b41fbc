"""A process behind the gateway, seen from behind: it answers with what reached it. What the real ones do is theirs."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

Received = dict[str, Any]
LARGE = b'{"text":"' + b"the same again " * 1_000 + b'"}'


class Upstream:
    """Says its own name in each answer. `behave`: path → what it does first (sleep, close, ...)."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.ready = True
        self.received: list[Received] = []
        self.behave: dict[str, Callable[[BaseHTTPRequestHandler], bool]] = {}
        self._server: ThreadingHTTPServer | None = None
        self.port = 0
        self.open()

    def open(self) -> None:
        """It listens, on the port it had before."""
        self._server = ThreadingHTTPServer(("127.0.0.1", self.port), _handler(self))
        self._server.daemon_threads = True
        self.port = self._server.server_port
        threading.Thread(target=self._server.serve_forever, args=(0.02,), daemon=True).start()

    def close(self) -> None:
        """Nobody listens any more."""
        if self._server is not None:
            self._server.shutdown()
            self._server.server_close()
            self._server = None

    def paths(self) -> list[str]:
        return [one["path"] for one in self.received]


def _handler(upstream: Upstream) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def answer(self) -> None:
            if self.path == "/readyz":
                self._send(200 if upstream.ready else 503, b"{}", {})
                return
            upstream.received.append({"path": self.path, "method": self.command, "headers": dict(self.headers.items())})
            body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
            act = upstream.behave.get(self.path)
            if act is not None and act(self):
                return
            said = {"name": upstream.name, "path": self.path, "size": len(body), "headers": dict(self.headers.items())}
            content = LARGE if self.path.endswith("/large") else json.dumps(said).encode()
            self._send(200, content, {"ETag": '"7"', "Server": "something", "Via": "1.1 something"})

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


def trickle(handler: BaseHTTPRequestHandler) -> bool:
    """An event stream: one event now, then nothing for long."""
    handler.send_response_only(200)
    handler.send_header("Content-Type", "text/event-stream")
    handler.end_headers()
    handler.wfile.write(b"event: ready\ndata: {}\n\n")
    handler.wfile.flush()
    time.sleep(30)
    return True
