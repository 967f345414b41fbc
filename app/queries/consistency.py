"""Read your own writes: a Consistency-Token names versions, and a read waits until the documents have got there.

A read that was let through never shows a state older than its token; one that was not says how far behind the
documents are. All waiting readers of a process wake on one grid of time, so they share one query a tick.
"""

from __future__ import annotations

import asyncio
import math
import re
from collections.abc import Iterable, Mapping
from typing import Any

import msgspec

from app.queries.documents import Documents
from app.queries.errors import BadToken, ProjectionBehind
from kernel.projection import Projection

DEFAULT_WAIT_SECONDS = 2.0
MAX_WAIT_SECONDS = 10.0
MAX_STREAMS = 32
"""In one token: what one command can have written, with room."""

TICK_SECONDS = 0.004
MAX_PAUSE_SECONDS = 0.064

_ENTRY = re.compile(r"([a-z][a-z0-9_]{0,63})-([0-9A-Za-z._~-]{1,128})@([0-9]{1,18})", re.ASCII)
_WAIT = re.compile(r"(?:^|[,;\s])wait\s*=\s*\"?([0-9]{1,6}(?:\.[0-9]{1,6})?)\"?\s*(?:[,;]|$)", re.IGNORECASE | re.ASCII)


class Seen(msgspec.Struct, frozen=True):
    """A version of a stream that somebody has seen."""

    category: str
    stream: str
    version: int


def format_token(*seen: tuple[str, int]) -> str:
    """The Consistency-Token of (stream, version) pairs."""
    return ",".join(f"{stream}@{version}" for stream, version in seen)


def parse_token(token: str) -> list[Seen]:
    """What a token names, each stream once, at its highest version. Raises BadToken."""
    entries = [entry.strip() for entry in token.split(",")]
    if len(entries) > MAX_STREAMS:
        raise BadToken(f"a Consistency-Token names at most {MAX_STREAMS} streams")
    highest: dict[str, Seen] = {}
    for entry in entries:
        match = _ENTRY.fullmatch(entry)
        if match is None:
            raise BadToken("a Consistency-Token is <stream>@<version>, several separated by commas")
        category, identifier, version = match.groups()
        seen = Seen(category, f"{category}-{identifier}", int(version))
        known = highest.get(seen.stream)
        if known is None or known.version < seen.version:
            highest[seen.stream] = seen
    return list(highest.values())


def parse_wait(prefer: str | None) -> float:
    """Seconds a reader would wait: `Prefer: wait=…`, else the default. A preference nobody understands is no error."""
    match = _WAIT.search(prefer) if prefer else None
    return DEFAULT_WAIT_SECONDS if match is None else min(float(match.group(1)), MAX_WAIT_SECONDS)


def primaries_by_category(projections: Iterable[Projection]) -> dict[str, tuple[str, ...]]:
    """Category of streams → the primary collections that hold one document for each of its streams."""
    found: dict[str, tuple[str, ...]] = {}
    for projection in projections:
        for category in projection.categories:
            found[category] = (*found.get(category, ()), projection.primary_of(category))
    return found


class Freshness:
    """Lets reads wait for the versions they name. `primaries`: category → its primary collections."""

    def __init__(self, documents: Documents, primaries: Mapping[str, tuple[str, ...]]) -> None:
        self._documents = documents
        self._primaries = primaries

    async def wait(self, token: str | None, prefer: str | None) -> None:
        """Returns once every document the token names is there. Raises BadToken or ProjectionBehind."""
        if token is None:
            return
        lacking = self._wanted(token)
        seconds = parse_wait(prefer)
        now = asyncio.get_running_loop().time
        deadline, pause = now() + seconds, TICK_SECONDS
        while behind := await self._behind(lacking):
            if now() >= deadline:
                raise ProjectionBehind(seconds, behind)
            await asyncio.sleep(min(_to_next_tick(now() + pause), deadline) - now())
            pause = min(pause * 1.5, MAX_PAUSE_SECONDS)

    def _wanted(self, token: str) -> dict[str, dict[str, int]]:
        """Primary collection → stream → version that it must reach."""
        wanted: dict[str, dict[str, int]] = {}
        for seen in parse_token(token):
            if seen.category not in self._primaries:
                raise BadToken(f"there are no streams of the category {seen.category} here")
            for collection in self._primaries[seen.category]:
                wanted.setdefault(collection, {})[seen.stream] = seen.version
        return wanted

    async def _behind(self, lacking: dict[str, dict[str, int]]) -> list[dict[str, Any]]:
        """What is still missing; what has been reached is crossed off `lacking`, for versions never go back."""
        behind = []
        for collection, streams in list(lacking.items()):
            reached = await self._documents.versions(collection, list(streams))
            for stream, asked in list(streams.items()):
                if reached[stream] >= asked:
                    del streams[stream]
                else:
                    behind.append({"stream": stream, "asked": asked, "reached": reached[stream]})
            if not streams:
                del lacking[collection]
        return behind


def _to_next_tick(moment: float) -> float:
    return math.ceil(moment / TICK_SECONDS) * TICK_SECONDS
