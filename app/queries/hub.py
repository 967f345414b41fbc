"""One change stream for all who listen: follows the primary collections and offers each change to every listener.

A change is offered before the position moves past it, so whoever resumes at a position has missed nothing. The hub
never waits for a listener. It follows only while somebody listens; MongoDB gone is waited out and resumed from where
it stopped; a position that MongoDB no longer holds ends in a reset that everybody is told of.
"""

from __future__ import annotations

import asyncio
import random
from collections.abc import Iterable, Mapping
from typing import Any

from pymongo.errors import OperationFailure, PyMongoError

from app.queries.errors import ReadModelUnavailable
from app.queries.listener import Change, Listener
from app.queries.mongo import Mongo, Watch, unavailable
from app.queries.owners import Owners
from kernel.projection import Projection
from kernel.telemetry import get_logger

AWAIT_SECONDS = 1.0
"""How long MongoDB holds a question for more before it says that there is none; an idle hub costs one a second."""

_FIRST_PAUSE_SECONDS, _MAX_PAUSE_SECONDS = 0.1, 5.0

_PASSING = frozenset({50, 91, 189, 262, 10107, 11600, 11602, 13435, 13436})
"""Server errors of shutting down, stepping down and taking too long: what follows is to try again. All others mean
that this position cannot be resumed (286 history lost, 280 fatal, 260 and its like: not a token)."""


class PositionLost(Exception):
    """MongoDB no longer holds, or never knew, the position to resume from."""


class Hub:
    """Follows the changes of the given projections' primary collections for a process's listeners."""

    def __init__(self, mongo: Mongo, projections: Iterable[Projection]) -> None:
        projections = list(projections)
        self._mongo = mongo
        self._owners = Owners(mongo, projections)
        self._domains = {
            collection: projection.domain for projection in projections for collection in projection.primary_collections
        }
        self._listeners: set[Listener] = set()
        self._task: asyncio.Task[None] | None = None
        self._opening = asyncio.Lock()
        self._log = get_logger("changes")
        self.position = ""
        """All changes up to this token have been offered to all listeners."""

    @property
    def domains(self) -> frozenset[str]:
        """Whose changes are followed."""
        return frozenset(self._domains.values())

    async def join(self, listener: Listener) -> str:
        """From here on the listener is offered every change behind the position returned. Raises
        ReadModelUnavailable."""
        async with self._opening:
            if self._task is None:
                try:
                    watch = await self._open_now()
                except (PyMongoError, PositionLost) as error:
                    raise unavailable(error) from error
                self._task = asyncio.create_task(self._follow(watch))
            self._listeners.add(listener)
            return self.position

    def leave(self, listener: Listener) -> None:
        """The listener is offered nothing more; the last one to leave stops the following."""
        self._listeners.discard(listener)

    async def close(self) -> None:
        if (task := self._task) is not None:
            task.cancel()
            await asyncio.gather(task, return_exceptions=True)

    async def open(self, resume_after: str | None, wait_seconds: float) -> Watch:
        """A change stream from a position, or from now. Raises PositionLost, or the driver's errors."""
        collections = {"$in": sorted(self._domains)}
        pipeline: list[dict[str, Any]] = [
            {"$match": {"ns.coll": collections, "operationType": {"$in": ["insert", "update", "replace"]}}},
            # who and how far, nothing more: the documents themselves never travel
            {
                "$project": {
                    "ns.coll": 1,
                    "documentKey._id": 1,
                    "version": {"$ifNull": ["$fullDocument.version", "$updateDescription.updatedFields.version"]},
                }
            },
        ]
        try:
            return await self._mongo.watch(pipeline, {"_data": resume_after} if resume_after else None, wait_seconds)
        except OperationFailure as error:
            raise _lost_or_passing(error) from error

    async def next(self, watch: Watch) -> Change | None:
        """The next change, or None after a while without one. Raises PositionLost, ReadModelUnavailable (whose stream
        it is cannot be found out now; the change is not passed over), or the driver's errors."""
        try:
            raw = await watch.try_next()
        except OperationFailure as error:
            raise _lost_or_passing(error) from error
        if raw is None and not watch.alive:
            raise PositionLost("the database was dropped")
        return None if raw is None else await self._change(raw)

    async def _open_now(self) -> Watch:
        """A change stream from now, and `position` where that is."""
        watch = await self.open(None, AWAIT_SECONDS)
        # with changes in its first answer already, MongoDB says where it stands by the first of them only: what came
        # before that is before now
        while watch.resume_token is None:
            await self.next(watch)
        self.position = token_of(watch)
        return watch

    async def _follow(self, watch: Watch) -> None:
        try:
            while self._listeners:
                try:
                    change = await self.next(watch)
                    if change is not None:
                        for listener in list(self._listeners):
                            listener.offer(change)
                    self.position = token_of(watch)
                except (PyMongoError, PositionLost, ReadModelUnavailable) as error:
                    watch = await self._reopen(watch, error)
        except Exception:
            self._log.exception("the stream of changes stopped")
            for listener in list(self._listeners):
                listener.end("interrupted")
        finally:
            self._task = None
            await watch.close()

    async def _reopen(self, watch: Watch, error: Exception) -> Watch:
        """The stream again, from the position or, should that be lost, from now with a reset to all."""
        pause = _FIRST_PAUSE_SECONDS
        await watch.close()
        while True:
            self._log.warning(
                "the stream of changes was interrupted", error=str(error), code=getattr(error, "code", None)
            )
            await asyncio.sleep(pause * random.uniform(0.5, 1.0))
            pause = min(pause * 2, _MAX_PAUSE_SECONDS)
            try:
                if not isinstance(error, PositionLost):
                    return await self.open(self.position, AWAIT_SECONDS)
                watch = await self._open_now()
            except PositionLost as lost:
                error = lost
            except (PyMongoError, ReadModelUnavailable) as other:
                # a lost position stays lost, whatever the next attempt fails of
                error = error if isinstance(error, PositionLost) else other
            else:
                for listener in list(self._listeners):
                    listener.reset(self.position, "too-old")
                return watch

    async def _change(self, raw: Mapping[str, Any]) -> Change | None:
        version = raw.get("version")
        if version is None:
            return None  # something about the document changed, but its stream has not moved
        collection, stream = raw["ns"]["coll"], raw["documentKey"]["_id"]
        owner = await self._owners.of(collection, stream)
        return Change(raw["_id"]["_data"], stream, version, self._domains[collection], owner)


def token_of(watch: Watch) -> str:
    """Where the stream stands: behind the last change it gave, or further on if MongoDB said so; "" if unknown yet."""
    token = watch.resume_token
    return "" if token is None else str(token["_data"])


def _lost_or_passing(error: OperationFailure) -> Exception:
    return error if error.code in _PASSING else PositionLost(f"MongoDB cannot resume (code {error.code})")
