"""A side of the API: commands, queries or history. Each brings its routes and what they need."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Coroutine, Mapping, Sequence
from typing import Any

import msgspec

from app.problems import Handler
from kernel.health import Check

Loop = Callable[[asyncio.Event], Coroutine[Any, Any, None]]


class Asked(msgspec.Struct, frozen=True):
    """A dependency that every request asks for anew."""

    of: Callable[[], Awaitable[Any]]


class Side(msgspec.Struct, frozen=True, kw_only=True):
    """One side, open: `loops` run until stop; `drain` is called when a stop is asked for. A dependency is what routes
    are given by its name, or Asked."""

    routes: Sequence[Any]
    dependencies: Mapping[str, Any]
    exception_handlers: Mapping[type[Exception], Handler]
    checks: Mapping[str, Check]
    loops: Sequence[Loop] = ()
    drain: Callable[[], None] = lambda: None
