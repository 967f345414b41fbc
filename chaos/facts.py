"""Waiting for facts instead of sleeping."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable
from typing import Any


async def eventually(fact: Callable[[], Any | Awaitable[Any]], within: float = 10.0, every: float = 0.02) -> Any:
    """What `fact` says once it is true. Raises AssertionError when that takes too long.

    A fact that fails by AssertionError is asked again; its last failure is what is told in the end.
    """
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
