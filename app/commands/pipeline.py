"""The path of one command: idempotency → load → decide → append, and again when another was first.

A refusal is final only when it was decided on a state read after the command arrived, and when the command's key holds
no earlier answer: a retry gets its first answer even where the command would now be refused.
"""

from __future__ import annotations

import asyncio
import random
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from typing import Any, NamedTuple, cast

import structlog

from app.commands.answers import Answer, Replayed, first_difference, from_text, same_request, to_text
from app.commands.committer import GroupCommitter
from app.commands.encoding import Encoder, versions
from app.commands.errors import Contended, KeyInFlight, KeyReused, PreconditionFailed
from app.commands.states import State, States
from app.store.append import ClaimWrite, Submission
from app.store.errors import StoreUnavailable
from app.store.pool import Pool
from app.store.read import find_answer, save_snapshot
from kernel.aggregate import Aggregate, Claim, ClaimRefusal, Decision, DomainError
from kernel.identifiers import uuid7

log = structlog.get_logger("commands")

ATTEMPTS = 12
"""Decisions on one command before giving up; each but the first follows somebody else's success on the stream."""


class Request(NamedTuple):
    """What every command brings with it."""

    principal: str
    key: str | None
    fingerprint: bytes
    if_match: int | None = None
    correlation_id: str | None = None
    traceparent: str | None = None


class Target(NamedTuple):
    """A stream that a command may write. `new`: its id was just made, so there is nothing to load."""

    aggregate: Aggregate[Any]
    stream: str
    new: bool = False


Decide = Callable[..., Sequence[Decision]]
"""(state of each target…, now) → a decision for each target."""

MakeAnswer = Callable[[list[tuple[str, int]]], Answer]
"""[(stream, version after)…] → the answer, known before the commit because versions are."""


