"""What the committer drops when a submission fails: whoever was decided on the state it would have left, no one else.

The store here is a script of outcomes: which command fails, and when, is what a real one cannot be told.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from typing import Any

import pytest

import app.commands.committer as module
from app.commands.committer import GroupCommitter, Overloaded
from app.store.append import STORED, ClaimWrite, Outcome, StreamWrite, Submission
from app.store.errors import RaceLost, StoreUnavailable

CONFLICT = Outcome("conflict", 9)


def submission(key: str, *streams: str) -> Submission:
    return Submission("ann", key, b"", f"answer {key}", tuple(StreamWrite(s, "c", 0, 1) for s in streams), (), ())


class Script:
    """A store that answers each key as told, and keeps what it was sent."""

    def __init__(self, **told: Outcome | Exception | list[Outcome | Exception]) -> None:
        self.told = {key: told_one if isinstance(told_one, list) else [told_one] for key, told_one in told.items()}
        self.sent: list[list[str]] = []
        self.gate, self.asked = asyncio.Event(), asyncio.Event()

    async def append(self, _: Any, batch: Sequence[Submission], timeout: float) -> list[Outcome]:
        self.sent.append([one.key for one in batch])
        self.asked.set()
        await self.gate.wait()
        outcomes = []
        for one in batch:
            told = self.told.get(one.key, [STORED])
            outcome = told.pop(0) if len(told) > 1 else told[0]
            if isinstance(outcome, Exception):
                raise outcome
            outcomes.append(outcome)
        return outcomes


@asynccontextmanager
async def committing(
    script: Script, monkeypatch: pytest.MonkeyPatch, seconds: float = 5, **more: Any
) -> AsyncIterator[tuple[GroupCommitter, list[str]]]:
    monkeypatch.setattr(module, "append", script.append)
    failed: list[str] = []
    stop = asyncio.Event()
    committer = GroupCommitter(
        None, batch=10, seconds=seconds, failed=failed.extend, committed=lambda _seconds, _outcomes: None, **more
    )
    async with asyncio.TaskGroup() as tasks:
        tasks.create_task(committer.run(stop))
        yield committer, failed
        script.gate.set()
        stop.set()


async def test_those_who_wait_while_a_batch_commits_go_together(monkeypatch: pytest.MonkeyPatch) -> None:
    script = Script()
    async with committing(script, monkeypatch) as (committer, _):
        one = committer.submit(submission("a", "s"))
        await script.asked.wait()
        more = [committer.submit(submission(key, key)) for key in "bcd"]
        script.gate.set()
        assert {(await outcome).kind for outcome in (one, *more)} == {"stored"}
    assert script.sent == [["a"], ["b", "c", "d"]]


async def test_a_failure_sends_those_behind_it_back_to_decide_again(monkeypatch: pytest.MonkeyPatch) -> None:
    script = Script(a=CONFLICT)
    async with committing(script, monkeypatch) as (committer, failed):
        first = committer.submit(submission("a", "s"))
        await script.asked.wait()
        behind = committer.submit(submission("b", "s", "t"))
        further = committer.submit(submission("c", "t"))
        apart = committer.submit(submission("d", "u"))
        script.gate.set()
        outcomes = [(await outcome).kind for outcome in (first, behind, further, apart)]
    assert outcomes == ["conflict", "redecide", "redecide", "stored"]
    assert script.sent == [["a"], ["d"]]
    assert set(failed) == {"s", "t"}


async def test_a_lost_race_is_run_again_one_by_one(monkeypatch: pytest.MonkeyPatch) -> None:
    script = Script(b=[RaceLost(), CONFLICT])
    async with committing(script, monkeypatch) as (committer, _):
        outcomes = [committer.submit(submission(key, stream)) for key, stream in [("a", "s"), ("b", "t"), ("c", "t")]]
        script.gate.set()
        kinds = [(await outcome).kind for outcome in outcomes]
    assert kinds == ["stored", "conflict", "redecide"]
    assert script.sent == [["a", "b", "c"], ["a"], ["b"]]


async def test_a_lost_answer_is_asked_for_with_the_same_key(monkeypatch: pytest.MonkeyPatch) -> None:
    """Stored by the try whose answer was lost: the key's answer is ours. By another request: it is not."""
    ours, theirs = Outcome("replayed", None, "answer a"), Outcome("replayed", None, "another")
    script = Script(a=[StoreUnavailable(), ours], b=theirs)
    async with committing(script, monkeypatch) as (committer, _):
        outcomes = [committer.submit(submission(key, key)) for key in "ab"]
        script.gate.set()
        assert [(await outcome).kind for outcome in outcomes] == ["stored", "replayed"]


async def test_who_is_sent_back_is_not_stored_even_if_his_client_left(monkeypatch: pytest.MonkeyPatch) -> None:
    """A client's leaving must not hide from the committer that others were decided on what it sent."""
    script = Script(a=[RaceLost(), STORED])
    async with committing(script, monkeypatch) as (committer, _):
        left = committer.submit(submission("a", "s"))
        behind = committer.submit(submission("b", "s"))
        await script.asked.wait()
        left.cancel()
        script.gate.set()
        assert (await behind).kind == "stored"
    assert script.sent == [["a", "b"], ["a"], ["b"]]


async def test_past_its_deadline_an_outcome_stays_unknown(monkeypatch: pytest.MonkeyPatch) -> None:
    script = Script(a=StoreUnavailable("gone"))
    async with committing(script, monkeypatch, seconds=0.2) as (committer, failed):
        outcome = committer.submit(submission("a", "s"))
        script.gate.set()
        with pytest.raises(StoreUnavailable, match="gone"):
            await outcome
        assert failed == ["s"]
        assert (await committer.submit(submission("b", "s"))).kind == "stored"


async def test_more_than_can_wait_are_turned_away_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    script = Script()
    async with committing(script, monkeypatch, waiting_limit=2) as (committer, _):
        for key in "ab":
            committer.submit(submission(key, key))
        with pytest.raises(Overloaded):
            committer.submit(submission("c", "c"))


async def test_two_commands_on_one_claim_never_share_a_batch(monkeypatch: pytest.MonkeyPatch) -> None:
    claim = (ClaimWrite("take", "likes", "v", "ann", "s"),)
    script = Script()
    async with committing(script, monkeypatch) as (committer, _):
        for key in "abc":
            committer.submit(
                Submission("ann", key, b"", "", (StreamWrite(key, "c", 0, 1),), claim if key != "b" else (), ())
            )
    assert script.sent == [["a", "b"], ["c"]]
