"""What the API says of itself without running: the OpenAPI of all sides in one, and what a gateway must know of them.

Made from the routes themselves, so it is true whatever the domains are; nothing connects. Each process serves the
description of its own side (app.docs); what one origin offers is described here.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from itertools import product
from typing import Any, get_type_hints

import msgspec
from litestar.di import Dependency
from litestar.serialization import encode_json

from app.api import make_described_api
from app.commands.side import http_routes as command_routes
from app.history.side import http_routes as history_routes
from app.queries.side import http_routes as query_routes
from app.side import Side
from kernel.settings import Settings

PREFIX = "/api/v1"
READS, COMMANDS = {"GET"}, {"POST", "PUT", "PATCH", "DELETE"}
_PARAMETER = re.compile(r"\{\w+:(\w+)\}")
_ACCEPTED = {"uuid": "[0-9A-Fa-f-]+", "int": "-?[0-9]+"}
_ANYTHING = "[^/]+"


class Unroutable(Exception):
    """A route that a gateway could not bring to its side by method and path; the message names it."""


def openapi(settings: Settings) -> bytes:
    """The description of all sides together, as JSON for people to read."""
    sides = [_closed(routes(settings)) for routes in (command_routes, query_routes, history_routes)]
    schema = make_described_api(settings, sides).openapi_schema.to_schema()
    return msgspec.json.format(encode_json(schema), indent=2) + b"\n"


def gateway_routes(settings: Settings) -> bytes:
    """Which reads are the history side's, as a matcher of the gateway: all others are the query side's, and what is no
    read is a command. Raises Unroutable for a route that this would bring to another side."""
    commands, queries, history = (
        list(_methods_and_paths(routes(settings))) for routes in (command_routes, query_routes, history_routes)
    )
    _refuse(commands, READS, "the command side answers no reads")
    _refuse([*queries, *history], COMMANDS, "the read sides take no commands")
    for (_, one), (_, other) in product(history, queries):
        if _may_meet(one, other):
            raise Unroutable(f"GET {one} (history) and GET {other} (queries) may be the same address")
    patterns = sorted({_pattern(path) for _, path in history})
    either = f"(?:{'|'.join(patterns)})" if patterns else "$^"  # what nothing matches
    return (
        "# Reads that the history side answers; written by `lockstep describe` from its routes.\n"
        f"@history {{\n\tmethod GET HEAD\n\tpath_regexp `^{PREFIX}{either}/?$`\n}}\n"
    ).encode()


def _closed(routes: list[Any]) -> Side:
    """A side that is described and never run: whatever its routes need is nothing."""
    return Side(routes=routes, dependencies=dict.fromkeys(_needs(routes)), exception_handlers={}, checks={})


def _needs(routes: Iterable[Any]) -> Iterator[str]:
    for route in routes:
        for name, hint in get_type_hints(route.fn, include_extras=True).items():
            if any(isinstance(one, Dependency) for one in getattr(hint, "__metadata__", ())):
                yield name


def _methods_and_paths(routes: Iterable[Any]) -> Iterator[tuple[str, str]]:
    for route in routes:
        yield from ((str(method), path) for method in sorted(route.http_methods) for path in sorted(route.paths))


def _refuse(routes: Iterable[tuple[str, str]], methods: set[str], why: str) -> None:
    for method, path in routes:
        if method in methods:
            raise Unroutable(f"{method} {path}: {why}")


def _pattern(path: str) -> str:
    return "/".join(_accepted(segment) for segment in path.split("/"))


def _accepted(segment: str) -> str:
    """What may stand in an address for this segment of a route's path, as a regular expression."""
    parameter = _PARAMETER.fullmatch(segment)
    return re.escape(segment) if parameter is None else _ACCEPTED.get(parameter[1], _ANYTHING)


def _may_meet(one: str, other: str) -> bool:
    """Whether some address fits both paths."""
    mine, theirs = one.strip("/").split("/"), other.strip("/").split("/")
    return len(mine) == len(theirs) and all(_segments_meet(*pair) for pair in zip(mine, theirs, strict=True))


def _segments_meet(one: str, other: str) -> bool:
    if "{" in one and "{" in other:
        return True
    return bool(re.fullmatch(_accepted(one), other) or re.fullmatch(_accepted(other), one))
