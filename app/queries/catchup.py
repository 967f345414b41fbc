"""What a listener missed: the changes between its last id and the hub's position, from a change stream of its own.

No gap and no repetition: the listener joins the hub, its own stream is read up to the position at which it joined, and
what the hub offers follows on, save what the listener has been told already. Tokens are hexadecimal text that sorts in
the order of the changes (so MongoDB encodes them), which is how "up to" is told.
"""

from __future__ import annotations

import asyncio
import re
from collections.abc import AsyncGenerator

from pymongo.errors import PyMongoError

from app.queries.hub import Hub, PositionLost, token_of
from app.queries.listener import Change, Listener
from app.queries.mongo import Watch, unavailable

_TOKEN = re.compile(r"[0-9A-F]{8,4096}", re.ASCII)
_ROUND = 500
_AWAIT_SECONDS = 0.001


class CatchUp:
    """Reads what listeners missed; a few at a time, for they share MongoDB with readers and with one another."""

    def __init__(self, hub: Hub, at_once: int = 4) -> None:
        self._hub = hub
        self._turns = asyncio.Semaphore(at_once)

    async def read(self, listener: Listener, last_id: str) -> AsyncGenerator[list[Change], None]:
        """Join the hub and yield the changes behind `last_id` that the hub will not offer. Raises PositionLost before
        the first change (then the listener has joined at the hub's position), or ReadModelUnavailable."""
        if not _TOKEN.fullmatch(last_id):
            raise PositionLost("not an id that this stream gave")
        listener.told = last_id  # by a process that was ahead of this one, perhaps
        try:
            watch = await self._hub.open(last_id, _AWAIT_SECONDS)
            try:
                # far behind: catch up before joining, lest the queue overflow meanwhile
                more = True
                while more:
                    missed, more = await self._round(watch, listener, None)
                    yield missed
                until = await self._hub.join(listener)
                more = token_of(watch) < until
                while more:
                    missed, more = await self._round(watch, listener, until)
                    yield missed
            finally:
                await watch.close()
        except PyMongoError as error:
            raise unavailable(error) from error

    async def _round(self, watch: Watch, listener: Listener, until: str | None) -> tuple[list[Change], bool]:
        """The next changes, at most so many and none behind `until`; and whether more are to be read. Without `until`
        that is so as long as MongoDB has more to give."""
        missed: list[Change] = []
        async with self._turns:
            for _ in range(_ROUND):
                change = await self._hub.next(watch)
                if change is None and until is None:
                    return missed, False
                if change is not None and (until is None or change.token <= until):
                    listener.told = change.token
                    if listener.wants(change):
                        missed.append(change)
                if until is not None and token_of(watch) >= until:
                    return missed, False
        return missed, True
