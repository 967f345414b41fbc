"""A client that listens to live changes, comes back with Last-Event-ID whenever its connection ends, and writes down
every version it hears of.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from typing import Any

import httpx
import msgspec

from chaos.journal import Client, Journal
from chaos.system import System

AGAIN_SECONDS = 0.3


class Listener:
    """One listener; it hears from its first `ready` on."""

    def __init__(self, system: System, journal: Journal, name: str) -> None:
        self._system, self._journal, self.name = system, journal, name
        self._client = Client(journal)
        self._last_id: str | None = None
        self._ready = asyncio.Event()
        self.heard = self.connections = 0
        self.resets = 0
        """How often it was told that changes were lost to it, and to read everything anew."""

    @asynccontextmanager
    async def listening(self) -> AsyncIterator[None]:
        """It listens while the block lasts."""
        task = asyncio.create_task(self._run())
        try:
            await asyncio.wait_for(self._ready.wait(), 30)
            yield
        finally:
            task.cancel()
            await asyncio.wait({task})

    async def _run(self) -> None:
        async with self._system.client(self.name, timeout=30) as client:
            while True:
                with suppress(httpx.HTTPError):
                    headers = {"Last-Event-ID": self._last_id} if self._last_id else {}
                    async with client.stream("GET", "/changes", headers=headers) as answer:
                        if answer.status_code == 200:
                            self.connections += 1
                            await self._hear(answer)
                await asyncio.sleep(AGAIN_SECONDS)

    async def _hear(self, answer: httpx.Response) -> None:
        event: dict[str, str] = {}
        async for line in answer.aiter_lines():
            if line:
                name, _, value = line.partition(": ")
                event[name] = value
                continue
            self._take(event)
            event = {}

    def _take(self, event: dict[str, str]) -> None:
        if "id" in event:
            self._last_id = event["id"]
        match event.get("event"):
            case "ready":
                if not self._ready.is_set():
                    self._note({})
                self._ready.set()
            case "changed":
                data = msgspec.json.decode(event["data"], type=dict[str, Any])
                self.heard += 1
                self._note({data["stream"]: data["version"]})
            case "reset":
                self.resets += 1
                self._note({}, reset=True)

    def _note(self, versions: dict[str, int], *, reset: bool = False) -> None:
        asked = self._journal.asked(self._client, "hear", principal=self.name)
        self._journal.told(self._client, asked, ["200"], versions=versions, seen={"reset": True} if reset else {})