class Commands:
    """Handles commands. One per process."""

    def __init__(self, pool: Pool, states: States, committer: GroupCommitter, encoder: Encoder) -> None:
        self._pool, self._states, self._committer, self._encoder = pool, states, committer, encoder
        self._in_flight: dict[tuple[str, str], bytes] = {}
        self._background: set[asyncio.Task[None]] = set()

    async def handle(
        self, request: Request, targets: Sequence[Target], decide: Decide, answer: MakeAnswer
    ) -> Answer | Replayed:
        """The answer once everything it says is durable.

        Raises DomainError, PreconditionFailed, KeyReused, KeyInFlight, Contended (nothing stored), or StoreUnavailable
        (unknown: the same key tells).
        """
        command_id = uuid7()
        if request.key is None:
            return await self._attempt(request, command_id, command_id, targets, decide, answer)
        slot = (request.principal, request.key)
        first = self._in_flight.get(slot)
        if first is not None:
            self._refuse_other_request(first, request, request.key)
            raise KeyInFlight(request.key)
        self._in_flight[slot] = request.fingerprint
        try:
            return await self._attempt(request, request.key, command_id, targets, decide, answer)
        finally:
            del self._in_flight[slot]

    async def _attempt(
        self,
        request: Request,
        key: str,
        command_id: str,
        targets: Sequence[Target],
        decide: Decide,
        make_answer: MakeAnswer,
    ) -> Answer | Replayed:
        metadata = self._encoder.metadata(command_id, request.principal, request.correlation_id, request.traceparent)
        headers = self._encoder.headers(request.traceparent)
        fresh, nothing = False, False
        for attempt in range(ATTEMPTS):
            if attempt and fresh:
                await asyncio.sleep(random.uniform(0, 0.002 * attempt))
            states = await self._load(targets, fresh, first=attempt == 0)
            try:
                self._check_if_match(request, targets[0], states[0])
                now = datetime.now(UTC)
                decisions = decide(*(state.state for state in states), now)
            except (DomainError, PreconditionFailed):
                if fresh:
                    replay = await self._earlier_answer(request, key)
                    if replay is not None:
                        return replay
                    raise
                fresh = True
                continue
            if nothing:
                decisions = [Decision() for _ in decisions]

            # from here to submit nothing awaits: no other command can be decided on the same state
            after: list[State] = []
            writes, events, claims = [], [], []
            for target, state, decision in zip(targets, states, decisions, strict=True):
                new_state, write, new_events, new_claims = self._encoder.stream(
                    target.aggregate, target.stream, state.state, state.version, decision, now, metadata, headers
                )
                after.append(State(new_state, write.version))
                writes.append(write)
                events += new_events
                claims += new_claims
            answer = make_answer(versions(writes))
            outcome = self._committer.submit(
                Submission(
                    request.principal, key, request.fingerprint, to_text(answer), tuple(writes), tuple(claims),
                    tuple(events),
                )
            )  # fmt: skip
            for target, kept in zip(targets, after, strict=True):
                if kept.version:
                    self._states.put(target.stream, kept)

            result = await outcome  # whoever stops waiting here stops nothing: the submission runs on
            match result.kind:
                case "stored":
                    self._snapshot(targets, states, after)
                    return answer
                case "replayed":
                    return Replayed(from_text(cast(str, result.answer)))
                case "key-reused":
                    replay = await self._earlier_answer(request, key)
                    if replay is not None:
                        return replay  # a release that made fingerprints otherwise stored it
                    fresh = True
                case "conflict" | "redecide":
                    fresh = result.kind == "conflict"
                case refusal:
                    error = _refusal(targets, decisions, refusal, result.claim)
                    if error is not None:
                        raise error
                    nothing = True
        raise Contended(targets[0].stream)

    async def _load(self, targets: Sequence[Target], fresh: bool, first: bool) -> list[State]:
        """Each target's state; `fresh`: read from the store now, whatever is kept."""
        if fresh:
            await self._committer.settled()  # what is under way on these streams is history by then
            self._states.drop([target.stream for target in targets])
        made = {target.stream: State(target.aggregate.initial, 0) for target in targets if target.new and first}
        # all are looked up again after the last read: the one read first may have moved on meanwhile
        found = [made.get(target.stream) or self._states.get(target.stream) for target in targets]
        while None in found:
            loaded = {
                target.stream: await self._states.load(target.aggregate, target.stream)
                for target, state in zip(targets, found, strict=True)
                if state is None
            }
            known = made | loaded
            found = [self._states.get(target.stream) or known.get(target.stream) for target in targets]
        return cast(list[State], found)

    def _check_if_match(self, request: Request, target: Target, state: State) -> None:
        if request.if_match is not None and request.if_match != state.version:
            raise PreconditionFailed(target.stream, request.if_match, state.version)

    async def _earlier_answer(self, request: Request, key: str) -> Replayed | None:
        """What this key was answered before: by an earlier request, or by a try of this one whose outcome was lost."""
        stored = await find_answer(self._pool, request.principal, key)
        if stored is None:
            return None
        known, text = stored
        self._refuse_other_request(known, request, key)
        return Replayed(from_text(text))

    def _refuse_other_request(self, known: bytes, request: Request, key: str) -> None:
        if not same_request(known, request.fingerprint):
            raise KeyReused(key, first_difference(known, request.fingerprint))

    def _snapshot(self, targets: Sequence[Target], before: Sequence[State], after: Sequence[State]) -> None:
        for target, old, new in zip(targets, before, after, strict=True):
            every = target.aggregate.snapshot_every
            if old.version // every != new.version // every:
                task = asyncio.create_task(self._save_snapshot(target, new))
                self._background.add(task)
                task.add_done_callback(self._background.discard)

    async def _save_snapshot(self, target: Target, state: State) -> None:
        try:
            await save_snapshot(self._pool, target.aggregate, target.stream, state.state, state.version)
        except StoreUnavailable as error:  # it only saves time later
            log.warning("snapshot not saved", stream=target.stream, error=str(error))


def _refusal(
    targets: Sequence[Target], decisions: Sequence[Decision], kind: ClaimRefusal, refused: ClaimWrite | None
) -> DomainError | None:
    """What the claim's own decision says of its refusal."""
    assert refused is not None
    streams = [target.stream for target in targets]
    decision = decisions[streams.index(refused.stream)]
    if decision.if_refused is None:
        return None
    return decision.if_refused(kind, Claim(refused.op, refused.scope, refused.value, refused.holder))
