"""Why a command was not accepted, other than by a rule of its domain. Nothing of it is stored, save where said."""

from __future__ import annotations


class CommandError(Exception):
    """Base of these refusals."""


class KeyReused(CommandError):
    """The Idempotency-Key belongs to another request. `field`: the first top-level field that differs, or `path`, or
    `body` where only the way it is written does."""

    def __init__(self, key: str, field: str) -> None:
        super().__init__(f"{key}: {field} differs")
        self.key, self.field = key, field


class KeyInFlight(CommandError):
    """The first request with this Idempotency-Key is not answered yet."""


class PreconditionFailed(CommandError):
    """If-Match names another version than the stream's."""

    def __init__(self, stream: str, expected: int, actual: int) -> None:
        super().__init__(f"{stream} is at version {actual}, If-Match says {expected}")
        self.stream, self.expected, self.actual = stream, expected, actual


class Contended(CommandError):
    """Others kept writing the stream first, as often as we were willing to decide again."""


class BacklogFull(CommandError):
    """The outbox holds as many unpublished events as it may."""
