"""A writer whose transaction is held open as long as a test likes: the rows of an append, in plain SQL, as the app's
own database role. Only tests and scenarios write like this: it is how commits come late, or in the wrong order.
"""

from __future__ import annotations

import json
from datetime import UTC, datetime
from uuid import uuid4

import asyncpg
from aiokafka.partitioner import murmur2

from chaos.system import LANES, System

PARTITIONS = 12

PUT_STREAM = """
    INSERT INTO streams (stream, category, version) VALUES ($1, 'post', $2)
    ON CONFLICT (stream) DO UPDATE SET version = excluded.version
"""
PUT_EVENT = """
    INSERT INTO events (stream, version, event_id, type, schema_version, data, metadata, occurred_at, position)
    VALUES ($1, $2, $3, $4, 1, $5::text::jsonb, $6::text::jsonb, $7, $8)
"""
PUT_ROW = """
    INSERT INTO outbox (position, lane, topic, partition, key, stream, version, event_id, type, occurred_at, payload)
    VALUES ($1, $2, $3, $4, $5, $5, $6, $7, $8, $9, $10)
"""


class ScriptedWriter:
    """One connection with one open transaction; make it with `begin`. `xid` is taken at once."""

    def __init__(self, system: System, connection: asyncpg.Connection) -> None:
        self._system, self._connection = system, connection
        self.xid = 0

    @classmethod
    async def begin(cls, system: System) -> ScriptedWriter:
        writer = cls(system, await asyncpg.connect(system.ground.dsn("app", system.name)))
        await writer._connection.execute("SET idle_in_transaction_session_timeout = 0")
        await writer._connection.execute("BEGIN")
        writer.xid = await writer._connection.fetchval("SELECT pg_current_xact_id()::text::bigint")
        return writer

    async def create(self, stream: str = "", correlation: str = "") -> str:
        """A new post, version 1. `correlation` names the command that wrote it, for whoever keeps a history."""
        stream = stream or f"post-{uuid4()}"
        now = datetime.now(UTC)
        data = {"author": "script", "message": "late", "datePosted": now.strftime("%Y-%m-%dT%H:%M:%S.%fZ")}
        await self._put(stream, 1, "PostCreated", data, now, correlation)
        return stream

    async def edit(self, stream: str, version: int, correlation: str = "") -> None:
        """The version after `version - 1`, which must be visible."""
        await self._put(
            stream, version, "MessageUpdated", {"message": f"text {version}"}, datetime.now(UTC), correlation
        )

    async def _put(
        self, stream: str, version: int, kind: str, data: dict[str, str], now: datetime, correlation: str
    ) -> None:
        position = await self._connection.fetchval("SELECT nextval('log_position')")
        event_id = uuid4()
        partition = (murmur2(stream.encode()) & 0x7FFFFFFF) % PARTITIONS
        named = {"correlation_id": correlation} if correlation else {}
        metadata = json.dumps({"command_id": str(uuid4()), "principal": "script", **named})
        payload = json.dumps({**data, "postId": stream.removeprefix("post-")}).encode()
        await self._connection.execute(PUT_STREAM, stream, version)
        await self._connection.execute(
            PUT_EVENT, stream, version, event_id, kind, json.dumps(data), metadata, now, position
        )
        await self._connection.execute(
            PUT_ROW, position, partition % LANES, self._system.topic, partition, stream, version, event_id,
            f"posts.{kind}.v1", now, payload,
        )  # fmt: skip

    async def commit(self) -> None:
        await self._end("COMMIT")

    async def rollback(self) -> None:
        await self._end("ROLLBACK")

    async def _end(self, how: str) -> None:
        await self._connection.execute(how)
        await self._connection.close()
