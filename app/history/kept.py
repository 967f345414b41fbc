"""States kept to fold on from: the fold of a stream's first k events.

A kept state stands for a question only if each of the k events counts in it, so it carries the latest `occurred_at` and
`recorded_at` among them: neither need rise with the version. What is kept could be folded again; losing it costs time.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime
from typing import Any

import msgspec
from sqlalchemy import Text, cast, select
from sqlalchemy.dialects.postgresql import insert

from app.history.reader import Until
from app.history.rows import Rows
from app.store.errors import StoreUnavailable
from app.store.tables import history_snapshots as snapshots
from kernel.aggregate import Aggregate
from kernel.telemetry import get_logger

log = get_logger("history")

LONG_AGO = datetime.min.replace(tzinfo=UTC)
REPLACED = ("schema_version", "state", "occurred_until", "recorded_until")


class Kept(msgspec.Struct, frozen=True):
    """The fold of a stream's first `version` events."""

    version: int
    state: Any
    occurred_until: datetime = LONG_AGO
    recorded_until: datetime = LONG_AGO


class KeptStates:
    """Finds and keeps states in history_snapshots."""

    def __init__(self, rows: Rows) -> None:
        self._rows = rows

    async def find(self, aggregate: Aggregate[Any], stream: str, until: Until) -> Kept | None:
        """The kept state furthest on that stands for the question and has today's shape."""
        query = select(
            snapshots.c.version, cast(snapshots.c.state, Text), snapshots.c.occurred_until, snapshots.c.recorded_until
        ).where(snapshots.c.stream == stream, snapshots.c.schema_version == aggregate.state_version)
        if until.version is not None:
            query = query.where(snapshots.c.version <= until.version)
        if until.as_of is not None:
            query = query.where(snapshots.c.occurred_until <= until.as_of)
        if until.as_known_at is not None:
            query = query.where(snapshots.c.recorded_until <= until.as_known_at)
        for version, state, occurred_until, recorded_until in await self._rows.of(
            query.order_by(snapshots.c.version.desc()).limit(1)
        ):
            decoded = msgspec.json.decode(state, type=aggregate.state_type)
            return Kept(version, decoded, occurred_until, recorded_until)
        return None

    async def keep(self, aggregate: Aggregate[Any], stream: str, states: Iterable[Kept]) -> None:
        """They are kept, in place of those of an older shape. Not being able to harms nobody, and is logged."""
        rows = [
            {
                "stream": stream,
                "version": one.version,
                "schema_version": aggregate.state_version,
                "state": msgspec.to_builtins(one.state, str_keys=True),
                "occurred_until": one.occurred_until,
                "recorded_until": one.recorded_until,
            }
            for one in states
        ]
        statement = insert(snapshots)
        statement = statement.on_conflict_do_update(
            index_elements=[snapshots.c.stream, snapshots.c.version],
            set_={name: statement.excluded[name] for name in REPLACED},
            where=snapshots.c.schema_version < statement.excluded.schema_version,
        )
        try:
            await self._rows.write(statement, rows)
        except StoreUnavailable as error:
            log.warning("states not kept", stream=stream, error=str(error))
