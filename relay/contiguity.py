"""Versions of a stream leave in order without a hole, or that stream stops, alone, until the hole is filled.

The rows of a stopped stream are copied aside in PostgreSQL before the cursor passes them (022_relay_held.sql), so the
lane's other streams go on and the cursor stays true. When the missing version has come, the run is put back into the
outbox, once the cursor has passed the originals for good, and leaves as anything new does.
What is known of a stream is what this lane published lately: a stream not seen for long is taken as it comes.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from kernel.telemetry import get_logger
from relay.cursor import Cursor

if TYPE_CHECKING:
    from relay.database import Pool, Record

log = get_logger("relay.contiguity")

REMEMBERED_STREAMS = 200_000

HOLD = "SELECT relay_hold_v1($1::smallint, $2::bigint[], $3::text[], $4::bigint[])"
RELEASE = "SELECT relay_release_held_v1($1::smallint, $2::pg_snapshot)"
HELD_STREAMS = "SELECT stream, wanted FROM relay_held_streams WHERE lane = $1"


class Versions:
    """What each stream's next version must be, as far as this lane knows."""

    def __init__(self) -> None:
        self._last: dict[str, int] = {}
        self.wanted: dict[str, int] = {}
        """Stopped streams and the version each is waiting for."""

    def sift(self, rows: list[Record]) -> tuple[list[Record], list[Record]]:
        """(rows that may leave, rows to hold), both in their order."""
        last, wanted = self._last, self.wanted
        held: list[Record] = []
        for row in rows:
            stream, version = row["stream"], row["version"]
            before = last.get(stream)
            if wanted and stream in wanted and version >= wanted[stream]:
                held.append(row)
            elif before is not None and version != before + 1:
                wanted[stream] = before + 1
                held.append(row)
            else:
                last[stream] = version
        if len(last) > REMEMBERED_STREAMS:
            for stream in list(last)[: REMEMBERED_STREAMS // 2]:
                del last[stream]
        if not held:
            return rows, held
        holding = {(row["stream"], row["version"]) for row in held}
        return [row for row in rows if (row["stream"], row["version"]) not in holding], held


class Contiguity:
    """One lane's guard against holes."""

    def __init__(self, pool: Pool, lane: int) -> None:
        self._pool = pool
        self._lane = lane
        self._versions = Versions()

    @property
    def stopped(self) -> int:
        """How many streams a hole has stopped."""
        return len(self._versions.wanted)

    async def load(self) -> None:
        """The streams that were stopped before are stopped now."""
        self._versions.wanted = {
            row["stream"]: row["wanted"] for row in await self._pool.fetch(HELD_STREAMS, self._lane)
        }

    async def sift(self, rows: list[Record]) -> list[Record]:
        """The rows that may leave; the others are safe aside, and the cursor may pass them all."""
        leaving, held = self._versions.sift(rows)
        if held:
            wanteds = [self._versions.wanted[row["stream"]] for row in held]
            positions, streams = [row["position"] for row in held], [row["stream"] for row in held]
            await self._pool.execute(HOLD, self._lane, positions, streams, wanteds)
            for row, wanted in zip(held, wanteds, strict=True):
                log.error(
                    "a version is missing: the stream is held, the others go on",
                    stream=row["stream"], wanted=wanted, found=row["version"], lane=self._lane,
                )  # fmt: skip
        return leaving

    async def release(self, cursor: Cursor) -> None:
        """What is complete again is back in the outbox."""
        if not self._versions.wanted:
            return
        released = await self._pool.fetchval(RELEASE, self._lane, cursor.passed.pg)
        if released:
            log.warning("missing versions have come, held rows leave", lane=self._lane, rows=released)
            await self.load()
