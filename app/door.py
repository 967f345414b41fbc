"""Refused at the door: what a later stage could not hold. Every request body passes here before it is decoded.

Sizes are bounded by the server's settings. Integers beyond 64 bits, unknown and dotted or `$` keys are refused by the
typed bodies themselves, which are decoded strictly: "5" is no integer, and a number no time. Lone surrogates are
refused by the JSON decoder; NUL and deep nesting here.
"""

from __future__ import annotations

import re
from functools import cache
from typing import Any, cast

import msgspec
from litestar import Request

from app.problems import Problem

DEPTH_LIMIT = 64
"""Of nesting: beyond it a decoder may overflow its stack, and MongoDB stops at 100."""


class DoorRequest(Request[Any, Any, Any]):
    """Litestar's request; its body is bounded while it is read, and checked once.

    Reads the body itself, and headers by a plain dict: the framework's general ways cost a tenth of a command.
    """

    _checked: bytes | None = None
    _head: dict[bytes, bytes] | None = None

    def header(self, name: bytes) -> str | None:
        """The last header of that lower-case name, or None."""
        if self._head is None:
            self._head = dict(self.scope["headers"])
        value = self._head.get(name)
        return None if value is None else value.decode("latin-1")

    async def body(self) -> bytes:
        if self._checked is None:
            limit = cast(int, self.route_handler.resolve_request_max_body_size())
            body = b""
            while True:
                message = await self.receive()
                if message["type"] == "http.disconnect":
                    raise ClientDisconnected
                body += cast(bytes, message.get("body", b""))
                if len(body) > limit:
                    raise Problem(413, "body-too-large", f"the body is larger than {limit} bytes", limit=limit)
                if not message.get("more_body", False):
                    break
            check_body(body)
            self._checked = body
        return self._checked

    async def json(self) -> Any:
        """The body as the route declares it. The framework's own way coerces, and takes two passes for it."""
        body_type = self.route_handler.parsed_fn_signature.parameters["data"].annotation
        body = await self.body()
        try:
            return _decoder(body_type).decode(body)
        except msgspec.ValidationError as error:
            message, _, place = str(error).partition(" - at ")
            found = _PLACE.fullmatch(place)
            errors = [{"message": message, "key": found[1] if found else "data", "source": "body"}]
            detail = f"Validation failed for {self.method} {self.url.path}"
            raise Problem(422, "invalid-request", detail, errors=errors) from error
        except msgspec.DecodeError as error:
            raise Problem(400, "malformed-json", f"the body is not JSON: {error}") from error


_PLACE = re.compile(r"`\$\.(.+)`")


@cache
def _decoder(body_type: Any) -> msgspec.json.Decoder[Any]:
    return msgspec.json.Decoder(body_type)


class ClientDisconnected(Exception):
    """The client went away before its request was whole; nobody is left to answer."""


def check_body(body: bytes) -> None:
    """Raises Problem 422 for what could not be stored or projected, 400 for what is not even text."""
    try:
        body.decode()
    except UnicodeDecodeError as error:  # the JSON decoder would notice too, by an error that is not its own
        raise Problem(400, "malformed-json", f"the body is not UTF-8 at byte {error.start}") from None
    if body.count(b"[") + body.count(b"{") > DEPTH_LIMIT and _depth(body) > DEPTH_LIMIT:
        raise Problem(422, "too-deep", f"the body nests deeper than {DEPTH_LIMIT}")
    if b"\\u0000" in body and _has_escaped_nul(body):
        raise Problem(422, "bad-character", "text must not hold the character NUL")


def check_text(text: str) -> str:
    """A path or header value that becomes part of a name. Raises Problem 422 for NUL."""
    if "\x00" in text:
        raise Problem(422, "bad-character", "text must not hold the character NUL")
    return text


def _depth(body: bytes) -> int:
    deepest = depth = 0
    in_text = escaped = False
    for byte in body:
        if escaped:
            escaped = False
        elif in_text:
            escaped = byte == 0x5C
            in_text = byte != 0x22
        elif byte == 0x22:
            in_text = True
        elif byte in b"[{":
            depth += 1
            deepest = max(deepest, depth)
        elif byte in b"]}":
            depth -= 1
    return deepest


def _has_escaped_nul(body: bytes) -> bool:
    """Whether a NUL is escaped in the JSON: \\u0000 behind an even number of further backslashes."""
    at = body.find(b"\\u0000")
    while at >= 0:
        before = at
        while before and body[before - 1] == 0x5C:
            before -= 1
        if (at - before) % 2 == 0:
            return True
        at = body.find(b"\\u0000", at + 1)
    return False
