"""Waiting for facts instead of sleeping: `await eventually(fact)` in a coroutine, `until(fact)` anywhere else.

A fact is a function; it has come true when what it says is true. One that fails by AssertionError is asked again; its
last failure is what is told in the end.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable
from typing import Any, TypeVar

T = TypeVar("T")


async def eventually(fact: Callable[[], Any | Awaitable[Any]], within: float = 10.0, every: float = 0.02) -> Any:
    """What `fact` says once it is true. Raises AssertionError when that takes longer than `within` seconds."""
    deadline = time.monotonic() + within
    while True:
        failure: AssertionError | None = None
        try:
            said = fact()
            if isinstance(said, Awaitable):
                said = await said
        except AssertionError as error:
            said, failure = None, error
        if said:
            return said
        if time.monotonic() >= deadline:
            raise AssertionError(f"not within {within} s: {failure or fact}") from failure
        await asyncio.sleep(every)


def until(fact: Callable[[], T], within: float = 30.0, every: float = 0.05) -> T:
    """The same where nothing can be awaited: whole processes are usually asked, so it is more patient."""
    deadline = time.monotonic() + within
    while True:
        failure: AssertionError | None = None
        try:
            if said := fact():
                return said
        except AssertionError as error:
            failure = error
        if time.monotonic() >= deadline:
            raise AssertionError(f"not within {within} s: {failure or fact}") from failure
        time.sleep(every)
