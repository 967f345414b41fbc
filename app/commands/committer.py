"""The group committer: commands of this process that wait while a batch commits go together into the next one.

No timer: a batch is gathered for as long as the one before takes. One batch is in flight at a time. A submission that
was sent runs to its end whatever becomes of the client, and an answer that was lost is asked for again with the same
key, which says whether it had been stored.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Callable, Sequence

import structlog

from app.store.append import REDECIDE, STORED, Outcome, Submission, append
from app.store.errors import RaceLost, StoreUnavailable
from app.store.pool import Pool
from kernel.service import Watchdog

log = structlog.get_logger("committer")

RETRY_SECONDS = 0.05
HALF_BEYOND = 32


class Overloaded(Exception):
    """More commands wait than can be stored in time; nothing was stored. Try again later."""


class _Waiting:
    """A submission that waits for its outcome. `dropped`: it decides again, so it is not to be stored."""

    __slots__ = ("deadline", "dropped", "outcome", "streams", "submission")

    def __init__(self, submission: Submission, outcome: asyncio.Future[Outcome], deadline: float) -> None:
        self.submission, self.outcome, self.deadline, self.dropped = submission, outcome, deadline, False
        self.streams = {write.stream for write in submission.writes}

    def settle(self, outcome: Outcome | Exception) -> None:
        """The client hears of it, if it still listens."""
        if self.outcome.done():
            return
        if isinstance(outcome, Exception):
            self.outcome.set_exception(outcome)
        else:
            self.outcome.set_result(outcome)


class GroupCommitter:
    """Stores submissions in the order they come. `failed(streams)` is called at once when one was not stored,
    `committed(seconds, outcomes)` after each commit."""

    def __init__(
        self,
        pool: Pool,
        *,
        batch: int,
        seconds: float,
        failed: Callable[[Sequence[str]], None],
        committed: Callable[[float, list[str]], None],
        watchdog: Watchdog | None = None,
        waiting_limit: int = 4_000,
    ) -> None:
        self._pool, self._batch, self._seconds = pool, batch, seconds
        self._failed, self._committed, self._limit = failed, committed, waiting_limit
        self._watchdog = watchdog or Watchdog(seconds)
        self._waiting: deque[_Waiting] = deque()
        self._arrived = asyncio.Event()
        self._loop = asyncio.get_running_loop()
        self._last: asyncio.Future[Outcome] = self._loop.create_future()
        self._last.cancel()

    def submit(self, submission: Submission) -> asyncio.Future[Outcome]:
        """The outcome to come; StoreUnavailable when it stayed unknown. Raises Overloaded: nothing was sent."""
        if len(self._waiting) >= self._limit:
            raise Overloaded(f"{self._limit} commands wait already")
        outcome: asyncio.Future[Outcome] = self._loop.create_future()
        self._waiting.append(_Waiting(submission, outcome, self._loop.time() + self._seconds))
        self._arrived.set()
        self._last = outcome
        return outcome

    async def settled(self) -> None:
        """Everything submitted before this call has its outcome."""
        await asyncio.wait([self._last])

    async def run(self, stop: asyncio.Event) -> None:
        """Commit until asked to stop, and then until nothing waits."""
        stopped = asyncio.ensure_future(stop.wait())
        stopped.add_done_callback(lambda _: self._arrived.set())
        try:
            while self._waiting or not stop.is_set():
                if not self._waiting:
                    self._arrived.clear()
                    await self._arrived.wait()
                    continue
                self._watchdog.progress("committer")
                await self._commit(self._gather())
                self._watchdog.done("committer")
        finally:
            stopped.cancel()

    def _gather(self) -> list[_Waiting]:
        """The next batch, in order: half of what waits, unless that is little, so that answers go out and new commands
        come in while the other half commits. Cut before a second command on one claim, which must see what the first
        did."""
        batch: list[_Waiting] = []
        claimed: set[tuple[str, str]] = set()
        limit = min(self._batch, max(HALF_BEYOND, len(self._waiting) // 2))
        while self._waiting and len(batch) < limit:
            claims = {(claim.scope, claim.value) for claim in self._waiting[0].submission.claims}
            if claims & claimed:
                break
            claimed |= claims
            batch.append(self._waiting.popleft())
        return batch

    async def _commit(self, batch: list[_Waiting]) -> None:
        started = self._loop.time()
        try:
            outcomes = await append(self._pool, [one.submission for one in batch], self._seconds)
        except (RaceLost, StoreUnavailable) as error:
            log.warning("batch failed, retrying one by one", commands=len(batch), error=type(error).__name__)
            for one in batch:
                if not one.dropped:
                    self._settle(one, await self._commit_alone(one, error), batch)
        except Exception as error:  # a bug, or a database that is not ours: those who wait must hear of it
            log.exception("batch failed")
            for one in batch:
                self._settle(one, error, batch)
        else:
            for one, outcome in zip(batch, outcomes, strict=True):
                self._settle(one, outcome, [])
            self._committed(self._loop.time() - started, [outcome.kind for outcome in outcomes])

    async def _commit_alone(self, one: _Waiting, error: Exception) -> Outcome | Exception:
        """One command's outcome, asked for until its deadline; after that, why it is not known."""
        while (started := self._loop.time()) < one.deadline:
            try:
                (outcome,) = await append(self._pool, [one.submission], self._seconds)
            except (RaceLost, StoreUnavailable) as again:
                error = again
                await asyncio.sleep(RETRY_SECONDS)
            except Exception as bug:
                log.exception("command failed")
                return bug
            else:
                if outcome.kind == "replayed" and outcome.answer == one.submission.answer:
                    outcome = STORED  # it was this very try whose answer was lost
                self._committed(self._loop.time() - started, [outcome.kind])
                return outcome
        return StoreUnavailable(str(error))

    def _settle(self, one: _Waiting, outcome: Outcome | Exception, batch: list[_Waiting]) -> None:
        """`batch`: those sent together with `one` whose own outcome is still to come."""
        if isinstance(outcome, Exception) or outcome.kind != "stored":
            self._drop_behind(one, batch)
        one.settle(outcome)

    def _drop_behind(self, failed: _Waiting, batch: list[_Waiting]) -> None:
        """Whoever was decided on the state that `failed` would have left decides again.

        Otherwise one of them could find the version it expects, written by another process, and be stored although it
        was decided on another history.
        """
        tainted = set(failed.streams)
        place = batch.index(failed) + 1 if batch else 0
        for one in (*batch[place:], *self._waiting):
            if one.streams & tainted:
                tainted |= one.streams
                one.dropped = True
                one.settle(REDECIDE)
        self._waiting = deque(one for one in self._waiting if not one.dropped)
        self._failed(list(tainted))
