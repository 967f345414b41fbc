"""How fresh a projection's documents are, as its projectors tell: for answers that no token waits for, like reports.

`completeUntil` is a moment (by the projectors' clocks) until when all that was published is in the documents, in every
partition; null where some partition has never been caught up with. Streams that are parked are counted beside it.
"""

from __future__ import annotations

from datetime import UTC, datetime

import msgspec

from app.queries.documents import Documents
from kernel.projection import PROJECTIONS


class Progress(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    """Everything published until `completeUntil` is in the answer, save the events of streams that are parked."""

    complete_until: str | None
    behind_seconds: float | None
    parked_streams: int
    paused: bool


async def find_progress(documents: Documents, projection: str) -> Progress:
    """How far the projection had got when this was asked. Ask before reading what it is told of."""
    row = await documents.get(PROJECTIONS, projection) or {}
    complete, partitions = row.get("complete", {}), row.get("partitions", 0)
    until = min(complete.values()) if partitions and len(complete) == partitions else None
    behind = None
    if until is not None:
        behind = max(0.0, round((datetime.now(UTC) - datetime.fromisoformat(until)).total_seconds(), 3))
    return Progress(
        complete_until=until,
        behind_seconds=behind,
        parked_streams=sum(row.get("parked", {}).values()),
        paused=bool(row.get("paused")),
    )
