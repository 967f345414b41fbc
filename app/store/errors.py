"""What the store can say, in our words. Database errors are translated once, here, by SQLSTATE."""

from __future__ import annotations

import asyncpg


class StoreError(Exception):
    """Base of what the store raises."""


class StoreUnavailable(StoreError):
    """PostgreSQL did not answer: nothing is known of the command. Try again with the same key."""


class RaceLost(StoreError):
    """Another transaction stored a key, stream or claim of this batch first: look again, command by command."""


RACES = frozenset({"LS001", "40P01", "40001", "23505", "LS409"})
"""append_v1's own, deadlock, serialization failure, unique violation, version gap: nothing was stored."""

TRANSIENT_CLASSES = frozenset({"08", "53", "57", "55"})
"""SQLSTATE classes: connection, resources, operator intervention (shutdown, cancel), locks."""


def translated(error: BaseException) -> BaseException:
    """The store's error for a driver's; an error that is a bug of ours comes back as it is."""
    if isinstance(error, asyncpg.PostgresError):
        state: str = getattr(error, "sqlstate", None) or ""
        if state in RACES:
            return RaceLost(str(error))
        if state[:2] in TRANSIENT_CLASSES:
            return StoreUnavailable(str(error))
    elif isinstance(error, (OSError, TimeoutError, asyncpg.InterfaceError, asyncpg.InternalClientError)):
        return StoreUnavailable(f"{type(error).__name__}: {error}")
    return error
