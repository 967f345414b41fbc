"""Who has which lane: membership, leases by the database's clock, and the sharing that follows from both.

Invariant: a lane has at most one owner at a time by the database's clock, each taking raises its epoch, and everything
its owner later says carries the epoch. That keeps relays out of each other's way; what keeps Kafka exact even when an
owner does not know that it has lost its lane is the fence (publisher.py).
"""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING
from uuid import UUID

import msgspec

from relay.cursor import Cursor
from relay.wakeup import LANES_CHANNEL

if TYPE_CHECKING:
    from relay.database import Pool

MOST_LANES = 64
"""Each is a producer and a transaction of its own."""

# The cast is not for show: from `10 * $2` alone PostgreSQL takes $2 for an integer, and the driver then rounds half a
# second of lease down to none.
BEAT = """
    WITH alive AS (
        INSERT INTO relay_members (relay, seen_at) VALUES ($1, clock_timestamp())
        ON CONFLICT (relay) DO UPDATE SET seen_at = excluded.seen_at
    ), gone AS (
        DELETE FROM relay_members WHERE seen_at < clock_timestamp() - make_interval(secs => 10 * $2::float8)
    ), renewed AS (
        UPDATE relay_lanes l SET lease_until = clock_timestamp() + make_interval(secs => $2)
        FROM unnest($3::smallint[], $4::bigint[]) AS mine (lane, epoch)
        WHERE l.lane = mine.lane AND l.owner = $1 AND l.epoch = mine.epoch
        RETURNING l.lane
    )
    SELECT l.lane, l.owner, l.lease_until > clock_timestamp() AS leased,
           l.lane IN (SELECT lane FROM renewed) AS renewed,
           (SELECT array_agg(relay) FROM relay_members
            WHERE seen_at > clock_timestamp() - make_interval(secs => $2)) AS members
    FROM relay_lanes l ORDER BY l.lane
"""
TAKE = """
    UPDATE relay_lanes
    SET owner = $1, epoch = epoch + 1, lease_until = clock_timestamp() + make_interval(secs => $2)
    WHERE lane = $3 AND (owner IS NULL OR owner = $1 OR lease_until <= clock_timestamp())
    RETURNING epoch
"""
RELEASE = """
    UPDATE relay_lanes SET owner = NULL, lease_until = '-infinity' WHERE lane = $1 AND owner = $2 AND epoch = $3
"""
CONFIRM = """
    UPDATE relay_lanes
    SET cursor = $4, passed = $5, position = greatest(position, $6), confirmed_at = clock_timestamp()
    WHERE lane = $1 AND owner = $2 AND epoch = $3
    RETURNING 1
"""


class LeaseLost(Exception):
    """Somebody else has the lane, or may have."""


class Lease(msgspec.Struct):
    """One lane for one owner, until `good_until` on this process's own monotonic clock (always the earlier one)."""

    lane: int
    epoch: int
    good_until: float

    def check(self) -> None:
        """Raises LeaseLost when the lease may be over."""
        if time.monotonic() >= self.good_until:
            raise LeaseLost(f"lane {self.lane}: the lease of epoch {self.epoch} was not renewed in time")


class View(msgspec.Struct, frozen=True):
    """The lanes as the database saw them: lane → owner (None: free), and the relays that are alive."""

    owners: Mapping[int, UUID | None]
    members: Sequence[UUID]


def lanes_to_take(view: View, me: UUID, held: int) -> list[int]:
    """Free lanes that are this relay's share."""
    free = [lane for lane, owner in view.owners.items() if owner is None]
    share = -(-len(view.owners) // max(1, len({*view.members, me})))
    return free[: max(0, share - held)]


def must_give_one(view: View, me: UUID) -> bool:
    """Whether this relay is the one to hand a lane over, so that another has its share."""
    members = {*view.members, me}
    counts = Counter(owner for owner in view.owners.values() if owner in members)
    least = len(view.owners) // len(members)
    if any(owner is None for owner in view.owners.values()) or all(counts[member] >= least for member in members):
        return False
    most = max(counts.values(), default=0)
    return counts[me] > least and me == min(member for member in members if counts[member] == most)


class Lanes:
    """This relay's part in the sharing."""

    def __init__(self, pool: Pool, me: UUID, lease_seconds: float) -> None:
        self._pool = pool
        self.me = me
        self._lease_seconds = lease_seconds

    async def beat(self, held: Sequence[Lease]) -> tuple[View, set[int]]:
        """This relay is alive and its leases are renewed; how things stand, and the lanes of `held` that are lost."""
        before = time.monotonic()
        rows = await self._pool.fetch(
            BEAT, self.me, self._lease_seconds, [lease.lane for lease in held], [lease.epoch for lease in held]
        )
        renewed = {row["lane"] for row in rows if row["renewed"]}
        for lease in held:
            if lease.lane in renewed:
                lease.good_until = before + self._lease_seconds
        owners = {
            row["lane"]: row["owner"]
            if row["lane"] in renewed or (row["leased"] and row["owner"] not in (None, self.me))
            else None
            for row in rows
        }
        members = (rows[0]["members"] or ()) if rows else ()
        return View(owners, members), {lease.lane for lease in held} - renewed

    async def take(self, lane: int) -> Lease | None:
        """The lane's lease, or None when somebody was faster."""
        before = time.monotonic()
        async with self._pool.acquire() as connection, connection.transaction():
            await connection.execute("SET LOCAL synchronous_commit = on")  # an epoch is never given out twice
            epoch = await connection.fetchval(TAKE, self.me, self._lease_seconds, lane)
        return Lease(lane, epoch, before + self._lease_seconds) if epoch is not None else None

    async def release(self, lease: Lease) -> None:
        """The lane is free, and the others know."""
        await self._pool.execute(RELEASE, lease.lane, self.me, lease.epoch)
        await self._pool.execute("SELECT pg_notify($1, '')", LANES_CHANNEL)

    async def leave(self) -> None:
        """This relay does not count as alive until its next beat."""
        await self._pool.execute("DELETE FROM relay_members WHERE relay = $1", self.me)
        await self._pool.execute("SELECT pg_notify($1, '')", LANES_CHANNEL)

    async def confirm(self, lease: Lease, cursor: Cursor, position: int) -> None:
        """PostgreSQL has the cursor too. Raises LeaseLost when the lane is no longer this epoch's."""
        arguments = (lease.lane, self.me, lease.epoch, cursor.encode(), cursor.passed.pg, position)
        if await self._pool.fetchval(CONFIRM, *arguments) is None:
            raise LeaseLost(f"lane {lease.lane}: epoch {lease.epoch} is over")

    async def mirror(self, lane: int) -> str | None:
        """The cursor as PostgreSQL has it."""
        text: str | None = await self._pool.fetchval("SELECT cursor FROM relay_lanes WHERE lane = $1", lane)
        return text
