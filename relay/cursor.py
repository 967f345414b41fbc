"""How far a lane has got: a PostgreSQL snapshot, not a number, and its compact text for Kafka's offset metadata.

All that `passed` sees has been published. While a backlog is paged, `until` is the snapshot in hand: of what `until`
sees and `passed` does not, rows up to position `last` have been published. A cursor means something in the PostgreSQL
cluster, database and timeline that made it, and nowhere else, so it carries all three. `number` counts the lane's
records and only grows: of two cursors the one with the higher number is newer.

Invariant: a snapshot kept here never reaches beyond the newest commit it delivers (`reaching`). A transaction that was
aborted leaves no trace in the log of a server that crashes soon after, and its id is then given out again: a cursor
that had counted it as passed would skip whatever commits under it.
"""

from __future__ import annotations

from collections.abc import Iterable

import msgspec

METADATA_BYTES = 4_096
"""Kafka refuses longer offset metadata (offset.metadata.max.bytes)."""

_FORMAT = "1"
_DIGITS = "0123456789abcdefghijklmnopqrstuvwxyz"


class CursorUnreadable(Exception):
    """Something other than a cursor of this format stands where a cursor should."""


class CursorTooLong(Exception):
    """So many transactions are writing at once that the cursor does not fit into Kafka's offset metadata."""


class Identity(msgspec.Struct, frozen=True):
    """Where transaction ids come from: a cluster, a database of it, and the timeline it is on."""

    system: int
    database: int
    timeline: int

    def __str__(self) -> str:
        return f"cluster {self.system}, database {self.database}, timeline {self.timeline}"


class Snapshot(msgspec.Struct, frozen=True):
    """What a transaction could see: every id below `xmax` that is not in `running`."""

    xmax: int
    running: tuple[int, ...] = ()

    @classmethod
    def of(cls, snapshot: tuple[int, int, Iterable[int]]) -> Snapshot:
        """From the driver's pg_snapshot."""
        return cls(snapshot[1], tuple(sorted(snapshot[2])))

    @property
    def pg(self) -> tuple[int, int, tuple[int, ...]]:
        """As the driver's pg_snapshot."""
        return (self.running[0] if self.running else self.xmax), self.xmax, self.running

    def reaching(self, newest: int) -> Snapshot:
        """This snapshot cut off behind the id `newest`, the highest that it delivers."""
        if newest + 1 >= self.xmax:
            return self
        return Snapshot(newest + 1, tuple(xid for xid in self.running if xid <= newest))

    def sees(self, xid: int) -> bool:
        return xid < self.xmax and xid not in self.running


NOTHING = Snapshot(1)
"""Sees no transaction: where a lane begins."""


class Cursor(msgspec.Struct, frozen=True, kw_only=True):
    """A lane's place in the outbox."""

    identity: Identity
    number: int = 0
    passed: Snapshot = NOTHING
    until: Snapshot | None = None
    last: int = 0

    def encode(self) -> str:
        """Text that fits Kafka's offset metadata. Raises CursorTooLong."""
        identity = f"{self.identity.system}.{self.identity.database}.{self.identity.timeline}"
        until = _snapshot_text(self.until) if self.until else ""
        text = "|".join((_FORMAT, identity, str(self.number), _snapshot_text(self.passed), until, str(self.last)))
        if len(text) >= METADATA_BYTES:
            raise CursorTooLong(f"{len(text)} bytes of cursor: too many transactions are writing at once")
        return text


def decode_cursor(text: str) -> Cursor:
    """The cursor of `Cursor.encode`. Raises CursorUnreadable."""
    try:
        form, identity, number, passed, until, last = text.split("|")
        if form != _FORMAT:
            raise CursorUnreadable(f"a cursor of format {form}; this relay knows {_FORMAT}")
        return Cursor(
            identity=Identity(*(int(part) for part in identity.split("."))),
            number=int(number),
            passed=_read_snapshot(passed),
            until=_read_snapshot(until) if until else None,
            last=int(last),
        )
    except (ValueError, TypeError) as error:
        raise CursorUnreadable(f"not a cursor: {text[:60]!r}") from error


def _snapshot_text(snapshot: Snapshot) -> str:
    # each running id as its distance from the one above it, in base 36: two or three characters each
    parts, above = [str(snapshot.xmax)], snapshot.xmax
    for xid in reversed(snapshot.running):
        parts.append(_base36(above - xid))
        above = xid
    return ",".join(parts)


def _read_snapshot(text: str) -> Snapshot:
    first, *distances = text.split(",")
    xid = xmax = int(first)
    running: list[int] = []
    for distance in distances:
        xid -= int(distance, 36)
        running.append(xid)
    return Snapshot(xmax, tuple(reversed(running)))


def _base36(number: int) -> str:
    digits = ""
    while number:
        number, digit = divmod(number, 36)
        digits = _DIGITS[digit] + digits
    return digits or "0"
