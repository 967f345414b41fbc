"""Rebuilds as the database has them: asked for, taken by one relay under a lease, carried on, finished.

Invariant: one relay at a time replays for a rebuild by the database's clock. What a relay sends that has lost its lease
unknowingly does no harm: a version that a document has already is skipped.
"""

from __future__ import annotations

from typing import TYPE_CHECKING
from uuid import UUID

import msgspec

if TYPE_CHECKING:
    from relay.database import Pool

LEASE_SECONDS = 10.0

TAKE = """
    UPDATE rebuilds SET state = 'replaying', owner = $1, lease_until = clock_timestamp() + make_interval(secs => $2)
    WHERE id = (
        SELECT id FROM rebuilds
        WHERE state IN ('requested', 'replaying') AND lease_until < clock_timestamp() AND projection = ANY ($3)
        -- of two relays that look at once, one takes it and the other takes the next
        ORDER BY requested_at FOR UPDATE SKIP LOCKED LIMIT 1)
    RETURNING id, projection, generation, requested_by, switch, upto, position, sent
"""
REACH = """
    UPDATE rebuilds SET position = $3, sent = $4, upto = $5, lease_until = clock_timestamp() + make_interval(secs => $6)
    WHERE id = $1 AND owner = $2 AND state = 'replaying' RETURNING 1
"""
FINISH = """
    UPDATE rebuilds SET state = $3, error = $4, finished_at = clock_timestamp()
    WHERE id = $1 AND owner = $2 AND state = 'replaying'
"""
RELEASE = "UPDATE rebuilds SET lease_until = '-infinity' WHERE id = $1 AND owner = $2 AND state = 'replaying'"
HEAD = "SELECT last_value FROM log_position"


class Rebuild(msgspec.Struct):
    """One rebuild in this relay's hands. `upto`: the last position to replay, None until it is known."""

    id: UUID
    projection: str
    generation: int
    requested_by: str
    switch: bool
    upto: int | None
    position: int
    sent: int


class NotOurs(Exception):
    """Another relay carries the rebuild on."""


class Rebuilds:
    """This relay's part in rebuilds of `projections`."""

    def __init__(self, pool: Pool, me: UUID, projections: list[str]) -> None:
        self._pool, self._me, self._projections = pool, me, projections

    async def take(self) -> Rebuild | None:
        """A rebuild that nobody carries on, now ours; or None."""
        row = await self._pool.fetchrow(TAKE, self._me, LEASE_SECONDS, self._projections)
        return None if row is None else Rebuild(**dict(row))

    async def head(self) -> int:
        """The last position given out; what is stored later has a higher one."""
        head: int = await self._pool.fetchval(HEAD)
        return head

    async def reach(self, rebuild: Rebuild) -> None:
        """How far it has got is remembered, and the lease renewed. Raises NotOurs."""
        row = (rebuild.id, self._me, rebuild.position, rebuild.sent, rebuild.upto, LEASE_SECONDS)
        if await self._pool.fetchval(REACH, *row) is None:
            raise NotOurs(str(rebuild.id))

    async def finish(self, rebuild: Rebuild, error: str | None = None) -> None:
        """All is sent, or it has failed for a reason that trying again does not mend."""
        await self._pool.execute(FINISH, rebuild.id, self._me, "failed" if error else "replayed", error)

    async def release(self, rebuild: Rebuild) -> None:
        """Another relay may carry it on at once."""
        await self._pool.execute(RELEASE, rebuild.id, self._me)
