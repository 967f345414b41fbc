"""The archive killed on its way: an event is in one of the two tables all the same, and the next run does the rest."""

from __future__ import annotations

import asyncio
import json
import os
import subprocess
import sys

import asyncpg
import pytest

from app.store.errors import StoreUnavailable
from app.store.pool import Pool
from chaos.system import Ground
from lockstep_testing.facts import eventually
from tests.integration.store.closing import archive, assert_whole, counts, everything, write_removed_posts

WAITING = "SELECT pid FROM pg_locks WHERE relation = 'events_archive'::regclass AND NOT granted"


async def test_a_connection_killed_amid_a_batch_moves_nothing_of_it(pool: Pool, owner: asyncpg.Connection) -> None:
    await write_removed_posts(owner, 5)
    before = await everything(owner)
    async with owner.transaction():
        # the batch has taken its rows out of events, and waits before it may put them into the archive
        await owner.execute("LOCK TABLE events_archive IN SHARE MODE")
        moving = asyncio.create_task(archive(pool))
        pid = await eventually(lambda: owner.fetchval(WAITING))
        await owner.execute("SELECT pg_terminate_backend($1)", pid)
        with pytest.raises(StoreUnavailable):
            await moving
    assert await everything(owner) == before
    assert await counts(owner) == (15, 0)
    assert (await archive(pool)).events == 15
    assert await everything(owner) == before


async def test_the_command_killed_between_batches_is_repeated_to_go_on(
    ground: Ground, database: str, owner: asyncpg.Connection
) -> None:
    await write_removed_posts(owner, 4_000)
    before = await everything(owner)
    command = [sys.executable, "-m", "cli.main", "archive", "--older-than", "0", "-o", "json"]
    environment = {**os.environ, "LOCKSTEP_POSTGRES_DSN": ground.dsn("app", database)}
    killed = await asyncio.create_subprocess_exec(*command, "--batch", "20", env=environment, stdout=subprocess.DEVNULL)
    try:
        await eventually(lambda: owner.fetchval("SELECT true FROM events_archive LIMIT 1"))
    finally:
        killed.kill()
        await killed.wait()
    left, moved = await counts(owner)
    assert left > 0 < moved
    assert await everything(owner) == before
    await assert_whole(owner)

    again = await asyncio.to_thread(
        subprocess.run, command, env=environment, capture_output=True, text=True, check=True
    )
    summary = json.loads(again.stdout)
    assert (await counts(owner))[0] == 0
    assert summary["eventsArchived"] <= left, "a batch that was under way was committed or not"
    assert await everything(owner) == before
