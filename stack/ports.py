"""Ports on the loopback address: fixed from a base, or free ones that are kept from run to run while they stay free.

With `--base-port N`: N the API (the gateway, if there is one), N+1 PostgreSQL, N+2 Kafka, N+3 Kafka's controller, N+4
MongoDB; then N+10, N+11, ... the relays' health ports, from N+30 the projectors', and behind a gateway from N+50 the
commands', from N+90 the queries', from N+130 history's.
"""

from __future__ import annotations

import json
import secrets
import socket
from pathlib import Path

from stack.errors import StackError

HOST = "127.0.0.1"
LOWEST = 15_000
OUTGOING_RANGE = Path("/proc/sys/net/ipv4/ip_local_port_range")
FIXED = ("api", "postgres", "kafka", "kafka-controller", "mongo")
COUNTED_FROM = {"relay": 10, "projector": 30, "commands": 50, "queries": 90, "history": 130}


class Ports:
    """One port a name. Two names never share one."""

    def __init__(self, memory: Path, base_port: int | None = None) -> None:
        self._memory = memory
        self._base = base_port
        self._given: dict[str, int] = {}
        self._remembered: dict[str, int] = json.loads(memory.read_text()) if memory.exists() else {}

    def take(self, name: str) -> int:
        """The port of `name`, free at this moment. Raises StackError when a fixed one is taken."""
        if name not in self._given:
            self._given[name] = self._fixed(name) if self._base is not None else self._any(name)
            self._memory.write_text(json.dumps(self._given))
        return self._given[name]

    def _fixed(self, name: str) -> int:
        assert self._base is not None
        if name in FIXED:
            port = self._base + FIXED.index(name)
        else:
            kind, _, number = name.partition("-")
            port = self._base + COUNTED_FROM[kind] + int(number) - 1
        if not is_free(port):
            raise StackError(
                f"port {port} ({name}) is in use; stop what uses it, give another --base-port, or none for free ports"
            )
        return port

    def _any(self, name: str) -> int:
        remembered = self._remembered.get(name)
        if remembered and remembered not in self._given.values() and is_free(remembered):
            return remembered
        while (port := free_port()) in self._given.values():
            continue
        return port


def is_free(port: int) -> bool:
    """Whether something could listen on `port` now."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((HOST, port))
        except (OSError, OverflowError):
            return False
        return True


def free_port() -> int:
    """A port nobody listens on at this moment, below those the system gives to outgoing connections.

    Among those, a client that knocks at a server which is down can be given the server's own port and talk to itself.
    """
    while not is_free(port := secrets.randbelow(first_outgoing_port() - LOWEST) + LOWEST):
        continue
    return port


def first_outgoing_port() -> int:
    try:
        return max(int(OUTGOING_RANGE.read_text().split()[0]), LOWEST + 1000)
    except OSError:
        return 32_768


def answers(host: str, port: int, seconds: float = 2.0) -> bool:
    """Whether something accepts connections on `port`."""
    try:
        socket.create_connection((host, port), timeout=seconds).close()
    except OSError:
        return False
    return True
