"""A response whose body is bytes already: sent as it is, with just these headers.

Litestar's own response builds and copies headers, cookies and background tasks that such an answer has none of, a
tenth of a command's time in HTTP.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from litestar import Response
from litestar.types import ASGIApp, Receive, Scope, Send


class Encoded(Response[Any]):
    """`content` is JSON, or what `kind` says, or empty (304)."""

    def __init__(
        self, content: bytes, headers: Mapping[str, str], status: int = 200, kind: bytes = b"application/json"
    ) -> None:
        self._content = content
        self._status = status
        self._headers = [(name.lower().encode("latin-1"), value.encode("latin-1")) for name, value in headers.items()]
        if content:
            self._headers.append((b"content-type", kind))
            self._headers.append((b"content-length", b"%d" % len(content)))

    def to_asgi_response(self, *_: Any, **__: Any) -> ASGIApp:  # type: ignore[override]
        return self._answer

    async def _answer(self, _scope: Scope, _receive: Receive, send: Send) -> None:
        await send({"type": "http.response.start", "status": self._status, "headers": self._headers})
        await send({"type": "http.response.body", "body": self._content, "more_body": False})
