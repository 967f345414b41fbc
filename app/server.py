"""The HTTP server: uvicorn in this process's own event loop. Several processes may share one port (SO_REUSEPORT)."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from uvicorn import Config, Server

BACKLOG = 2_048
LIVE_SECONDS = 75
"""How long a connection may rest between requests."""


async def serve_http(app: Any, host: str, port: int, stop: asyncio.Event, grace_seconds: float) -> None:
    """Answers requests until `stop`; then takes no new ones, and returns when those in hand are answered."""
    config = Config(
        app,
        http="httptools",
        loop="none",
        lifespan="off",
        ws="none",
        access_log=False,
        log_config=None,
        server_header=False,
        proxy_headers=False,
        timeout_keep_alive=LIVE_SECONDS,
        timeout_graceful_shutdown=max(1, int(grace_seconds)),
    )
    server = _Quiet(config)
    with _listening(host, port) as listener:
        serving = asyncio.create_task(server.serve([listener]))
        stopping = asyncio.create_task(stop.wait())
        await asyncio.wait({serving, stopping}, return_when=asyncio.FIRST_COMPLETED)
        server.should_exit = True
        stopping.cancel()
        await serving


class _Quiet(Server):
    """Leaves signals to the process: kernel.service decides what they mean."""

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        yield


@contextmanager
def _listening(host: str, port: int) -> Iterator[socket.socket]:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family, socket.SOCK_STREAM) as listener:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
        listener.bind((host, port))
        listener.listen(BACKLOG)
        yield listener
