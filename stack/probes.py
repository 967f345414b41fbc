"""Whether our processes are ready: their own word over HTTP, and who really listens on a shared port."""

from __future__ import annotations

import http.client

import psutil

from stack.ports import HOST


def readiness(port: int, seconds: float = 3.0) -> str:
    """`ready`, `not ready` (it answers and says so) or `unreachable`."""
    connection = http.client.HTTPConnection(HOST, port, timeout=seconds)
    try:
        connection.request("GET", "/readyz")
        answer = connection.getresponse()
        answer.read()
        return "ready" if answer.status == 200 else "not ready"
    except (OSError, http.client.HTTPException):
        return "unreachable"
    finally:
        connection.close()


def listens(pid: int, port: int) -> bool:
    """Whether the process itself, or a child of it, listens on `port`: several apps share one."""
    try:
        head = psutil.Process(pid)
        family = [head, *head.children(recursive=True)]
        return any(
            link.status == psutil.CONN_LISTEN and link.laddr.port == port
            for member in family
            for link in member.net_connections("tcp")
        )
    except (psutil.NoSuchProcess, psutil.AccessDenied):
        return False
