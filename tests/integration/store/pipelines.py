"""The command pipeline of a process, without HTTP: two of them are two processes that know nothing of one another."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any
from uuid import uuid4

import msgspec

from app.commands.answers import Answer, Replayed, fingerprint, make_answer
from app.commands.committer import GroupCommitter
from app.commands.encoding import Encoder, Route
from app.commands.pipeline import Commands, Request, Target
from app.commands.states import States
from app.store.pool import Pool
from domains.posts.post import POST, PostCommand, UpdateMessage, decide
from kernel.domain import load_codec, load_schema

PACKAGE = "domains.posts"


class Body(msgspec.Struct):
    version: int


class Pipeline:
    """One process's commands; `do` sends one to a post."""

    def __init__(self, commands: Commands, states: States) -> None:
        self.commands, self.states = commands, states

    async def do(
        self,
        post_id: str,
        command: PostCommand,
        *,
        key: str | None = None,
        if_match: int | None = None,
        new: bool = False,
    ) -> Answer | Replayed:
        return await self.commands.handle(
            Request("ann", key or uuid4().hex, fingerprint("PUT", post_id, str(command).encode()), if_match),
            [Target(POST, POST.stream(post_id), new)],
            lambda post, now: [decide(post, command, post_id, now)],
            lambda versions: make_answer(200, Body(versions[0][1]), versions),
        )

    async def edit_both(self, first: str, second: str, message: str, second_by: str = "ann") -> list[tuple[str, int]]:
        """(stream, version after) of both posts, edited in one command."""
        after: list[tuple[str, int]] = []

        def answer(versions: list[tuple[str, int]]) -> Answer:
            after[:] = versions
            return make_answer(200, Body(versions[0][1]), versions)

        await self.commands.handle(
            Request("ann", uuid4().hex, fingerprint("PUT", first, message.encode())),
            [Target(POST, POST.stream(first)), Target(POST, POST.stream(second))],
            lambda a, b, now: [
                decide(a, UpdateMessage(by="ann", message=message), first, now),
                decide(b, UpdateMessage(by=second_by, message=message), second, now),
            ],
            answer,
        )
        return after

    async def version_after(self, post_id: str, command: PostCommand, **more: Any) -> int:
        answer = await self.do(post_id, command, **more)
        assert isinstance(answer, Answer)
        return msgspec.json.decode(answer.body, type=Body).version


@asynccontextmanager
async def pipeline(pool: Pool) -> AsyncIterator[Pipeline]:
    codec = load_codec([PACKAGE])
    states = States(pool, codec)
    committer = GroupCommitter(pool, batch=256, seconds=5, failed=states.drop, committed=lambda seconds, outcomes: None)
    encoder = Encoder(codec, {"posts": Route("t.posts", 12, 2, load_schema(PACKAGE))})
    stop = asyncio.Event()
    async with asyncio.TaskGroup() as tasks:
        tasks.create_task(committer.run(stop))
        yield Pipeline(Commands(pool, states, committer, encoder), states)
        stop.set()
