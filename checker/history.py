"""The history of a run: what every client asked and was told, one JSON line when it asks and one when it knows.

A command is one operation over all its attempts: `ok` once an attempt was answered 2xx, `fail` only when every attempt
was definitely refused, else `info`: it may have taken effect once or not at all. After an `info` the client goes on
under another process number, for its old self may still be at work. What the stores hold stays out.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import IO, Any, Literal

import msgspec

Type = Literal["invoke", "ok", "fail", "info"]

REFUSALS = frozenset({400, 401, 403, 404, 412, 413, 415, 422, 429})
UNSENT = "refused"
"""The attempt that never left: nobody listened."""
NOT_YET = "idempotency-key-in-flight"
"""The one 409 that says nothing of the outcome: an earlier attempt of the same key is still at work."""

READS = frozenset({"read", "list", "hear"})


class Row(msgspec.Struct, kw_only=True, omit_defaults=True):
    """One line. Of an `invoke` the first group of fields, of a completion the second; `index` joins the two."""

    type: Type
    index: int
    process: int
    ns: int
    """By the clients' one monotonic clock."""

    f: str = ""
    principal: str = ""
    key: str = ""
    correlation: str = ""
    """Chosen by the client; every event names the command that wrote it by this."""
    stream: str = ""
    expected: int | None = None
    """The version that If-Match asked for."""
    token: dict[str, int] = {}
    """Stream → version, of the Consistency-Token sent."""
    args: dict[str, Any] = {}

    attempts: list[str] = []
    """`201`, `409 contended` (status and problem type), `reset`, `timeout`, or `refused` (before anything was sent)."""
    answers: list[str] = []
    """A digest of status and body for each attempt answered 2xx."""
    body: str = ""
    """The last answer's body: of a command that was acknowledged, of anything answered 5xx."""
    versions: dict[str, int] = {}
    """Stream → version, as the answer said."""
    seen: dict[str, Any] = {}


class Operation(msgspec.Struct, kw_only=True):
    """One command or read from its first attempt to its last. `until` is the end of time where no end is known."""

    row: Row
    end: Row | None
    outcome: Type
    began: int
    until: int

    @property
    def f(self) -> str:
        return self.row.f

    @property
    def name(self) -> tuple[str, str]:
        """What makes two operations one command to the system: principal and key; without a key each is its own."""
        return self.row.principal, self.row.key or self.row.correlation

    @property
    def versions(self) -> dict[str, int]:
        return self.end.versions if self.end else {}

    @property
    def attempts(self) -> list[str]:
        return self.end.attempts if self.end else []

    def __str__(self) -> str:
        told = ", ".join(self.attempts[-3:]) or "no answer"
        return f"{self.row.f} {self.row.stream} by {self.row.principal} (operation {self.row.index}: {told})"


END_OF_TIME = 2**63 - 1


class BadHistory(Exception):
    """The history is not one: the recorder is at fault, and nothing can be said of the system."""


class Recorder:
    """Writes a history, each line at once, so that a client that dies leaves what it asked."""

    def __init__(self, file: IO[bytes]) -> None:
        self._file = file
        self._encode = msgspec.json.Encoder().encode

    def write(self, row: Row) -> None:
        self._file.write(self._encode(row) + b"\n")


def outcome_of(attempts: Sequence[str]) -> Type:
    """What is known of an operation with these attempts."""
    if any(attempt[:1] == "2" or attempt[:3] == "304" for attempt in attempts):
        return "ok"
    return "fail" if attempts and all(_definite(attempt) for attempt in attempts) else "info"


def _definite(attempt: str) -> bool:
    if attempt == UNSENT:
        return True
    status, _, problem = attempt.partition(" ")
    return status.isdigit() and (int(status) in REFUSALS or (int(status) == 409 and problem != NOT_YET))


def read_history(path: Path) -> list[Operation]:
    """Every operation, in the order they began. Raises BadHistory."""
    decode = msgspec.json.Decoder(Row).decode
    with path.open("rb") as lines:
        return pair(decode(line) for line in lines if line.strip())


def pair(rows: Iterable[Row]) -> list[Operation]:
    """Invocations joined with their completions; the outcome is derived anew. Raises BadHistory."""
    operations: dict[int, Operation] = {}
    busy: dict[int, int] = {}
    retired: set[int] = set()
    for row in rows:
        if row.type == "invoke":
            if row.index in operations:
                raise BadHistory(f"operation {row.index} begins twice")
            if row.process in busy:
                raise BadHistory(f"process {row.process} asks again before it was answered (operation {row.index})")
            if row.process in retired:
                raise BadHistory(f"process {row.process} went on after an unknown outcome (operation {row.index})")
            busy[row.process] = row.index
            operations[row.index] = Operation(row=row, end=None, outcome="info", began=row.ns, until=END_OF_TIME)
            continue
        operation = operations.get(row.index)
        if operation is None or operation.end is not None:
            raise BadHistory(f"operation {row.index} ends without a beginning")
        if busy.pop(row.process, None) != row.index:
            raise BadHistory(f"operation {row.index} ends in another process than it began in")
        if row.type != outcome_of(row.attempts):
            raise BadHistory(f"operation {row.index} is written down as {row.type}; its attempts say otherwise")
        operation.end, operation.outcome = row, row.type
        if row.type == "info":
            retired.add(row.process)  # and what it asked may still take effect at any time
        else:
            operation.until = row.ns
    return list(operations.values())


def commands_of(operations: Iterable[Operation]) -> list[Operation]:
    return [operation for operation in operations if operation.f not in READS]
