"""Sends submissions and their likes through the API, and reads every post back. Many connections at once."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Awaitable, Callable, Iterable, Iterator
from typing import TypeVar

import msgspec

from bench.client import Caller, problem_of
from bench.wire import Answer, request
from cli.submissions import Refusal, Submission

CONNECTIONS = 48
LOOK_SECONDS = 0.05
STEP = 20
"""How many posts further the next look for what is readable goes."""
_VERSION = re.compile(rb"@(\d+)")

T = TypeVar("T")


class Target(msgspec.Struct, frozen=True):
    """Where to, and how to speak for somebody."""

    host: str
    port: int
    token: Callable[[str], str]


class Read(msgspec.Struct, rename="camel"):
    """What is looked at of a post."""

    author: str
    message: str
    likes: int


class Tally(msgspec.Struct):
    """What has been done so far; the progress bars look at it."""

    posts: int = 0
    posts_again: int = 0
    """Of these, how many were there already."""
    likes: int = 0
    likes_again: int = 0
    readable: int = 0
    checked: int = 0


class Sending:
    """One load. `refused` and `wrong` are complete when `run` returns."""

    def __init__(self, target: Target, submissions: list[Submission]) -> None:
        self._target, self._submissions = target, submissions
        self._versions: dict[str, int] = {}
        self._stored: list[Submission] = []
        self.tally = Tally()
        self.refused: list[Refusal] = []
        self.wrong: list[Refusal] = []

    async def run(self) -> None:
        """Everything was sent, and every post that was stored was read back. Raises Unreachable."""
        looking = asyncio.create_task(self._look_for_readable())
        try:
            await each(self._target.host, self._target.port, self._submissions, self._post)
            await each(self._target.host, self._target.port, self._likes(), self._like)
            await each(self._target.host, self._target.port, self._stored, self._check)
        finally:
            looking.cancel()

    def _likes(self) -> Iterator[tuple[Submission, int]]:
        return ((one, number) for one in self._stored for number in range(1, one.likes + 1))

    async def _post(self, caller: Caller, one: Submission) -> None:
        body = msgspec.json.encode({"id": one.post_id, "author": one.author, "message": one.message})
        answer = await caller.ask(request("POST", "/api/v1/posts", self._target.token(one.author), one.key, body))
        there_already = (
            answer.status == 409 and b"already-exists" in answer.body
        )  # loaded long ago: its key is forgotten
        if answer.status != 201 and not there_already:
            self.refused.append(Refusal(one.row, one.id, f"{answer.status}: {problem_of(answer)}"))
            return
        self._stored.append(one)
        self._note_version(one, answer)
        self.tally.posts += 1
        self.tally.posts_again += there_already or answer.header(b"idempotency-replayed") is not None

    async def _like(self, caller: Caller, like: tuple[Submission, int]) -> None:
        one, number = like
        token = self._target.token(f"liker-{number}")
        answer = await caller.ask(request("PUT", f"/api/v1/posts/like/{one.post_id}", token, f"{one.key}-like"))
        if answer.status != 200:
            reason = f"the like of liker-{number}: {answer.status}: {problem_of(answer)}"
            self.refused.append(Refusal(one.row, one.id, reason))
            return
        self._note_version(one, answer)
        self.tally.likes += 1
        self.tally.likes_again += answer.header(b"idempotency-replayed") is not None

    async def _check(self, caller: Caller, one: Submission) -> None:
        """The post reads back as it was sent, not older than the last answer about it."""
        answer = await caller.ask(self._get(one, fresh=True))
        self.tally.checked += 1
        if answer.status != 200:
            self.wrong.append(Refusal(one.row, one.id, f"{answer.status}: {problem_of(answer)}"))
            return
        read = msgspec.json.decode(answer.body, type=Read)
        for field, found, sent in (
            ("author", read.author, one.author), ("text", read.message, one.message),
        ):  # fmt: skip
            if found != sent:
                self.wrong.append(Refusal(one.row, one.id, f"the {field} reads {found[:200]!r}"))
        if read.likes < one.likes:  # more: others like it too
            self.wrong.append(Refusal(one.row, one.id, f"it reads {read.likes} likes and has {one.likes}"))

    async def _look_for_readable(self) -> None:
        """About how many posts can be read, found by looking at every twentieth, in the order they were stored."""
        async with Caller(self._target.host, self._target.port) as caller:
            while True:
                place = min(self.tally.readable + STEP, len(self._stored))
                if place > self.tally.readable:
                    answer = await caller.ask(self._get(self._stored[place - 1], fresh=False))
                    if answer.status == 200:
                        self.tally.readable = place
                        continue
                await asyncio.sleep(LOOK_SECONDS)

    def _get(self, one: Submission, *, fresh: bool) -> bytes:
        made = request("GET", f"/api/v1/posts/{one.post_id}", self._target.token("liker-1"))
        if not fresh:
            return made
        token = f"post-{one.post_id}@{self._versions.get(one.id, 1)}"
        return made[:-2] + f"Consistency-Token: {token}\r\nPrefer: wait=10\r\n\r\n".encode()

    def _note_version(self, one: Submission, answer: Answer) -> None:
        found = _VERSION.search(answer.header(b"consistency-token") or b"")
        if found:
            self._versions[one.id] = max(self._versions.get(one.id, 0), int(found[1]))


async def each(host: str, port: int, items: Iterable[T], do: Callable[[Caller, T], Awaitable[None]]) -> None:
    """`do` was done to every item, by as many callers as there are connections. Raises Unreachable."""
    waiting = iter(items)

    async def work() -> None:
        async with Caller(host, port) as caller:
            # an iterator without awaits inside: the callers share it safely
            for item in waiting:
                await do(caller, item)

    async with asyncio.TaskGroup() as group:
        for _ in range(CONNECTIONS):
            group.create_task(work())
