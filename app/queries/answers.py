"""Answers to reads: entity tags, 304, and bodies encoded once.

A document's tag is its stream's version; a list has no version, so its tag is a weak hash of what it shows. Answers
differ from caller to caller, so shared caches must keep their hands off.
"""

from __future__ import annotations

from hashlib import blake2s
from typing import Any, TypeVar

import msgspec
from litestar import Response
from litestar.openapi.datastructures import ResponseSpec

from app.responses import Encoded

NOT_MODIFIED = ResponseSpec(None, description="The reader has this already")

T = TypeVar("T", bound=msgspec.Struct)

_encode = msgspec.json.Encoder().encode
CACHING = {"Cache-Control": "private, no-cache", "Vary": "Authorization"}


def answer_versioned(body: T, stream: str, version: int, if_none_match: str | None) -> Response[T]:
    """One thing, with its version as ETag and a token with which no later read is older; 304 if the reader has it."""
    tag = f'"{version}"'
    headers = {**CACHING, "ETag": tag, "Consistency-Token": f"{stream}@{version}"}
    if if_none_match is not None and matches(if_none_match, tag):
        return _response(b"", headers, 304)
    return _response(_encode(body), headers)


def answer_hashed(body: T, if_none_match: str | None) -> Response[T]:
    """A list or a part of something, with a hash of its content as weak ETag; 304 if the reader has it."""
    content = _encode(body)
    tag = f'W/"{blake2s(content, digest_size=12).hexdigest()}"'
    headers = {**CACHING, "ETag": tag}
    if if_none_match is not None and matches(if_none_match, tag):
        return _response(b"", headers, 304)
    return _response(content, headers)


def answer_passing(body: T) -> Response[T]:
    """What changes by itself, like how fresh a report is: no tag, to be asked for anew."""
    return _response(_encode(body), {"Cache-Control": "private, no-cache", "Vary": "Authorization, Accept"})


def matches(if_none_match: str, tag: str) -> bool:
    """RFC 9110's weak comparison against a list of tags, or `*`."""
    wanted = tag.removeprefix("W/")
    return any(
        given in ("*", wanted) for given in (part.strip().removeprefix("W/") for part in if_none_match.split(","))
    )


def _response(content: bytes, headers: dict[str, str], status: int = 200) -> Response[Any]:
    return Encoded(content, headers, status)
